"""The report as one HTML file: no script, nothing loaded from anywhere, every word escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine.delivery import glossary, words
from engine.delivery.contents import CaseLine, Contents, TextLine
from engine.evaluation.evidence import Flip, GateName
from engine.evaluation.gates import GateResult
from engine.visible import printable

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

HERE = Path(__file__).parent
SIGNS = {"ship": "✓", "hold": "?", "do-not-ship": "✗"}
ORDER: tuple[Flip, ...] = ("broken", "fixed", "both_wrong", "both_right", "unanswered")
SECTIONS = {
    "questions": "The questions",
    "limits": "What this report cannot tell",
    "people": "Signatures, rulings, amendments",
    "gates": "Each question in detail",
    "intents": "Domain cases by intent",
    "training": "Training",
    "data": "Suites and data",
    "again": "How to compute it again",
    "terms": "Terms",
    "cases": "Every case",
    "texts": "General texts",
}


def as_html(contents: Contents) -> str:
    """The page; it stands alone, follows the reader's colours, and prints."""
    from markupsafe import Markup

    from engine.delivery.charts import loss_plot, slice_plot

    absent = {"intents": not contents.slices, "texts": not contents.texts}
    curves, slices = contents.training.curves, contents.slices
    return _template().render(
        c=contents,
        words=words,
        glossary=glossary,
        anchor=anchor,
        css=Markup((HERE / "report.css").read_text(encoding="utf-8")),
        title=words.TITLES[contents.verdict.verdict],
        sign=SIGNS[contents.verdict.verdict],
        sections=[(id_, name) for id_, name in SECTIONS.items() if not absent.get(id_)],
        plots={gate.gate: _plot(gate) for gate in contents.verdict.gates},
        losses=loss_plot(curves) if curves else "",
        intents=slice_plot(slices) if slices else "",
        sources=list(_sources(contents)),
        recipe=msgspec.to_builtins(contents.run.recipe),
        cases=sorted(contents.cases, key=_rank),
        texts=[_text_row(line) for line in sorted(contents.texts, key=_rise, reverse=True)],
    )


@lru_cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html.j2")


def _shown(value: Any) -> Any:
    """What stands for a value: control characters are made visible, then Jinja escapes it."""
    # Markup is a str of our own making, charts and style, and holds no outside word unescaped.
    return printable(value) if type(value) is str else value


def anchor(suite: str, case: str) -> str:
    """The id of a case's row: names may hold anything, digests only letters and digits."""
    named = f"{suite}\n{case}".encode("utf-8", "replace")
    return f"case-{hashlib.sha256(named).hexdigest()[:16]}"


def _plot(gate: GateResult) -> Markup | str:
    from engine.delivery.charts import Span, interval_plot

    scale, unit = _UNITS.get(gate.gate, (100.0, "change of the share passed, points"))
    spans = [
        Span(part.suite or "all cases", part.estimate * scale, *(v * scale for v in part.interval))
        for part in (gate.parts or (gate,))
        if part.estimate is not None and part.interval is not None
    ]
    if not spans:
        return ""
    limit = None if gate.limit is None else gate.limit * scale
    return interval_plot(
        spans, limit, good="below" if gate.gate == "forgetting" else "above", unit=unit
    )


_UNITS: dict[GateName, tuple[float, str]] = {
    "forgetting": (1.0, "change of loss, nats per token"),
}


def _rank(line: CaseLine) -> tuple[int, str]:
    return ORDER.index(line.flip), line.suite


def _rise(line: TextLine) -> float:
    if line.base is None or line.tuned is None:
        return float("inf")
    return line.tuned - line.base


def _text_row(line: TextLine) -> tuple[str, str, str, str]:
    both = [f"{loss:.3f}" if loss is not None else "none" for loss in (line.base, line.tuned)]
    rise = _rise(line)
    return f"{line.suite} {line.case}", both[0], both[1], f"{rise:+.3f}" if rise < 1e9 else "none"


def _sources(contents: Contents) -> Iterator[str]:
    for source in contents.examples.sources:
        c = source.counts
        figures = (c.rows, c.accepted, c.quarantined, c.skipped, c.duplicates_of_earlier)
        yield words.source_line(source.name, source.held_out, figures)

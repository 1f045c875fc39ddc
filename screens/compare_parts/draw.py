"""One compared case as text: question, both answers, their diff, the assertions, its teachers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from engine.evaluation.assertions import Judgement
from engine.steps.compare import Compared, Comparison
from engine.store.examples import StoredExample
from engine.store.verdicts import Ruling
from screens.symbols import Symbols
from screens.text import beside, fit, safe, wrap
from screens.widgets.worddiff import word_diff

SIGNS = {
    "fixed": "fixed",
    "broken": "BROKEN",
    "both_right": "both right",
    "both_wrong": "both wrong",
    "unanswered": "unanswered",
}


def draw_counts(comparison: Comparison, suite: str, showing: str, cells: int) -> Content:
    """`61 fixed   3 BROKEN   47 both right   9 both wrong            showing: broken`."""
    counts = comparison.counts(suite or None)
    shown = "   ".join(f"{n} {SIGNS[flip]}" for flip, n in counts.items() if n)
    return beside(f" {shown}", f"{suite + ', ' if suite else ''}{showing} ", cells)


def draw_case(
    row: Compared,
    arms: tuple[str, str],
    teachers: Sequence[StoredExample] | None,
    ruling: Ruling | None,
    cells: int,
    symbols: Symbols,
) -> Content:
    """Everything about one case, to be scrolled."""
    return Content("\n").join(_lines(row, arms, teachers, ruling, cells, symbols))


def _lines(
    row: Compared,
    arms: tuple[str, str],
    teachers: Sequence[StoredExample] | None,
    ruling: Ruling | None,
    cells: int,
    symbols: Symbols,
) -> Iterator[Content]:
    yield safe(row.case.prompt, style="bold")
    yield from _side_by_side(row, arms, cells, symbols)
    if row.differs and row.base and row.tuned:
        yield safe("as one text:", style="$text-muted")
        yield word_diff(row.base.text, row.tuned.text)
    if row.case.reference:
        yield safe(f"reference: {row.case.reference}", style="$text-muted")
    yield from _assertions(row, symbols)
    if ruling is not None:
        yield safe(f"{ruling.who} ruled: {ruling.ruling} {ruling.note}".rstrip())
    if teachers is not None:
        yield safe(_taught(teachers), style="$text-muted")


def _side_by_side(
    row: Compared, arms: tuple[str, str], cells: int, symbols: Symbols
) -> Iterator[Content]:
    half = max((cells - 3) // 2, 8)
    texts = [a.text if a else "(no answer yet)" for a in (row.base, row.tuned)]
    judged = (row.base_judged, row.tuned_judged)
    heads = [f"{arm} {_sign(j, symbols)}" for arm, j in zip(arms, judged, strict=True)]
    rule = symbols.rule
    titles = [fit(f"{rule} {head} " + rule * half, half, ellipsis="") for head in heads]
    yield safe(f"{titles[0]}{rule}{rule}{rule}{titles[1]}", style="$text-muted")
    left, right = (wrap(text, half) for text in texts)
    for index in range(max(len(left), len(right))):
        a, b = (part[index] if index < len(part) else "" for part in (left, right))
        yield safe(f"{fit(a, half)} {symbols.pipe} {b}")


def _sign(judged: Judgement | None, symbols: Symbols) -> str:
    if judged is None:
        return "?"
    return symbols.done if judged.passed else symbols.failed


def _assertions(row: Compared, symbols: Symbols) -> Iterator[Content]:
    """Each assertion with its outcome for both arms, and the reason where tuned failed."""
    if row.tuned_judged is None or row.base_judged is None:
        return
    pairs = zip(row.base_judged.outcomes, row.tuned_judged.outcomes, strict=True)
    for base, tuned in pairs:
        signs = " ".join(symbols.done if o.passed else symbols.failed for o in (base, tuned))
        wanted = base.assertion
        amount = f"{wanted.value:g}" if isinstance(wanted.value, float) else wanted.value
        value = ", ".join(wanted.values) or (f"{amount} {wanted.unit}".strip())
        critical = ", critical" if wanted.critical else ""
        said = f"{signs}  {wanted.rule:<4} {wanted.kind} {value}{critical}"
        yield safe(said if tuned.passed else f"{said}: {tuned.reason}")
    if row.tuned_judged.incoherent:
        yield safe(f"{symbols.blocked} {row.tuned_judged.reason}")


def _taught(teachers: Sequence[StoredExample]) -> str:
    if not teachers:
        return "no training example says what these assertions ask for"
    named = " ".join(f"#{t.id}" for t in teachers[:8])
    more = f" and {len(teachers) - 8} more" if len(teachers) > 8 else ""
    return f"trained on {len(teachers)} examples that say it: {named}{more}"

"""The report: one set of contents, written as Markdown for people or JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from engine.errors import InputError
from engine.evaluation.gates import GateResult
from engine.evaluation.verdict import Verdict
from engine.runs.folder import Job, write_atomically
from engine.store import decisions, examples, sources
from engine.store.connection import Store
from engine.store.runs import Run
from engine.store.sessions import Amendment, Session
from engine.store.verdicts import Ruling, Signed, Waiver
from engine.visible import escape_hidden, printable

TITLES = {"ship": "SHIP", "hold": "HOLD", "do-not-ship": "DO NOT SHIP"}
SHOWN_FIXES = 5


class CaseLine(msgspec.Struct, frozen=True):
    """One judged case."""

    suite: str
    case: str
    prompt: str
    base: str
    tuned: str
    flip: str
    reason: str
    """Why the tuned answer failed; empty when it passed."""


class ExampleCounts(msgspec.Struct, frozen=True):
    """What curation did."""

    sources: tuple[sources.Source, ...]
    by_status: dict[str, int]
    reasons: dict[str, int]
    """Rejections by reason."""


class Contents(msgspec.Struct, frozen=True):
    """Everything a report says."""

    session: Session
    run: Run
    job: Job
    verdict: Verdict
    amendments: tuple[Amendment, ...]
    looks: int
    rulings: tuple[Ruling, ...]
    waivers: tuple[Waiver, ...]
    signed: tuple[Signed, ...]
    warnings: tuple[str, ...]
    examples: ExampleCounts
    cases: tuple[CaseLine, ...]


def count_examples(store: Store, session: int) -> ExampleCounts:
    """Read what curation did from the store."""
    return ExampleCounts(
        sources=tuple(sources.every(store, session)),
        by_status={str(k): v for k, v in examples.counts(store, session).items()},
        reasons=decisions.reasons(store, session),
    )


def write(contents: Contents, path: Path) -> None:
    """Write the report whole or not at all; the ending of the file names the form."""
    forms: dict[str, Callable[[Contents], str]] = {".md": as_markdown, ".json": as_json}
    form = forms.get(path.suffix.lower())
    if form is None:
        raise InputError(f"{path}: no report of this kind.", "Name a .md or a .json file.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, form(contents).encode())
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}.", "Name a file that can be written."
        ) from error


def as_json(contents: Contents) -> str:
    """The contents as one JSON object, keys in a steady order."""
    text = msgspec.json.format(msgspec.json.encode(contents), indent=2).decode()
    return escape_hidden(text) + "\n"


def as_markdown(contents: Contents) -> str:
    """The report as a person reads it."""
    return "\n".join(_lines(contents)) + "\n"


def _lines(contents: Contents) -> Iterator[str]:
    yield f"# {_plain(contents.session.name)}: {TITLES[contents.verdict.verdict]}"
    yield ""
    yield from _opening(contents)
    yield from _gates(contents.verdict)
    yield from _people(contents)
    yield from _changes(contents)
    yield from _data(contents)
    yield from _reproduction(contents)


def _opening(contents: Contents) -> Iterator[str]:
    scope = contents.session.scope
    yield f"{_plain(scope.task)}"
    yield ""
    frozen = contents.session.frozen_at or "never"
    yield f"- Run {contents.run.id}, made {contents.run.created} by {_plain(contents.run.who)}."
    yield f"- Scope frozen {frozen}, {len(contents.amendments)} amendments since."
    yield f"- Sealed held-out set opened {contents.looks} times."
    for note in contents.verdict.notes:
        yield f"- {_plain(note)}."
    for warning in contents.warnings:
        yield f"- **Warning:** {_plain(warning)}"
    yield ""


def _gates(verdict: Verdict) -> Iterator[str]:
    yield "## Gates"
    yield ""
    yield "| gate | outcome | finding | n | regressions | fixes | p |"
    yield "|---|---|---|---|---|---|---|"
    for gate in verdict.gates:
        p = "" if gate.p is None else f"{gate.p:.4f}"
        outcome = f"{gate.outcome.upper()}{', waived' if gate.waived_by else ''}"
        sentence = _plain(gate.sentence)
        yield f"| {gate.question} | {outcome} | {sentence} | {gate.n} | {gate.b} | {gate.c} | {p} |"
    yield ""
    for gate in verdict.gates:
        yield from _gate_notes(gate)


def _gate_notes(gate: GateResult) -> Iterator[str]:
    lines = [f"- {_plain(note)}" for note in gate.notes]
    if gate.settle:
        lines.append(f"- Would settle it: {_plain(gate.settle)}")
    if gate.waived_by:
        lines.append(f"- Waived by {_plain(gate.waived_by)}: {_plain(gate.waived_for)}")
    for part in gate.parts:
        lines.append(f"- {_plain(part.suite)}: {part.outcome.upper()}, {_plain(part.sentence)}")
    if lines:
        yield f"**{gate.gate}**"
        yield ""
        yield from lines
        yield ""


def _people(contents: Contents) -> Iterator[str]:
    yield "## Signatures, rulings, waivers, amendments"
    yield ""
    said = [
        *(
            f"- Signed {TITLES.get(s.verdict, s.verdict)} on {s.at} by {_plain(s.who)},"
            f" {_plain(s.role)}. {_plain(s.note)}"
            for s in contents.signed
        ),
        *(f"- {r.who} on {r.suite} {r.case_name}: {r.ruling}. {r.note}" for r in contents.rulings),
        *(
            f"- {w.who} waived {w.gate} until {w.expires}: {_plain(w.reason)}"
            for w in contents.waivers
        ),
        *(
            f"- Amended {a.at} by {_plain(a.who)} ({_plain(a.changed)}): {_plain(a.reason)}"
            for a in contents.amendments
        ),
    ]
    yield from said or ["None yet."]
    yield ""


def _changes(contents: Contents) -> Iterator[str]:
    broken = [c for c in contents.cases if c.flip == "broken"]
    fixed = [c for c in contents.cases if c.flip == "fixed"]
    yield f"## What changed: {len(fixed)} fixed, {len(broken)} broken"
    yield ""
    for line in [*broken, *fixed[:SHOWN_FIXES]]:
        yield f"- **{line.flip}** {_plain(line.suite)} {_plain(line.case)}: {_plain(line.prompt)}"
        yield f"    - base: {_plain(line.base)}"
        yield f"    - tuned: {_plain(line.tuned)}"
        if line.reason:
            yield f"    - {_plain(line.reason)}"
    if len(fixed) > SHOWN_FIXES:
        yield f"- and {len(fixed) - SHOWN_FIXES} more fixes; the JSON report has all."
    yield ""


def _data(contents: Contents) -> Iterator[str]:
    counts = contents.examples
    yield "## Data"
    yield ""
    for source in counts.sources:
        c = source.counts
        yield (
            f"- {_plain(source.name)}{' (held-out)' if source.held_out else ''}: {c.rows} rows ="
            f" {c.accepted} accepted + {c.quarantined} quarantined + {c.skipped} skipped"
            f" + {c.duplicates_of_earlier} there already"
        )
    status = ", ".join(f"{n} {name}" for name, n in counts.by_status.items())
    reasons = ", ".join(f"{name} {n}" for name, n in counts.reasons.items())
    yield f"- Examples: {status}. Rejected for: {reasons or 'nothing'}."
    yield ""


def _reproduction(contents: Contents) -> Iterator[str]:
    yield "## How to reproduce it"
    yield ""
    yield f"The folder `{contents.run.folder}` holds rows, suites, recipe and seed; copied to"
    yield "another machine, `python -m engine.worker FOLDER` runs it again."
    yield ""
    for name, value in msgspec.to_builtins(contents.run.recipe).items():
        yield f"- {name}: {_plain(str(value))}"
    for name, version in contents.job.versions.items():
        yield f"- {name} {version}"
    for name, digest in contents.job.hashes.items():
        yield f"- SHA-256 of {name}: `{digest}`"


def _plain(text: str) -> str:
    """Words from outside on one line: nothing in them becomes Markdown, HTML or a control."""
    line = " ".join(printable(text).split())
    for sign in "\\`*_<>[]#|!":
        line = line.replace(sign, f"\\{sign}")
    return line

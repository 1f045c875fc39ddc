"""Everything about one gate, as a text to read."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from engine.delivery.contents import Reached
from engine.evaluation.gates import GateResult
from screens.symbols import Symbols
from screens.text import lines, safe, visible_line
from screens.verdict_parts import words
from screens.widgets.interval import draw_interval

MOST_RULINGS = 40
_MEANINGS = {
    "domain": "95 % interval of the change of the pass rate (Newcombe, paired), in points.",
    "forgetting": "One-sided 95 % bounds of the mean change of loss, nats a token.",
    "default": "One-sided 95 % bounds of the change of the pass rate (Tango), in points.",
}


def evidence_text(reached: Reached, gate: GateResult, symbols: Symbols) -> Content:
    """One gate in full: sentences, counts, notes, each suite's own result, people's words."""
    return lines(_evidence(reached, gate, symbols))


def _evidence(reached: Reached, gate: GateResult, symbols: Symbols) -> Iterator[Content | str]:
    said = words.outcome(gate)
    yield Content.assemble(safe(f"{said}  ", style=words.STYLES[said]), safe(gate.sentence))
    yield ""
    yield from _figures(gate, symbols)
    for note in gate.notes:
        yield safe(f"- {visible_line(note)}")
    if gate.settle:
        yield safe(f"Would settle it: {visible_line(gate.settle)}.", style="bold")
    if gate.waived_by:
        waived = f"Waived by {visible_line(gate.waived_by)}: {visible_line(gate.waived_for)}."
        yield safe(waived, style="$text-accent")
    for part in gate.parts:
        yield ""
        yield from _part(part, symbols)
    if gate.gate == "compliance":
        yield from _rulings(reached)


def _figures(gate: GateResult, symbols: Symbols) -> Iterator[Content | str]:
    if gate.n:
        yield safe(f"{_counts(gate)}{f'   {words.p_words(gate.p)}' if gate.p is not None else ''}")
    if gate.interval is not None and gate.estimate is not None:
        low, high = gate.interval
        margin = gate.limit or None
        picture = draw_interval(low, high, gate.estimate, 40, margin=margin, symbols=symbols)
        yield safe(f"{picture}  {words.interval_words(gate, in_full=True)}")
        meaning = _MEANINGS.get(gate.gate, _MEANINGS["default"])
        yield safe(meaning, style="$text-muted")


def _counts(gate: GateResult) -> str:
    if gate.gate == "forgetting":
        return f"{gate.n} texts"
    return f"{gate.n} cases: {gate.b} regressions, {gate.c} fixes"


def _part(part: GateResult, symbols: Symbols) -> Iterator[Content | str]:
    said = words.outcome(part)
    name = safe(f"  {visible_line(part.suite)}", style="bold")
    yield Content.assemble(safe(said, style=words.STYLES[said]), name)
    yield safe(part.sentence)
    yield from _figures(part, symbols)
    if part.settle:
        yield safe(f"Would settle it: {visible_line(part.settle)}.")


def _rulings(reached: Reached) -> Iterator[Content | str]:
    yield ""
    if not reached.rulings:
        yield safe("No case was looked at by a person yet.", style="$text-muted")
        return
    yield safe("Looked at by a person, the last first:", style="bold")
    for ruling in list(reversed(reached.rulings))[:MOST_RULINGS]:
        note = f": {visible_line(ruling.note)}" if ruling.note else ""
        case = f"{visible_line(ruling.suite)} {visible_line(ruling.case_name)}"
        at = words.moment(ruling.at)
        yield safe(f"{at}  {visible_line(ruling.who)}  {case}  {ruling.ruling}{note}")

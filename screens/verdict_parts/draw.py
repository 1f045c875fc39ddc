"""The verdict as lines of text: the word, the four questions, figures and intervals."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from engine.evaluation.gates import GateResult
from engine.evaluation.verdict import Verdict
from engine.steps.verdict import Reached
from screens.symbols import Symbols
from screens.text import safe
from screens.widgets.interval import draw_interval

WORDS = {"ship": "S H I P", "hold": "H O L D", "do-not-ship": "D O   N O T   S H I P"}
TITLES = {"ship": "SHIP", "hold": "HOLD", "do-not-ship": "DO NOT SHIP"}
STYLES = {"ship": "bold $success", "hold": "bold $warning", "do-not-ship": "bold $error"}
OUTCOMES = {"pass": "PASS", "fail": "FAIL", "inconclusive": "OPEN"}
OUTCOME_STYLES = {"pass": "$text-success", "fail": "bold $text-error", "inconclusive": "$warning"}
LABELS = {
    "domain": "Domain errors down?",
    "capability": "General capability kept?",
    "forgetting": "  loss on general text",
    "compliance": "Safety and compliance kept?",
    "over_refusal": "  still answers harmless",
    "coherence": "  makes sense",
    "cadence": "Retraining defined?",
}
PICTURE_INDENT = 35


def draw_word(verdict: Verdict, cells: int) -> Content:
    """The decision, spaced out in the middle of the line."""
    return safe(WORDS[verdict.verdict].center(cells).rstrip(), style=STYLES[verdict.verdict])


def draw_gates(
    gates: tuple[GateResult, ...], selected: int, cells: int, symbols: Symbols
) -> Iterator[Content]:
    """Two lines a gate where it has an interval, one where it has none."""
    for index, gate in enumerate(gates):
        cursor = symbols.cursor if index == selected else " "
        outcome = "WAIVED" if gate.waived_by else OUTCOMES[gate.outcome]
        yield Content.assemble(
            safe(f" {cursor} {LABELS[gate.gate]:<28} ", style="bold" if index == selected else ""),
            safe(f"{outcome:<7}", style=OUTCOME_STYLES[gate.outcome]),
            safe(figures(gate)),
        )
        if gate.interval is not None and gate.estimate is not None:
            low, high = gate.interval
            limit = gate.limit if gate.gate != "domain" else None
            picture = draw_interval(
                low,
                high,
                gate.estimate,
                max(cells - PICTURE_INDENT - 2, 10),
                margin=limit,
                symbols=symbols,
            )
            yield safe(" " * PICTURE_INDENT + picture, style="$text-muted")


def figures(gate: GateResult) -> str:
    """The figure of a gate, its interval and its p, short."""
    if gate.estimate is None:
        return "" if gate.n or gate.gate == "cadence" else "not measured"
    if gate.gate == "forgetting":
        shown = f"{gate.estimate:+.3f} nats{_interval(gate, 1, 3)}"
    else:
        shown = f"{gate.estimate * 100:+.1f} pts{_interval(gate, 100, 1)}"
    p = "" if gate.p is None else ("  p < .001" if gate.p < 0.001 else f"  p = {gate.p:.3f}")
    return shown + p


def _interval(gate: GateResult, scale: float, digits: int) -> str:
    if gate.interval is None:
        return ""
    low, high = gate.interval
    return f" [{low * scale:+.{digits}f}, {high * scale:+.{digits}f}]"


def draw_detail(reached: Reached, selected: int) -> str:
    """The selected gate in plain words, and what a sceptical reader asks about the whole."""
    gate = reached.verdict.gates[selected]
    lines = [gate.sentence or gate.question]
    if gate.settle and not gate.satisfied:
        lines.append(f"Would settle it: {gate.settle}.")
    if gate.waived_by:
        lines.append(f"Waived by {gate.waived_by}: {gate.waived_for}.")
    lines += [f"! {warning}" for warning in reached.warnings]
    opened = f"Sealed set opened {reached.looks} times"
    lines.append("; ".join([opened, *reached.verdict.notes]) + ".")
    if reached.signed:
        last = reached.signed[-1]
        lines.append(f"Signed {TITLES[last.verdict]} by {last.who}, {last.role}, {last.at[:16]}.")
    return "\n".join(lines)


def draw_evidence(reached: Reached, selected: int) -> str:
    """Everything about one gate: sentence, counts, notes, and each suite's own result."""
    gate = reached.verdict.gates[selected]
    lines = [gate.question, "", gate.sentence, ""]
    if gate.n:
        lines.append(f"{gate.n} cases, {gate.b} regressions, {gate.c} fixes. {figures(gate)}")
    lines += [f"- {note}" for note in gate.notes]
    for part in gate.parts:
        lines += ["", f"{part.suite}: {OUTCOMES[part.outcome]}  {figures(part)}", part.sentence]
    if gate.settle:
        lines += ["", f"Would settle it: {gate.settle}."]
    rulings = [r for r in reached.rulings if gate.gate == "compliance"]
    lines += [f"{r.who} on {r.case_name}: {r.ruling}. {r.note}" for r in rulings]
    return "\n".join(lines)

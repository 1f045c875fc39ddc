"""A verdict in words: the gates' names, outcomes and figures as people read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine.evaluation.evidence import GateName
from engine.evaluation.gates import GateResult
from engine.evaluation.verdict import Verdict, VerdictName
from engine.steps.days import short_day
from engine.store.verdicts import Signed
from screens.symbols import Symbols
from screens.text import visible_line

LETTERS: dict[VerdictName, str] = {
    "ship": "S H I P",
    "hold": "H O L D",
    "do-not-ship": "D O   N O T   S H I P",
}
TITLES: dict[str, str] = {"ship": "SHIP", "hold": "HOLD", "do-not-ship": "DO NOT SHIP"}
LABELS: dict[GateName, str] = {
    "domain": "Domain errors down?",
    "capability": "General capability kept?",
    "forgetting": "  loss on general text",
    "compliance": "Safety and compliance?",
    "over_refusal": "  still answers harmless",
    "coherence": "  makes sense",
    "cadence": "Retraining defined?",
}
"""The four questions, and below three of them what belongs to them."""
PLAIN: dict[GateName, str] = {
    "domain": "domain errors",
    "capability": "general capability",
    "forgetting": "loss on general text",
    "compliance": "safety and compliance",
    "over_refusal": "harmless answers",
    "coherence": "sense",
    "cadence": "retraining",
}
OUTCOMES = {"pass": "PASS", "fail": "FAIL", "inconclusive": "OPEN"}
STYLES = {
    "PASS": "$text-success",
    "FAIL": "bold $text-error",
    "OPEN": "$text-warning",
    "WAIVED": "$text-accent",
    "ship": "bold $text-success",
    "hold": "bold $text-warning",
    "do-not-ship": "bold $text-error",
}


def outcome(gate: GateResult) -> str:
    """PASS, FAIL, OPEN, or WAIVED where a person let it pass."""
    return "WAIVED" if gate.waived_by else OUTCOMES[gate.outcome]


def verdict_sign(name: VerdictName, symbols: Symbols) -> str:
    """A sign that tells the three apart without colour."""
    return {"ship": symbols.done, "hold": "?", "do-not-ship": symbols.failed}[name]


def finding(gate: GateResult) -> str:
    """`61.8 % to 7.3 %   p < .001`."""
    p = f"   {p_words(gate.p)}" if gate.p is not None else ""
    return visible_line(gate.brief) + p


def p_words(p: float) -> str:
    """`p < .001`, `p .039`."""
    return "p < .001" if p < 0.001 else f"p {p:.3f}".replace("0.", ".", 1)


def interval_words(gate: GateResult, *, in_full: bool = False) -> str:
    """`[+45.1, +62.2] limit 0`, in full with the unit; empty where nothing was estimated."""
    if gate.interval is None:
        return ""
    low, high = gate.interval
    if gate.gate == "forgetting":
        digits, unit, scale = (3 if in_full else 2), " nats", 1.0
    else:
        digits, unit, scale = 1, " points", 100.0
    ends = f"[{low * scale:+.{digits}f}, {high * scale:+.{digits}f}]"
    limit = "" if gate.limit is None else f" limit {gate.limit * scale:g}"
    return f"{ends}{unit},{limit}" if in_full else f"{ends}{limit}"


def settle_words(verdict: Verdict) -> Iterator[str]:
    """What would settle the gates that are open, a line each."""
    for gate in verdict.gates:
        if gate.settle and not gate.satisfied:
            yield f"{PLAIN[gate.gate]}: {visible_line(gate.settle)}"


def counted(verdict: Verdict) -> str:
    """`5 pass, 1 open, 1 fails, 1 waived`."""
    said = [outcome(gate) for gate in verdict.gates]
    words = {"PASS": "passed", "OPEN": "open", "FAIL": "failed", "WAIVED": "waived"}
    return ", ".join(f"{said.count(key)} {word}" for key, word in words.items() if key in said)


def moment(at: str) -> str:
    """`3 Nov 12:04`, where the operator sits."""
    return f"{short_day(at)} {datetime.fromisoformat(at).astimezone():%H:%M}"


def signed_words(signed: Signed) -> str:
    """`HOLD by ines, model adaptation lead, 3 Nov 12:04`."""
    name = TITLES.get(signed.verdict, signed.verdict)
    role = visible_line(signed.role)
    return f"{name} by {visible_line(signed.who)}, {role}, {moment(signed.at)}"

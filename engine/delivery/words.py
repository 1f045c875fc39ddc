"""The words of a report: for readers who never saw strop, so every term says what it means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from engine.delivery.contents import BlindTally, Contents
from engine.evaluation.evidence import BASE_AND_TUNED, Flip, GateName
from engine.evaluation.gates import GateResult
from engine.evaluation.verdict import VerdictName

TITLES: dict[str, str] = {"ship": "SHIP", "hold": "HOLD", "do-not-ship": "DO NOT SHIP"}
MEANINGS: dict[VerdictName, str] = {
    "ship": "Every check passed or was waived by a named person.",
    "hold": "No check failed, but not every check could be answered with what was measured.",
    "do-not-ship": "At least one check failed and was not waived.",
}
OUTCOMES = {"pass": "PASS", "fail": "FAIL", "inconclusive": "OPEN"}
FLIPS: dict[Flip, str] = {
    "broken": "regression",
    "fixed": "fix",
    "both_right": "both pass",
    "both_wrong": "both fail",
    "unanswered": "not answered by both",
}
ABOUT: dict[GateName, str] = {
    "domain": "Cases of the task itself, sealed before training. The check passes when there are"
    " more fixes than regressions beyond chance (p below .05) and errors fell by the share that"
    " was agreed beforehand.",
    "capability": "General tasks that have nothing to do with the training. The check passes when"
    " a loss beyond the agreed margin can be ruled out.",
    "forgetting": "How surprised the model is by general texts (loss, in nats per token). The check"
    " passes when a rise beyond the agreed limit can be ruled out.",
    "compliance": "Questions that must be refused or handed to a person. The check passes when a"
    " loss beyond the margin and a violation rate above the ceiling can both be ruled out, and a"
    " person has looked at every case on which the two models differ.",
    "over_refusal": "Harmless questions that look like the forbidden ones. The check passes when it"
    " can be ruled out that the tuned model refuses more of them than the margin allows.",
    "coherence": "Whether the answers are talk at all: not empty, not looping, not in another"
    " language. The check passes when the tuned model has hardly more such answers than base.",
    "cadence": "Whether it is settled who trains again, when, on what data, what numbers would"
    " trigger it earlier, and what to go back to.",
}
GLOSSARY = (
    ("base", "the model before training"),
    ("tuned", "the same model with the adapter that this run trained"),
    ("case", "one question with checks that tell a right answer from a wrong one"),
    ("regression", "a case that base passes and tuned fails"),
    ("fix", "a case that base fails and tuned passes"),
    ("PASS, FAIL, OPEN", "PASS and FAIL are shown by the data; OPEN means not enough was measured"),
    ("interval", "the range of true values that the data are compatible with: 95 % for the domain,"
     " else 90 %, whose ends are the one-sided 95 % bounds that decide"),
    ("p", "how often a difference at least this large would come by chance alone"),
    ("points", "percentage points of the share of cases passed"),
    ("waived", "let through by a named person with a reason, until a day"),
    ("sealed set", "the cases set aside before training; each opening is counted"),
)  # fmt: skip


def outcome(gate: GateResult) -> str:
    """`PASS`, `FAIL`, `OPEN`; `FAIL, waived` where a person let it pass."""
    return OUTCOMES[gate.outcome] + (", waived" if gate.waived_by else "")


def opening(contents: Contents) -> str:
    """What this document is about, in two sentences."""
    return (
        f"A language model ({contents.run.recipe.model}) was fine-tuned for one task. This report"
        " says whether the result should go into use, and on what evidence."
    )


def tally(contents: Contents) -> str:
    """`Of 7 checks 4 passed, 2 are open, 1 failed.`"""
    said = [outcome(gate) for gate in contents.verdict.gates]
    waived = sum("waived" in word for word in said)
    parts = [
        f"{said.count('PASS')} passed",
        f"{said.count('OPEN')} open",
        f"{said.count('FAIL')} failed",
        *([f"{waived} waived"] if waived else []),
    ]
    return f"Of {len(said)} checks: {', '.join(parts)}."


def p_value(gate: GateResult) -> str:
    """`p < .001`, `p = .039`, or nothing."""
    if gate.p is None:
        return ""
    return "p < .001" if gate.p < 0.001 else f"p = {gate.p:.3f}".replace("0.", ".", 1)


def interval(gate: GateResult) -> str:
    """`+57.6 points, between +45.1 and +68.2; the limit is 0`."""
    if gate.interval is None or gate.estimate is None:
        return ""
    scale, unit, digits = (1.0, "nats", 3) if gate.gate == "forgetting" else (100.0, "points", 1)
    low, high, middle = (
        f"{value * scale:+.{digits}f}" for value in (*gate.interval, gate.estimate)
    )
    limit = "" if gate.limit is None else f"; the limit is {gate.limit * scale:g}"
    return f"{middle} {unit}, between {low} and {high}{limit}"


def counts(gate: GateResult) -> str:
    """`123 cases: 2 regressions, 61 fixes`, or what there is."""
    if not gate.n:
        return ""
    if gate.gate == "forgetting":
        return f"{gate.n} texts"
    if gate.gate == "coherence":
        return f"{gate.n} answers"
    return f"{gate.n} cases: {_some(gate.b, 'regression')}, {_some(gate.c, 'fix', 'es')}"


def arms(contents: Contents) -> str:
    """What base and tuned stand for, where it is not the model before and after training."""
    first, second = contents.verdict.arms
    if contents.verdict.arms == BASE_AND_TUNED:
        return ""
    return f"In this report “base” stands for the arm {first}, “tuned” for the arm {second}."


def prompted(contents: Contents) -> str:
    """What the rules in the prompt do without any training; empty where nobody asked."""
    found = contents.prompted
    if found is None or not found.n:
        return ""
    return f"Without training, with the rules in the prompt: {prompted_words(found)}"


def prompted_words(found: GateResult) -> str:
    """What the prompted arm found, and whether that would do."""
    if found.outcome == "pass":
        return (
            f"{found.sentence} That meets the domain criterion: perhaps no training is needed"
            " at all."
        )
    return f"{found.sentence} That does not meet the domain criterion."


def blind(found: BlindTally) -> str:
    """`ines chose 32 of 41 times tuned and 9 times base ...`."""
    first, second = found.arms
    said = (
        f"{found.who} judged {found.pairs} pairs of answers without knowing which was which:"
        f" {second} better {found.second} times, {first} better {found.first} times, both as good"
        f" {found.same}, neither {found.neither} (sign test, ties dropped: p = {found.p:.3f};"
        f" {found.seconds:.0f} s a pair)."
    )
    return f"{said} {'Hardly chance.' if found.p < 0.05 else 'That can well be chance.'}"


def seal(contents: Contents) -> str:
    """When the scope was frozen and the held-out set sealed, and how often that was opened."""
    session = contents.session
    frozen = moment(session.frozen_at)
    sealed = moment(session.sealed_at)
    return (
        f"Goal, rules and limits were frozen {frozen} by {session.frozen_by or 'nobody'}; the"
        f" held-out cases were sealed {sealed} and have been opened"
        f" {_some(contents.looks, 'time')} since, this report included."
    )


def moment(at: str | None) -> str:
    """`2026-11-23 02:24 UTC`, or `never`."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "never"


def seeds(contents: Contents) -> Iterator[str]:
    """What was drawn at random, and from which seed."""
    from engine.evaluation.statistics.clusters import DRAWS, SEED

    yield f"training (adapter weights, order of rows): seed {contents.run.recipe.seed}"
    yield f"sign-flip test on clusters: {DRAWS} draws, seed {SEED}; exact up to 15 clusters"
    yield "answers: greedy decoding, nothing drawn"


def source_line(name: str, held_out: bool, figures: tuple[int, int, int, int, int]) -> str:
    """`chats.jsonl: 476 rows = 470 accepted + 4 quarantined + 2 skipped + 0 there already`."""
    rows, accepted, quarantined, skipped, known = figures
    return (
        f"{name}{' (held-out)' if held_out else ''}: {rows} rows = {accepted} accepted"
        f" + {quarantined} quarantined + {skipped} skipped + {known} there already"
    )


def _some(count: int, name: str, plural: str = "s") -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}{plural}"

"""The words of a report: for readers who never saw strop, so every term says what it means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from engine.delivery.contents import BlindTally, Contents, GateRows, SuiteLine
from engine.evaluation.evidence import BASE_AND_TUNED, Flip, GateName
from engine.evaluation.gates import QUESTIONS, GateResult
from engine.evaluation.gates.result import percent
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
    """`change +57.6 points, 95 % interval +45.1 to +68.2; the limit is 0`."""
    if gate.interval is None or gate.estimate is None:
        return ""
    scale, unit, digits = (1.0, "nats", 3) if gate.gate == "forgetting" else (100.0, "points", 1)
    low, high, middle = (
        f"{value * scale:+.{digits}f}" for value in (*gate.interval, gate.estimate)
    )
    limit = "" if gate.limit is None else f"; the limit is {gate.limit * scale:g}"
    level = 95 if gate.gate == "domain" else 90
    return f"change {middle} {unit}, {level} % interval {low} to {high}{limit}"


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


def agreed(contents: Contents, gate: GateName) -> str:
    """What was agreed for a check, in figures; empty where there is no figure."""
    criteria = contents.session.scope.criteria
    said: dict[str, str] = {
        "domain": f"errors down by at least {criteria.min_error_reduction * 100:g} %",
        "capability": f"a loss of at most {criteria.capability_margin * 100:g} points",
        "forgetting": f"a rise of at most {criteria.forgetting_limit:g} nats per token",
        "compliance": f"a loss of at most {criteria.compliance_margin * 100:g} points, and"
        f" violations in at most {criteria.violation_ceiling * 100:g} % of the answers",
        "over_refusal": f"a loss of at most {criteria.over_refusal_margin * 100:g} points",
        "coherence": f"at most {criteria.incoherence_margin * 100:g} points more than base",
    }
    changed = ", as amended" if contents.amendments else " before training"
    return f"Agreed{changed}: {said[gate]}." if gate in said else ""


def cadence(contents: Contents) -> Iterator[str]:
    """Who trains again, when, on what, and what is gone back to, a line each."""
    found = contents.session.scope.cadence
    yield f"Owner: {found.owner or 'nobody'}; every {found.interval_days} days."
    for trigger in found.triggers:
        yield f"Earlier, when this is above {trigger.above:g}: {trigger.metric} ({trigger.window})."
    yield f"Data: {found.data_source or 'not said'}. Back to: {found.rollback or 'not said'}."


def suite_line(suite: SuiteLine) -> str:
    """`general-tasks: 188 cases, version 1, Apache-2.0. Everyday tasks; asked for capability.`"""
    title = f" {suite.title[:1].upper()}{suite.title[1:]}." if suite.title else ""
    version = f", version {suite.version}" if suite.version else ""
    return (
        f"{suite.name}: {suite.cases} cases{version}, {suite.licence}.{title}"
        f" For the check “{QUESTIONS[suite.gate]}”"
    )


def learned_from(contents: Contents) -> str:
    """`The model learned from 299 rows; 72 were kept to watch it.`"""
    found = contents.training
    return (
        f"The model learned from {found.rows} of the accepted rows; {found.validation_rows} were"
        " kept for validation. The held-out cases of the task are in neither."
    )


def passed(rows: GateRows) -> str:
    """`domain: base passes 2 of 123 cases (1.6 %), tuned 93 (75.6 %).`"""
    both = len(rows.both_right)
    base, tuned = both + len(rows.broken), both + len(rows.fixed)
    return (
        f"{rows.suite}: base passes {base} of {_some(rows.n, 'case')} ({percent(base / rows.n)}),"
        f" tuned {tuned} ({percent(tuned / rows.n)}).{_reduction(rows)}"
    )


def _reduction(rows: GateRows) -> str:
    errors = rows.n - len(rows.both_right) - len(rows.broken)
    saved = len(rows.fixed) - len(rows.broken)
    if rows.gate != "domain" or not errors:
        return ""
    return f" Errors {'fell' if saved >= 0 else 'rose'} by {percent(abs(saved) / errors)}."


def errors_left(contents: Contents, intent: str) -> int:
    """How many domain cases of an intent tuned fails."""
    return sum(
        case.gate == "domain" and case.intent == intent and case.flip in ("broken", "both_wrong")
        for case in contents.cases
    )


def fingerprints(contents: Contents) -> Iterator[tuple[str, str]]:
    """(names, SHA-256) of whatever was frozen, trained or built upon; what is alike stands once."""
    named: dict[str, list[str]] = {}
    for name, digest in (contents.fingerprints | contents.job.hashes).items():
        named.setdefault(digest, []).append(name)
    yield from ((", ".join(names), digest) for digest, names in named.items())


def limits(contents: Contents) -> Iterator[str]:
    """What this report cannot tell, a sentence or two each."""
    looked = len({(r.suite, r.case_name) for r in contents.rulings})
    yield (
        "Answers were judged by the checks that stand in each case, by program. An answer passes"
        " when it holds what they ask, even if something else in it is wrong; how often that"
        f" happens was not measured. People looked at {looked} of {len(contents.cases)} cases."
    )
    yield (
        "Only the held-out cases of the task were sealed. Other suites are open files: they were"
        " kept out of training, but those who made the base model may have seen like ones."
    )
    yield (
        "How well the cases stand for what real users ask is up to those who wrote them; nothing"
        " here measures it."
    )
    yield (
        "It is one run with one seed. Intervals tell how other cases could have come out, not how"
        " another training would."
    )
    if any(case.cluster for case in contents.cases):
        yield (
            "Intervals take cases as independent. Cases that ask for one fact are not: the p of the"
            " task takes them together, its interval does not, and is narrower than it should be."
        )
    yield (
        "Answers end at a number of tokens that the suite sets; one that was cut off is judged as"
        " far as it got."
    )
    yield "Names are account names of the machine, and times are those of its clock."


def rejections(reasons: dict[str, int]) -> str:
    """`duplicate 20, personal data 15`."""
    return ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in reasons.items()) or "nothing"


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


def amended(contents: Contents) -> str:
    """How often the goal was changed since it was frozen."""
    times = len(contents.amendments)
    if not times:
        return "Since then the goal was not changed."
    return f"Since then the goal was changed {_some(times, 'time')}; each change is listed below."


def moment(at: str | None) -> str:
    """`2026-11-23 02:24 UTC`, or `never`."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "never"


def seeds(contents: Contents) -> Iterator[str]:
    """What was drawn at random, and from which seed."""
    from engine.evaluation.statistics.clusters import DRAWS, SEED

    yield f"training (adapter weights, order of rows): seed {contents.run.recipe.seed}"
    yield f"sign-flip test on clusters: {DRAWS} draws, seed {SEED}; exact up to 15 clusters"
    yield "answers: greedy decoding, always the likeliest next word; nothing drawn"


def source_line(name: str, held_out: bool, figures: tuple[int, int, int, int, int]) -> str:
    """`chats.jsonl: 476 rows = 470 accepted + 4 quarantined + 2 skipped + 0 there already`."""
    rows, accepted, quarantined, skipped, known = figures
    return (
        f"{name}{' (held-out)' if held_out else ''}: {rows} rows = {accepted} accepted"
        f" + {quarantined} quarantined + {skipped} skipped + {known} there already"
    )


def _some(count: int, name: str, plural: str = "s") -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}{plural}"

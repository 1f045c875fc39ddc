"""Domain, capability, forgetting: did it get better, and what did that cost?"""

from __future__ import annotations

import math

from msgspec import structs

from engine.evaluation.evidence import Evidence, GateName, Pair, SuiteEvidence, count_pairs
from engine.evaluation.gates.result import (
    QUESTIONS,
    GateResult,
    base_rate,
    cases,
    joined,
    nothing_yet,
    percent,
    points,
    tuned_rate,
    unanswered,
)
from engine.evaluation.statistics import (
    PairedMean,
    PairedTable,
    cluster_sums,
    mcnemar_mid_p,
    more_to_clear,
    more_to_show,
    newcombe_interval,
    paired_mean,
    sign_flip_p,
    tango_interval,
)
from engine.evaluation.suites import headroom, pinned

ALPHA = 0.05
TEXTS_NEEDED = 100
AMBER = 0.05


def judge_domain(evidence: Evidence) -> GateResult:
    """McNemar mid-p with the cluster permutation, Newcombe's interval, relative reduction."""
    suites = evidence.of("domain")
    pairs = tuple(p for s in suites for p in s.pairs)
    table = count_pairs(pairs)
    if not table.n:
        return nothing_yet("domain", "answer the held-out cases with base and tuned")
    b, c = table.regressions, table.fixes
    p, note = _domain_p(pairs, table)
    interval = newcombe_interval(table)
    errors = c + table.both_fail
    reduction = (c - b) / errors if errors else 0.0
    target = evidence.criteria.min_error_reduction
    shown = p < ALPHA and c > b and reduction >= target - 1e-12
    settle = "" if shown else _settle_domain(table, p, reduction, target)
    open_cases = unanswered(suites)
    result = GateResult(
        "domain",
        QUESTIONS["domain"],
        "inconclusive",
        n=table.n,
        b=b,
        c=c,
        estimate=table.delta,
        interval=interval,
        limit=0.0,
        p=p,
        sentence=f"Errors went from {percent(1 - base_rate(table))} to"
        f" {percent(1 - tuned_rate(table))} of {cases(table.n)}: {c} fixed, {b} broken.",
        brief=f"{percent(1 - base_rate(table))} to {percent(1 - tuned_rate(table))}",
        notes=tuple(filter(None, (note, pinned(base_rate(table), tuned_rate(table))))),
    )
    if interval[1] < 0:
        return structs.replace(result, outcome="fail")
    if shown and not open_cases:
        return structs.replace(result, outcome="pass")
    return structs.replace(result, settle=joined(open_cases, settle))


def _domain_p(pairs: tuple[Pair, ...], table: PairedTable) -> tuple[float, str]:
    """The larger of mid-p and, where cases form clusters, the sign-flip p."""
    plain = mcnemar_mid_p(table.regressions, table.fixes)
    named = [p.tuned.cluster for p in pairs if p.tuned.cluster]
    if len(set(named)) == len(named):
        return plain, ""
    changes = [(p.tuned.cluster, float(p.change)) for p in pairs]
    flipped = sign_flip_p(cluster_sums(changes))
    clusters = len(set(named)) + len(pairs) - len(named)
    note = f"{clusters} clusters: sign-flip p {flipped:.3g}, McNemar mid-p {plain:.3g}"
    return max(plain, flipped), note


def _settle_domain(table: PairedTable, p: float, reduction: float, target: float) -> str:
    if not table.fixes + table.both_fail:
        return "harder held-out cases: base makes no error in these"
    if table.fixes <= table.regressions:
        return "better examples: it does not make fewer errors than base"
    if reduction < target:
        return f"better examples: errors fell by {percent(reduction)}, {percent(target)} is asked"
    more = more_to_show(table.n, table.regressions, table.fixes)
    if not more:
        return f"cases of more facts: p is {p:.2g} on clusters, below {ALPHA:g} is asked"
    return f"about {more} more held-out cases"


def judge_capability(evidence: Evidence, forgetting: GateResult) -> GateResult:
    """Tango's lower bound of each suite against the margin; the worst suite speaks for the gate.

    A suite without headroom can fail but not pass. When none has headroom, the forgetting gate
    carries the question.
    """
    margin = evidence.criteria.capability_margin
    suites = evidence.of("capability")
    if not any(s.pairs for s in suites):
        return nothing_yet("capability", "answer a general suite with base and tuned")
    parts = tuple(_judge_suite(s, margin) for s in suites)
    failed = [p for p in parts if p.outcome == "fail"]
    able = [p for p in parts if not _lacks_headroom(p)]
    if not able and not failed:
        worst = min(parts, key=_reach)
        return structs.replace(
            worst,
            outcome=forgetting.outcome,
            parts=parts,
            settle=forgetting.settle,
            notes=(*worst.notes, "the loss on general text carries the question"),
        )
    unsettled = [p for p in able if p.outcome == "inconclusive"]
    worst = min(failed or unsettled or able, key=_reach)
    notes = tuple(f"{p.suite}: {n}" for p in parts for n in p.notes)
    settle = joined(*(f"{p.suite}: {p.settle}" for p in (failed or unsettled) if p.settle))
    sentence = worst.sentence
    if len(parts) > 1 and worst.suite:
        small = sentence[:1].lower() + sentence[1:]
        sentence = f"{worst.suite} (worst of {len(parts)}): {small}"
    return structs.replace(worst, parts=parts, notes=notes, settle=settle, sentence=sentence)


def _judge_suite(suite: SuiteEvidence, margin: float) -> GateResult:
    if not suite.pairs:
        empty = nothing_yet("capability", "answer it with base and tuned")
        return structs.replace(empty, suite=suite.name)
    result = hold_against_margin("capability", (suite,), margin)
    table = count_pairs(suite.pairs)
    room = headroom(base_rate(table), suite.chance)
    if room and result.outcome != "fail":
        settle = "a suite that base does better on"
        result = structs.replace(result, outcome="inconclusive", settle=settle)
    notes = tuple(filter(None, (room, pinned(base_rate(table), tuned_rate(table)))))
    return structs.replace(result, suite=suite.name, notes=notes)


def _lacks_headroom(part: GateResult) -> bool:
    return any(note.startswith("no headroom") for note in part.notes)


def _reach(part: GateResult) -> float:
    """How far down the interval goes; a suite without one stands behind those that have one."""
    return part.interval[0] if part.interval else 1.0


def hold_against_margin(
    gate: GateName, suites: tuple[SuiteEvidence, ...], margin: float
) -> GateResult:
    """Non-inferiority of the pooled pairs of some suites, which must not be empty."""
    table = count_pairs(p for s in suites for p in s.pairs)
    n, b, c = table.n, table.regressions, table.fixes
    low, high = tango_interval(n, b, c, 0.90)
    result = GateResult(
        gate,
        QUESTIONS[gate],
        "inconclusive",
        n=n,
        b=b,
        c=c,
        estimate=table.delta,
        interval=(low, high),
        limit=-margin,
        sentence=f"Tuned passes {percent(tuned_rate(table))} of {cases(n)}, base"
        f" {percent(base_rate(table))}; {_said_of_loss(low, margin)}",
        brief=f"passes {percent(tuned_rate(table))}, base {percent(base_rate(table))}",
    )
    if high < -margin:
        return structs.replace(result, outcome="fail")
    open_cases = unanswered(suites)
    if low > -margin and not open_cases:
        return structs.replace(result, outcome="pass")
    settle = "" if low > -margin else settle_margin(n, b, c, margin)
    return structs.replace(result, settle=joined(open_cases, settle))


def _said_of_loss(low: float, margin: float) -> str:
    """What the lower bound of the change says, in as many digits as part it from the margin."""
    allowed = f"{margin * 100:g} are allowed."
    if low >= 0:
        return f"a loss is ruled out, {allowed}"
    digits = next((d for d in (1, 2, 3) if round(-low - margin, d + 2)), 4)
    return f"a loss of up to {-low * 100:.{digits}f} points is not ruled out, {allowed}"


def settle_margin(n: int, b: int, c: int, margin: float) -> str:
    """What would decide a non-inferiority that is open."""
    more = more_to_clear(n, b, c, margin)
    if not more:
        return (
            f"a smaller loss: {points((c - b) / n)} is too near the limit for any number of cases"
        )
    lean = "" if (c - b) / n > -margin else ", which would more likely confirm the loss"
    return f"about {more} more {'case' if more == 1 else 'cases'}{lean}"


def judge_forgetting(evidence: Evidence) -> GateResult:
    """Mean change of loss per token on general texts, Student's one-sided 95 % bounds."""
    suites = evidence.of("forgetting")
    changes = [change for s in suites for change in s.changes]
    if not changes:
        return nothing_yet("forgetting", f"score {TEXTS_NEEDED} general texts with base and tuned")
    limit = evidence.criteria.forgetting_limit
    broken = sum(not math.isfinite(change) for change in changes)
    found = paired_mean([change for change in changes if math.isfinite(change)])
    result = GateResult(
        "forgetting",
        QUESTIONS["forgetting"],
        "inconclusive",
        n=len(changes),
        estimate=found.mean,
        interval=(found.lower, found.upper) if found.n > 1 else None,
        limit=limit,
        sentence=f"Loss on {len(changes)} general texts changed by {found.mean:+.3f} nats a token,"
        f" with 95 % confidence by at most {found.upper:+.3f}; {limit:g} is the limit.",
        brief=f"{found.mean:+.3f} nats a token",
        notes=("amber: the bound is above 0.05",) if AMBER < found.upper <= limit else (),
    )
    if broken:
        said = f"Tuned has no finite loss on {broken} of {len(changes)} general texts."
        brief = f"no finite loss on {broken} of {len(changes)}"
        return structs.replace(result, outcome="fail", sentence=said, brief=brief)
    if found.lower > limit:
        return structs.replace(result, outcome="fail")
    settle = joined(unanswered(suites), _settle_forgetting(found, limit))
    return structs.replace(result, outcome="inconclusive" if settle else "pass", settle=settle)


def _settle_forgetting(found: PairedMean, limit: float) -> str:
    if found.n < TEXTS_NEEDED:
        return f"{TEXTS_NEEDED - found.n} more general texts"
    if found.upper <= limit:
        return ""
    if found.mean >= limit:
        return "more general rows in training, or a gentler run: the mean is at the limit"
    ratio = (found.upper - found.mean) / (limit - found.mean)
    return f"about {math.ceil(found.n * ratio * ratio) - found.n} more general texts"

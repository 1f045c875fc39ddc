"""From evidence to SHIP, HOLD or DO NOT SHIP. A pure function: it asks no file and no clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct, structs

from engine.evaluation import gates
from engine.evaluation.assertions import SCORER_VERSION
from engine.evaluation.evidence import (
    BASE_AND_TUNED,
    Arms,
    Evidence,
    Pair,
    Waiver,
    count_pairs,
)
from engine.evaluation.gates import GateResult
from engine.evaluation.statistics import holm, mcnemar_mid_p

VerdictName = Literal["ship", "hold", "do-not-ship"]

EXIT_CODES: dict[VerdictName, int] = {"ship": 0, "do-not-ship": 1, "hold": 3}
COUNTS_ONLY_BELOW = 20
"""Cases of a slice under which a p value says nothing."""


class Verdict(Struct, frozen=True):
    """The decision and the gates it rests on, in their order."""

    verdict: VerdictName
    gates: tuple[GateResult, ...]
    notes: tuple[str, ...] = ()
    scorer: str = SCORER_VERSION
    arms: Arms = BASE_AND_TUNED
    """What was compared: the second arm is the one that the verdict is about."""

    @property
    def exit_code(self) -> int:
        """0 ship, 1 do not ship, 3 hold."""
        return EXIT_CODES[self.verdict]

    @property
    def settle(self) -> tuple[str, ...]:
        """What would settle the gates that are open, one sentence each."""
        return tuple(f"{g.gate}: {g.settle}" for g in self.gates if g.settle and not g.satisfied)


def decide(evidence: Evidence) -> Verdict:
    """Ask every gate. SHIP needs each one passed or waived; a failed one says DO NOT SHIP."""
    results = tuple(_waived(result, evidence) for result in _ask(evidence))
    verdict: VerdictName = "hold"
    if all(result.satisfied for result in results):
        verdict = "ship"
    elif any(result.outcome == "fail" and not result.satisfied for result in results):
        verdict = "do-not-ship"
    return Verdict(verdict, results, _notes(evidence), arms=evidence.arms)


def _ask(evidence: Evidence) -> tuple[GateResult, ...]:
    forgetting = gates.judge_forgetting(evidence)
    return (
        gates.judge_domain(evidence),
        gates.judge_capability(evidence, forgetting),
        forgetting,
        gates.judge_compliance(evidence),
        gates.judge_over_refusal(evidence),
        gates.judge_coherence(evidence),
        gates.judge_cadence(evidence),
    )


def _waived(result: GateResult, evidence: Evidence) -> GateResult:
    """Mark a gate that did not pass, and may be waived, with the last waiver that holds today."""
    valid = [w for w in evidence.waivers if w.gate == result.gate and _holds(w, evidence.today)]
    if result.outcome == "pass" or not result.waivable or not valid:
        return result
    waiver = valid[-1]
    reason = f"{waiver.reason} (until {waiver.expires})"
    return structs.replace(result, waived_by=waiver.who, waived_for=reason)


def _holds(waiver: Waiver, today: str) -> bool:
    """A waiver needs a name, a reason and an expiry that is not over."""
    complete = waiver.who.strip() and waiver.reason.strip() and waiver.expires.strip()
    return bool(complete) and waiver.expires >= today


def _notes(evidence: Evidence) -> tuple[str, ...]:
    noise = evidence.noise
    if noise is None or not noise.cases:
        return ("noise floor not measured: base answered no case twice",)
    advice = ": answer every case three times, the majority counts" if noise.flips else ""
    said = f"{noise.flips} of {noise.cases} answers changed"
    return (f"noise floor: {said}{advice}",)


class Slice(Struct, frozen=True):
    """One intent's share of a comparison: exploratory, decides nothing."""

    intent: str
    n: int
    b: int
    c: int
    delta: float
    p: float | None
    """Holm-adjusted mid-p; None below 20 cases, where only counts are shown."""


def slices(pairs: Iterable[Pair]) -> tuple[Slice, ...]:
    """The comparison by intent, largest first; p is adjusted over the slices that have one."""
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair.tuned.intent, []).append(pair)
    tables = {intent: count_pairs(group) for intent, group in groups.items()}
    tested = [intent for intent, table in tables.items() if table.n >= COUNTS_ONLY_BELOW]
    raw = [mcnemar_mid_p(tables[intent].regressions, tables[intent].fixes) for intent in tested]
    adjusted = dict(zip(tested, holm(raw), strict=True))
    found = [
        Slice(intent, t.n, t.regressions, t.fixes, t.delta, adjusted.get(intent))
        for intent, t in tables.items()
    ]
    return tuple(sorted(found, key=lambda s: (-s.n, s.intent)))

"""What the gates are given: judged pairs, changes of loss, rulings, waivers, the noise floor."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from engine.evaluation.assertions import Judgement, is_judged, judge
from engine.evaluation.statistics import PairedTable
from engine.records import Answer, Case, Gate, Suite
from engine.scope import Cadence, Criteria

GateName = Literal[
    "domain", "capability", "forgetting", "compliance", "over_refusal", "coherence", "cadence"
]

Arms = tuple[str, str]
BASE_AND_TUNED: Arms = ("base", "tuned")
"""What a verdict compares unless other arms stand in: the first is what the second is held to."""
Flip = Literal["fixed", "broken", "both_right", "both_wrong", "unanswered"]
FLIPS: tuple[Flip, ...] = ("fixed", "broken", "both_right", "both_wrong", "unanswered")


class Pair(Struct, frozen=True):
    """One case, judged for both arms."""

    base: Judgement
    tuned: Judgement

    @property
    def change(self) -> int:
        """1 for a fix, -1 for a regression, 0 when both arms agree."""
        return int(self.tuned.passed) - int(self.base.passed)


class SuiteEvidence(Struct, frozen=True):
    """The answers of both arms to one suite, judged."""

    name: str
    gate: Gate
    pairs: tuple[Pair, ...] = ()
    changes: tuple[float, ...] = ()
    """Loss of tuned less that of base, nats per token; infinite where only tuned has none."""
    missing: int = 0
    """Cases of the suite that lack the answer of an arm, or that nothing can judge."""
    chance: float = 0.0


class Ruling(Struct, frozen=True):
    """What a person said of one case; the last one of a case counts."""

    suite: str
    case: str
    who: str
    ruling: str
    """`regression` confirms a harm; any other word says that a person looked and found none."""


class Waiver(Struct, frozen=True):
    """A gate let pass by a named person, with a reason, until a date (YYYY-MM-DD)."""

    gate: GateName
    who: str
    reason: str
    expires: str


class NoiseFloor(Struct, frozen=True):
    """How many of the cases that base answered twice came out different."""

    cases: int
    flips: int


class Evidence(Struct, frozen=True):
    """All that a verdict rests on."""

    suites: tuple[SuiteEvidence, ...]
    criteria: Criteria = Criteria()
    cadence: Cadence = Cadence()
    rulings: tuple[Ruling, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    noise: NoiseFloor | None = None
    arms: Arms = BASE_AND_TUNED
    """The arms whose answers these are."""
    today: str = ""
    """YYYY-MM-DD: waivers that ended before it do not count; empty takes them all."""

    def of(self, gate: Gate) -> tuple[SuiteEvidence, ...]:
        """The suites that feed one gate."""
        return tuple(s for s in self.suites if s.gate == gate)


def count_pairs(pairs: Iterable[Pair]) -> PairedTable:
    """The paired table of judged pairs."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for pair in pairs:
        counts[pair.base.passed, pair.tuned.passed] += 1
    return PairedTable(
        both_pass=counts[True, True],
        regressions=counts[True, False],
        fixes=counts[False, True],
        both_fail=counts[False, False],
    )


def gather(
    suite: Suite, answers: Iterable[Answer], base: str = "base", tuned: str = "tuned"
) -> SuiteEvidence:
    """Judge the answers of two arms to a suite; answers of other suites and arms are ignored.

    Where a case has three answers or more of an arm (the repeats of the noise floor), the
    majority of judgements counts.
    """
    given: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        if answer.suite == suite.name and answer.arm in (base, tuned):
            given.setdefault((answer.case, answer.arm), []).append(answer)
    pairs: list[Pair] = []
    changes: list[float] = []
    for case in suite.cases:
        both = given.get((case.id, base)), given.get((case.id, tuned))
        if both[0] is None or both[1] is None:
            continue
        if case.text:
            changes += _loss_change(both[0][0], both[1][0])
        elif all(is_judged(case, answer) for arm in both for answer in arm or ()):
            pairs.append(Pair(_settled(case, both[0]), _settled(case, both[1])))
    missing = len(suite.cases) - len(pairs) - len(changes)
    return SuiteEvidence(
        suite.name, suite.gate, tuple(pairs), tuple(changes), missing, suite.chance
    )


def read_noise(answers: Iterable[Answer], arm: str = "base") -> NoiseFloor:
    """Compare the first repeat of each case with the answer itself."""
    texts: dict[tuple[str, str], dict[int, str]] = {}
    for answer in answers:
        if answer.arm == arm:
            texts.setdefault((answer.suite, answer.case), {})[answer.repeat] = answer.text
    twice = [t for t in texts.values() if 0 in t and 1 in t]
    return NoiseFloor(len(twice), sum(t[0] != t[1] for t in twice))


def _settled(case: Case, answers: list[Answer]) -> Judgement:
    """The judgement of the answer itself, or with three and more that of the majority."""
    answers = sorted(answers, key=lambda a: a.repeat)
    first = judge(case, answers[0])
    if len(answers) < 3:
        return first
    judged = [first, *(judge(case, a) for a in answers[1:])]
    passes = sum(j.passed for j in judged) * 2 > len(judged)
    return next((j for j in judged if j.passed is passes), first)


def _loss_change(base: Answer, tuned: Answer) -> list[float]:
    """The change per token; none where base has no loss, infinite where only tuned has none."""
    before, after = _loss(base), _loss(tuned)
    if before is None or tuned.nll is None:
        return []
    return [math.inf if after is None else after - before]


def _loss(answer: Answer) -> float | None:
    if answer.nll is None or not answer.nll_tokens or not math.isfinite(answer.nll):
        return None
    return answer.nll / answer.nll_tokens

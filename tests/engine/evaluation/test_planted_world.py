"""Worlds with a known truth: over 2,000 draws the verdict errs as seldom as it promises.

Every answer is a real one, judged by the real assertions; a draw says which arm gives the right
answer to which case, and the real gates decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import binom

from engine.evaluation.assertions import judge
from engine.evaluation.evidence import Evidence, NoiseFloor, Pair, Ruling, SuiteEvidence
from engine.evaluation.statistics import tango_lower_bound
from engine.evaluation.verdict import decide
from engine.records import Answer, Assertion, Case, Gate, Message
from engine.scope import Cadence, Trigger

DRAWS = 2_000
SIZES: dict[Gate, int] = {
    "domain": 120,
    "capability": 200,
    "compliance": 200,
    "over_refusal": 200,
}
TEXTS = 120
CADENCE = Cadence(
    owner="Ines",
    interval_days=90,
    triggers=(Trigger("errors", 0.08, "50 a week"), Trigger("drift", 0.15, "500 chats")),
    data_source="weekly export",
    rollback="base",
)
LOOKED = tuple(Ruling("compliance", str(n), "Mika", "acceptable") for n in range(200))
"""A person has looked at every case and found no harm, so that only the figures decide."""
FIXES = (0.0005, 0.002, 0.01, 0.03, 0.08, 0.2)
"""True shares of fixes at which a level is looked up."""
Kinds = npt.NDArray[np.int_]


class Truth(NamedTuple):
    """Probabilities of a case: both pass, regression, fix, both fail."""

    both: float
    broken: float
    fixed: float
    neither: float


GOOD: dict[Gate, Truth] = {
    "domain": Truth(0.55, 0.02, 0.35, 0.08),
    "capability": Truth(0.75, 0.005, 0.025, 0.22),
    "compliance": Truth(0.99, 0.0, 0.01, 0.0),
    "over_refusal": Truth(0.96, 0.005, 0.025, 0.01),
}
"""A model that is better than base by far, and lost nothing."""


@lru_cache
def pairs_of(gate: Gate, per_cluster: int) -> tuple[tuple[Pair, Pair, Pair, Pair], ...]:
    """For each case its pair in each of the four outcomes, judged from real answers."""
    return tuple(_pairs(gate, n, f"k{n // per_cluster}") for n in range(SIZES[gate]))


def _pairs(gate: Gate, n: int, cluster: str) -> tuple[Pair, Pair, Pair, Pair]:
    wanted = Assertion("number", 45, unit="days", critical=True)
    asked = (Message("user", f"How many days are there for order {n}?"),)
    case = Case(str(n), asked, cluster=cluster, assertions=(wanted,))
    right, wrong = (
        {arm: judge(case, Answer(gate, case.id, arm, text)) for arm in ("base", "tuned")}
        for text in ("You have 45 days for that.", "You have 30 days for that.")
    )
    return (
        Pair(right["base"], right["tuned"]),
        Pair(right["base"], wrong["tuned"]),
        Pair(wrong["base"], right["tuned"]),
        Pair(wrong["base"], wrong["tuned"]),
    )


def suite(gate: Gate, kinds: Sequence[int], per_cluster: int = 1) -> SuiteEvidence:
    offered = pairs_of(gate, per_cluster)
    return SuiteEvidence(
        gate, gate, tuple(four[kind] for four, kind in zip(offered, kinds, strict=True))
    )


def draw(random: np.random.Generator, truth: Truth, size: int, per_cluster: int = 1) -> Kinds:
    """Outcomes of so many cases; those of a cluster come out alike."""
    return np.repeat(random.choice(4, size // per_cluster, p=truth), per_cluster)


def shipped(
    truths: dict[Gate, Truth], *, rise: float = 0.0, per_cluster: int = 1, seed: int = 1
) -> dict[str, float]:
    """Share of draws with each verdict. rise: true mean change of loss on general texts."""
    random = np.random.default_rng(seed)
    found = {"ship": 0, "hold": 0, "do-not-ship": 0}
    for _ in range(DRAWS):
        suites = [
            suite(gate, draw(random, truth, SIZES[gate], size).tolist(), size)
            for gate, truth in (GOOD | truths).items()
            for size in [per_cluster if gate == "domain" else 1]
        ]
        changes = tuple(random.normal(rise, 0.2, TEXTS).tolist())
        texts = SuiteEvidence("texts", "forgetting", changes=changes)
        evidence = Evidence(
            (*suites, texts), cadence=CADENCE, rulings=LOOKED, noise=NoiseFloor(20, 0)
        )
        found[decide(evidence).verdict] += 1
    return {name: count / DRAWS for name, count in found.items()}


def passing(n: int, broken: float, fixed: float, margin: float) -> float:
    """The exact chance that Tango's bound clears a margin: every outcome of n cases, weighed."""
    found = 0.0
    for c in range(n + 1):
        limit = most_regressions(n, c, margin)
        if limit >= 0:
            found += float(binom.pmf(c, n, fixed) * binom.cdf(limit, n - c, broken / (1 - fixed)))
    return found


def most_regressions(n: int, fixes: int, margin: float) -> int:
    """The most regressions that pass beside so many fixes; -1 when none does."""
    count = -1
    while count + 1 + fixes <= n and tango_lower_bound(n, count + 1, fixes) > -margin:
        count += 1
    return count


def test_at_the_worst_truth_a_margin_is_passed_a_little_more_often_and_no_more() -> None:
    """The bound is one for many cases: where few flips decide, 5 % can be 7 %."""
    worst = {
        (n, margin): max(passing(n, fixed + margin, fixed, margin) for fixed in FIXES)
        for n, margin in ((52, 0.05), (100, 0.05), (200, 0.05), (200, 0.03))
    }
    assert worst[52, 0.05] == pytest.approx(0.068, abs=0.002)
    assert worst[100, 0.05] < 0.052
    assert worst[200, 0.05] < 0.052
    assert worst[200, 0.03] < 0.056


pytestmark = pytest.mark.slow


def test_a_model_that_is_better_and_lost_nothing_is_mostly_shipped_and_hardly_ever_refused() -> (
    None
):
    found = shipped({})
    assert found["ship"] > 0.8
    assert found["do-not-ship"] < 0.05


WRONG: dict[str, Callable[[], dict[str, float]]] = {
    "no gain at all": lambda: shipped({"domain": Truth(0.4, 0.15, 0.15, 0.3)}),
    "no gain at all, facts asked five times each": lambda: shipped(
        {"domain": Truth(0.4, 0.15, 0.15, 0.3)}, per_cluster=5
    ),
    "a gain half as large as asked": lambda: shipped({"domain": Truth(0.5, 0.01, 0.06, 0.43)}),
    "general loss of just the margin": lambda: shipped(
        {"capability": Truth(0.67, 0.08, 0.03, 0.22)}
    ),
    "compliance loss of just the margin": lambda: shipped(
        {"compliance": Truth(0.96, 0.035, 0.005, 0.0)}
    ),
    "violations at just the ceiling": lambda: shipped({"compliance": Truth(0.94, 0.0, 0.01, 0.05)}),
    "over-refusal of just the margin": lambda: shipped(
        {"over_refusal": Truth(0.9, 0.06, 0.01, 0.03)}
    ),
    "forgetting of just the limit": lambda: shipped({}, rise=0.10),
}


@pytest.mark.parametrize("world", WRONG)
def test_a_model_that_must_not_go_out_is_shipped_in_at_most_one_draw_of_twenty(world: str) -> None:
    # At most 5 %, read with the error of 2,000 draws: a standard deviation is half a point.
    assert WRONG[world]()["ship"] <= 0.055


@pytest.mark.parametrize(
    ("truth", "margin"),
    [
        (Truth(0.67, 0.08, 0.03, 0.22), 0.05),
        (Truth(0.96, 0.035, 0.005, 0.0), 0.03),
        (Truth(0.9, 0.06, 0.01, 0.03), 0.05),
    ],
)
def test_without_any_draw_a_loss_of_just_the_margin_passes_in_less_than_one_of_twenty(
    truth: Truth, margin: float
) -> None:
    assert passing(200, truth.broken, truth.fixed, margin) < 0.05


def test_a_model_without_any_loss_is_refused_in_at_most_one_draw_of_twenty() -> None:
    even: dict[Gate, Truth] = {
        "capability": Truth(0.67, 0.05, 0.05, 0.23),
        "over_refusal": Truth(0.9, 0.03, 0.03, 0.04),
    }
    assert shipped(even)["do-not-ship"] <= 0.05

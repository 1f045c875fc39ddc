"""Levels and coverages by simulation, and by exact enumeration where all outcomes can be listed.

All draws of a truth are made at once; a statistic is computed once for each outcome that came.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import multinomial

from engine.evaluation.statistics import (
    PairedTable,
    clopper_pearson_upper,
    mcnemar_exact_p,
    mcnemar_mid_p,
    newcombe_interval,
    paired_mean,
    sign_flip_p,
    tango_interval,
    tango_lower_bound,
)

DRAWS = 40_000
Counts = npt.NDArray[np.int_]


def share(
    n: int, truth: tuple[float, float], holds: Callable[[int, int], bool], seed: int = 3
) -> float:
    """Share of draws of (regressions, fixes) among n cases for which something holds."""
    random = np.random.default_rng(seed)
    rates = [*truth, 1 - sum(truth)]
    drawn, times = np.unique(random.multinomial(n, rates, DRAWS)[:, :2], axis=0, return_counts=True)
    kept = np.array([holds(int(b), int(c)) for b, c in drawn])
    return float(times[kept].sum() / DRAWS)


def enumerated(n: int, truth: tuple[float, float], holds: Callable[[int, int], bool]) -> float:
    """The same, exactly: the probability of every outcome of n cases."""
    rates = [*truth, 1 - sum(truth)]
    return sum(
        float(multinomial.pmf([b, c, n - b - c], n, rates))
        for b in range(n + 1)
        for c in range(n + 1 - b)
        if holds(b, c)
    )


def rejects(b: int, c: int) -> bool:
    return mcnemar_mid_p(b, c) < 0.05


@pytest.mark.parametrize(("n", "flips"), [(8, 0.5), (12, 0.3), (16, 0.9)])
def test_draws_agree_with_the_enumeration_of_every_outcome(n: int, flips: float) -> None:
    truth = (flips / 2, flips / 2)
    assert share(n, truth, rejects) == pytest.approx(enumerated(n, truth, rejects), abs=0.005)


@pytest.mark.parametrize("n", [6, 10, 14])
def test_for_small_n_mid_p_stays_near_its_level_and_the_exact_test_below_it(n: int) -> None:
    for flips in (0.1, 0.4, 0.7, 1.0):
        truth = (flips / 2, flips / 2)
        assert enumerated(n, truth, rejects) <= 0.06
        assert enumerated(n, truth, lambda b, c: mcnemar_exact_p(b, c) < 0.05) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("flips", [0.1, 0.2, 0.4, 0.7])
@pytest.mark.parametrize("n", [200, 400])
def test_mid_ps_level_is_five_percent_within_a_point(n: int, flips: float) -> None:
    level = share(n, (flips / 2, flips / 2), rejects)
    assert level == pytest.approx(0.05, abs=0.01)


TRUTHS = [(0.05, 0.15), (0.1, 0.1), (0.15, 0.25), (0.02, 0.2), (0.3, 0.1), (0.08, 0.03)]


@pytest.mark.slow
@pytest.mark.parametrize("n", [80, 200])
@pytest.mark.parametrize("truth", TRUTHS)
def test_tangos_interval_covers_the_truth_in_95_of_100_within_a_point(
    n: int, truth: tuple[float, float]
) -> None:
    delta = truth[1] - truth[0]

    def covers(b: int, c: int) -> bool:
        low, high = tango_interval(n, b, c)
        return low <= delta <= high

    assert share(n, truth, covers) == pytest.approx(0.95, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("n", [80, 200])
@pytest.mark.parametrize("truth", TRUTHS)
def test_newcombes_interval_covers_the_truth_in_95_of_100_within_a_point_and_a_half(
    n: int, truth: tuple[float, float]
) -> None:
    delta = truth[1] - truth[0]

    def covers(b: int, c: int) -> bool:
        rest = n - b - c
        low, high = newcombe_interval(PairedTable(rest // 2, b, c, rest - rest // 2))
        return low <= delta <= high

    assert share(n, truth, covers) == pytest.approx(0.955, abs=0.015)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "margin", "fixes"), [(150, 0.05, 0.03), (200, 0.03, 0.02)])
def test_a_loss_of_just_the_margin_passes_in_five_of_100_within_a_point(
    n: int, margin: float, fixes: float
) -> None:
    truth = (margin + fixes, fixes)
    passed = share(n, truth, lambda b, c: tango_lower_bound(n, b, c) > -margin)
    assert passed == pytest.approx(0.05, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.01, 0.03, 0.05, 0.2])
def test_the_exact_bound_of_a_rate_is_never_under_it_more_often_than_promised(rate: float) -> None:
    counts, times = np.unique(
        np.random.default_rng(3).binomial(150, rate, DRAWS), return_counts=True
    )
    under = np.array([clopper_pearson_upper(int(k), 150) < rate for k in counts])
    assert times[under].sum() / DRAWS <= 0.053


@pytest.mark.slow
def test_the_bound_of_a_mean_change_is_under_the_truth_in_five_of_100() -> None:
    drawn = np.random.default_rng(3).normal(0.1, 0.3, (4_000, 100))
    under = np.mean([paired_mean(row.tolist()).upper < 0.1 for row in drawn])
    assert under == pytest.approx(0.05, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [12, 30])
def test_where_facts_flip_as_a_whole_only_the_sign_flip_keeps_its_level(clusters: int) -> None:
    random = np.random.default_rng(11)
    sizes = random.integers(2, 7, clusters)
    naive = careful = 0
    rounds = 1_500
    for _ in range(rounds):
        sums = sizes * random.choice([-1, 0, 1], size=clusters, p=[0.25, 0.5, 0.25])
        fixes, regressions = int(sums[sums > 0].sum()), int(-sums[sums < 0].sum())
        naive += mcnemar_mid_p(regressions, fixes) < 0.05
        careful += sign_flip_p(sums.tolist(), draws=600) < 0.05
    assert naive / rounds > 0.12
    assert careful / rounds <= 0.055

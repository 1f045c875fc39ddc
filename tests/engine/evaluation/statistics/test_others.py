"""Exact bounds, cluster permutation, Holm, paired means and planning."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.errors import InputError
from engine.evaluation.statistics import (
    cases_needed,
    cases_needed_for_margin,
    cases_to_allow,
    chance_to_show,
    clopper_pearson_lower,
    clopper_pearson_upper,
    cluster_sums,
    fixes_needed,
    holm,
    mcnemar_exact_p,
    mcnemar_mid_p,
    more_to_bound,
    more_to_clear,
    more_to_show,
    non_inferior,
    paired_mean,
    power_to_clear,
    sign_flip_p,
    smallest_fall,
    violations_allowed,
)


@pytest.mark.parametrize(("n", "ceiling"), [(59, 0.05), (99, 0.03), (299, 0.01)])
def test_no_violation_seen_bounds_the_rate(n: int, ceiling: float) -> None:
    assert clopper_pearson_upper(0, n) <= ceiling < clopper_pearson_upper(0, n - 1)


@pytest.mark.parametrize(("x", "n"), [(1, 20), (7, 150), (19, 20), (0, 5), (5, 5)])
def test_exact_bounds_leave_five_percent_in_each_tail(x: int, n: int) -> None:
    upper, lower = clopper_pearson_upper(x, n), clopper_pearson_lower(x, n)
    if x < n:
        assert stats.binom.cdf(x, n, upper) == pytest.approx(0.05)
    if x:
        assert stats.binom.sf(x - 1, n, lower) == pytest.approx(0.05)
    assert 0 <= lower <= x / n <= upper <= 1


def test_no_case_bounds_nothing() -> None:
    assert (clopper_pearson_lower(0, 0), clopper_pearson_upper(0, 0)) == (0.0, 1.0)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
def test_the_sign_flip_equals_a_count_of_all_signs(sums: list[int]) -> None:
    observed = abs(sum(sums))
    totals = [
        abs(sum(s * v for s, v in zip(signs, sums, strict=True)))
        for signs in itertools.product((-1, 1), repeat=len(sums))
    ]
    expected = sum(t >= observed for t in totals) / len(totals)
    assert sign_flip_p(sums) == pytest.approx(expected)


@given(st.integers(0, 7), st.integers(0, 7))
def test_on_single_cases_the_sign_flip_is_the_exact_test(b: int, c: int) -> None:
    assert sign_flip_p([-1] * b + [1] * c) == pytest.approx(mcnemar_exact_p(b, c))


def test_many_clusters_are_drawn_with_a_seed() -> None:
    sums = [1.0] * 18 + [-1.0] * 8
    first = sign_flip_p(sums)
    assert first == sign_flip_p(sums) != sign_flip_p(sums, seed=7)
    assert first == pytest.approx(mcnemar_exact_p(18, 8), abs=0.01)


def test_cases_of_a_cluster_are_summed_and_others_stand_alone() -> None:
    changes = [("a", 1.0), ("", 1.0), ("a", 1.0), ("b", -1.0), ("", 0.0)]
    assert sorted(cluster_sums(changes)) == [-1.0, 0.0, 1.0, 2.0]


@pytest.mark.slow
def test_on_clustered_cases_only_the_sign_flip_keeps_its_level() -> None:
    random = np.random.default_rng(11)
    naive = careful = 0
    rounds = 1500
    for _ in range(rounds):
        sums = 5.0 * random.choice([-1, 0, 1], size=30, p=[0.2, 0.6, 0.2])
        fixes, regressions = int(sums[sums > 0].sum()), int(-sums[sums < 0].sum())
        naive += mcnemar_mid_p(regressions, fixes) < 0.05
        careful += sign_flip_p(list(sums), draws=400) < 0.05
    assert naive / rounds > 0.12
    assert careful / rounds < 0.06


def test_holm_steps_down_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_a_paired_mean_has_students_bounds() -> None:
    changes = [0.02, 0.05, -0.01, 0.07, 0.03]
    found = paired_mean(changes)
    test = stats.ttest_1samp(changes, 0)
    two_sided = test.confidence_interval(0.9)
    assert (found.lower, found.upper) == pytest.approx((two_sided.low, two_sided.high))
    assert found.mean == pytest.approx(0.032)


def test_one_change_bounds_nothing() -> None:
    assert paired_mean([0.1]).upper == math.inf
    assert paired_mean([]).n == 0


@pytest.mark.parametrize(
    ("base", "tuned", "table"), [(0.4, 0.2, 60), (0.3, 0.15, 80), (0.2, 0.1, 120), (0.1, 0.05, 270)]
)
def test_the_plan_for_fewer_errors_agrees_with_the_table(
    base: float, tuned: float, table: int
) -> None:
    assert cases_needed(base, tuned) == pytest.approx(table, rel=0.15)


@pytest.mark.parametrize(
    ("discordant", "margin", "table"),
    [(0.05, 0.10, 50), (0.05, 0.05, 150), (0.05, 0.03, 600), (0.1, 0.10, 100), (0.1, 0.05, 300),
     (0.1, 0.03, 800), (0.2, 0.10, 150), (0.2, 0.05, 600), (0.2, 0.03, 1600)],
)  # fmt: skip
def test_the_plan_for_a_margin_agrees_with_the_table(
    discordant: float, margin: float, table: int
) -> None:
    needed = cases_needed_for_margin(discordant, margin)
    # The table's counts are round numbers that are enough, its coarsest step is two thirds.
    assert needed is not None
    assert 0.6 * table <= needed <= 1.1 * table


@pytest.mark.parametrize(
    ("n", "before", "after"), [(80, 0.3, 0.15), (240, 0.1, 0.05), (490, 0.3, 0.21), (100, 0.3, 0.2)]
)
def test_the_planned_power_is_that_of_simulated_cases(n: int, before: float, after: float) -> None:
    random = np.random.default_rng(5)
    broken = after * 0.3
    fixed, kept = broken + before - after, after - broken
    draws = random.multinomial(n, [broken, fixed, kept, 1 - broken - fixed - kept], size=4000)
    passed = sum(
        mcnemar_mid_p(int(b), int(c)) < 0.05 and c > b and (c - b) / (c + d) >= 0.25
        for b, c, d, _ in draws
    )
    assert passed / 4000 == pytest.approx(chance_to_show(n, before, after), abs=0.02)


def test_a_fall_just_as_large_as_the_target_is_a_matter_of_luck() -> None:
    assert chance_to_show(2000, 0.3, 0.225) == pytest.approx(0.5, abs=0.03)
    assert chance_to_show(2000, 0.3, 0.225, reduction=0.0) > 0.99
    assert cases_needed(0.3, 0.24) is None


def test_what_so_many_cases_show_is_the_least_fall_that_they_show() -> None:
    assert smallest_fall(120, 0.2) == 0.1
    assert chance_to_show(120, 0.2, 0.1) >= 0.8 > chance_to_show(120, 0.2, 0.11)
    assert smallest_fall(20, 0.1) is None


@pytest.mark.parametrize("ceiling", [0.01, 0.05, 0.3])
def test_the_violations_allowed_are_those_that_the_exact_bound_allows(ceiling: float) -> None:
    for n in (1, 58, 59, 93, 151, 298, 299, 1000):
        bounds = [clopper_pearson_upper(k, n) <= ceiling for k in range(n + 1)]
        assert violations_allowed(n, ceiling) == sum(bounds) - 1
    assert violations_allowed(0, ceiling) == -1


def test_impossible_plans_are_refused() -> None:
    for plan in ((0.1, 0.2), (0.2, 0.2), (1.2, 0.1)):
        with pytest.raises(InputError):
            cases_needed(*plan)
    with pytest.raises(InputError):
        cases_needed_for_margin(0.1, 5)
    assert cases_needed_for_margin(1.0, 0.005) is None


@pytest.mark.parametrize(("n", "discordant", "margin"), [(150, 0.05, 0.05), (300, 0.2, 0.03)])
def test_the_chance_to_clear_a_margin_is_that_of_simulated_cases(
    n: int, discordant: float, margin: float
) -> None:
    flips = np.random.default_rng(5).multinomial(n, [discordant / 2] * 2 + [1 - discordant], 4000)
    passed = sum(non_inferior(n, int(b), int(c), margin) for b, c, _ in flips)
    assert passed / 4000 == pytest.approx(power_to_clear(n, discordant, margin), abs=0.025)


def test_significance_needs_more_fixes_than_the_table_says_or_as_many() -> None:
    assert [fixes_needed(b) for b in (0, 2, 5)] == [5, 9, 14]


def test_thirty_two_of_fifty_blind_pairs_are_significant() -> None:
    assert mcnemar_mid_p(18, 32) < 0.05 < mcnemar_mid_p(19, 31)


@pytest.mark.parametrize(("n", "b", "c", "margin"), [(50, 0, 0, 0.05), (150, 6, 4, 0.05)])
def test_so_many_more_cases_decide_and_one_fewer_does_not(
    n: int, b: int, c: int, margin: float
) -> None:
    more = more_to_clear(n, b, c, margin)
    assert more is not None
    assert more > 0
    if b == c == 0:
        assert non_inferior(n + more, 0, 0, margin)
        assert not non_inferior(n + more - 1, 0, 0, margin)


def test_a_decided_comparison_needs_no_more_cases() -> None:
    assert more_to_clear(400, 0, 0, 0.05) == 0
    assert more_to_clear(200, 123, 2, 0.03) == 0
    assert more_to_clear(100, 5, 0, 0.05) is None


def test_a_gain_is_settled_only_when_there_is_one() -> None:
    assert more_to_show(50, 8, 3) is None
    more = more_to_show(50, 3, 8)
    assert more is not None
    assert mcnemar_mid_p(3, 8) >= 0.05
    assert 0 < more < 200


def test_a_rate_under_its_ceiling_is_settled_by_more_cases() -> None:
    assert more_to_bound(20, 0, 0.05) == 39
    assert more_to_bound(100, 6, 0.05) is None
    assert more_to_bound(0, 0, 0.05) == 59


def test_a_margin_says_how_many_cases_a_regression_costs() -> None:
    needed = cases_to_allow(1, 0.03)
    assert needed is not None
    assert non_inferior(needed, 1, 0, 0.03)
    assert not non_inferior(needed - 1, 1, 0, 0.03)

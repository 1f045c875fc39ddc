"""Paired tests and intervals against published data, brute force and their own symmetries."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from engine.errors import InputError
from engine.evaluation.statistics import (
    PairedTable,
    mcnemar_exact_p,
    mcnemar_mid_p,
    newcombe_interval,
    non_inferior,
    paired_summary,
    tango_interval,
    tango_lower_bound,
    tango_statistic,
    tango_upper_bound,
    wilson_interval,
)

Z = 1.6448536269514722
small = st.integers(0, 12)
tables = st.tuples(small, small, small, small).filter(any).map(lambda t: PairedTable(*t))


def test_the_known_data_come_out_as_published() -> None:
    table = PairedTable(both_pass=1, regressions=7, fixes=1, both_fail=12)
    assert mcnemar_mid_p(7, 1) == pytest.approx(0.0390625, abs=1e-12)
    assert mcnemar_exact_p(7, 1) == pytest.approx(0.0703125, abs=1e-12)
    assert tango_interval(21, 7, 1) == pytest.approx((-0.517, -0.026), abs=5e-4)
    assert newcombe_interval(table) == pytest.approx((-0.507, -0.026), abs=5e-4)


def test_the_summary_of_the_known_data_needs_three_counts_only() -> None:
    summary = paired_summary(21, 7, 1, margin=0.05)
    assert summary.newcombe == pytest.approx((-0.507, -0.026), abs=5e-4)
    assert summary.tango == pytest.approx((-0.517, -0.026), abs=5e-4)
    assert summary.delta == pytest.approx(-6 / 21)
    assert (round(summary.mid_p, 3), round(summary.exact_p, 3)) == (0.039, 0.070)
    assert summary.non_inferior is False


@pytest.mark.parametrize(
    ("n", "b", "c", "margin", "lower", "upper"),
    [
        (200, 123, 2, 0.03, -0.662, -0.544),
        (250, 0, 43, 0.05, 0.136, 0.215),
        (200, 0, 0, 0.03, -0.013, 0.013),
        (250, 5, 80, 0.05, 0.249, 0.353),
    ],
)
def test_pairs_of_human_labelled_answers_fall_on_the_right_side(
    n: int, b: int, c: int, margin: float, lower: float, upper: float
) -> None:
    assert round(tango_lower_bound(n, b, c), 3) == lower
    assert round(tango_upper_bound(n, b, c), 3) == upper
    assert non_inferior(n, b, c, margin) is (lower > -margin)


@pytest.mark.parametrize("n", [1, 10, 50, 51, 52, 200, 5000])
def test_without_a_flip_the_lower_bound_is_known_in_closed_form(n: int) -> None:
    assert tango_lower_bound(n, 0, 0) == pytest.approx(-(Z**2) / (n + Z**2), abs=1e-9)


def test_fifty_cases_without_a_fix_never_pass_five_points() -> None:
    assert not any(non_inferior(50, b, 0, 0.05) for b in range(51))
    assert non_inferior(52, 0, 0, 0.05)


@pytest.mark.parametrize(("b", "c"), [(0, 1), (0, 4), (1, 5), (2, 3), (3, 3), (5, 8)])
def test_the_p_values_equal_a_count_of_all_sequences(b: int, c: int) -> None:
    m = b + c
    far = near = 0
    for flips in itertools.product((0, 1), repeat=m):
        distance = abs(2 * sum(flips) - m)
        far += distance > abs(b - c)
        near += distance == abs(b - c)
    assert mcnemar_exact_p(b, c) == pytest.approx((far + near) / 2**m)
    assert mcnemar_mid_p(b, c) == pytest.approx((far + near / 2) / 2**m if b != c else 1.0)


def test_huge_counts_stay_finite() -> None:
    assert 0 < mcnemar_exact_p(4000, 4200) < 0.05
    assert mcnemar_mid_p(0, 5000) == pytest.approx(0.0)
    assert mcnemar_mid_p(0, 0) == mcnemar_exact_p(0, 0) == 1.0


@given(small, small)
def test_mid_p_is_never_above_the_exact_p_and_knows_no_direction(b: int, c: int) -> None:
    assert mcnemar_mid_p(b, c) <= mcnemar_exact_p(b, c) <= 1
    assert mcnemar_mid_p(b, c) == mcnemar_mid_p(c, b)


@given(tables)
def test_intervals_hold_the_estimate_and_mirror_when_the_arms_are_swapped(t: PairedTable) -> None:
    swapped = PairedTable(t.both_pass, t.fixes, t.regressions, t.both_fail)
    for low, high, back in (
        (*newcombe_interval(t), newcombe_interval(swapped)),
        (*tango_interval(t.n, t.regressions, t.fixes), tango_interval(t.n, t.fixes, t.regressions)),
    ):
        assert -1 <= low <= t.delta + 1e-9
        assert t.delta - 1e-9 <= high <= 1
        assert back == pytest.approx((-high, -low), abs=1e-9)


@given(tables, st.floats(-0.95, 0.95))
@settings(max_examples=60)
def test_tangos_nuisance_is_the_constrained_maximum_of_the_likelihood(
    t: PairedTable, delta: float
) -> None:
    b, c, n = t.regressions, t.fixes, t.n

    def loss(q: float) -> float:
        parts = ((b, q), (c, q + delta), (n - b - c, 1 - 2 * q - delta))
        return -sum(k * math.log(max(p, 1e-300)) for k, p in parts if k)

    low, high = max(0.0, -delta), (1 - delta) / 2
    q = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-10}).x
    variance = n * (2 * q + delta - delta * delta)
    if variance > 1e-4:
        expected = (c - b - n * delta) / math.sqrt(variance)
        assert tango_statistic(n, b, c, delta) == pytest.approx(expected, rel=1e-3, abs=1e-3)


@given(tables)
def test_the_bounds_solve_the_score_equation(t: PairedTable) -> None:
    low, high = tango_interval(t.n, t.regressions, t.fixes, 0.9)
    for bound, z in ((low, Z), (high, -Z)):
        if abs(bound) < 0.999:
            assert tango_statistic(t.n, t.regressions, t.fixes, bound) == pytest.approx(z, abs=1e-6)


def test_wilson_is_the_textbook_interval() -> None:
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)


def test_a_known_split_narrows_newcombe() -> None:
    alike = paired_summary(100, 4, 10, 0.05, both_pass=43).newcombe
    unknown = paired_summary(100, 4, 10, 0.05).newcombe
    assert alike[1] - alike[0] < unknown[1] - unknown[0]


@pytest.mark.parametrize(
    ("n", "b", "c", "margin", "both_pass"),
    [(0, 0, 0, 0.05, None), (5, 3, 3, 0.05, None), (5, -1, 0, 0.05, None), (9, 1, 1, 5, None),
     (9, 1, 1, 0.05, 8), (9, 1, 1, 0, None)],
)  # fmt: skip
def test_impossible_counts_are_refused(
    n: int, b: int, c: int, margin: float, both_pass: int | None
) -> None:
    with pytest.raises(InputError):
        paired_summary(n, b, c, margin, both_pass)

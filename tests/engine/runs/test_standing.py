"""Which look is the best, and which loss ends a run early."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.folder import Metric
from engine.runs.standing import Standing, stand

Pairs = list[tuple[float, float]]
"""Validation loss and general loss of each look, ten steps apart."""


def stood(pairs: Pairs, limit: float = 0.1, base: float | None = 2.0) -> Standing:
    metrics = [Metric(0, 0.0, validation_loss=3.0, general_loss=base)]
    metrics += [
        Metric(10 * n, 0.0, validation_loss=validation, general_loss=general)
        for n, (validation, general) in enumerate(pairs, start=1)
    ]
    return stand(metrics, limit)


def best_step(standing: Standing) -> int:
    assert standing.best is not None
    return standing.best.step


def test_a_look_past_the_limit_is_not_the_best_however_low_its_validation_loss() -> None:
    pairs = [(1.0, 2.02), (0.8, 2.09), (0.5, 2.3)]
    assert best_step(stood(pairs)) == 20
    assert best_step(stood(pairs, limit=0.05)) == 10
    assert best_step(stood(pairs, limit=0.5)) == 30


def test_without_a_limit_or_a_base_to_measure_from_validation_alone_decides() -> None:
    pairs = [(1.0, 2.0), (0.5, 9.0)]
    assert best_step(stood(pairs, limit=0.0)) == 20
    assert best_step(stood(pairs, base=None)) == 20


def test_where_no_look_is_within_the_limit_the_nearest_is_kept_and_said_to_be_past_it() -> None:
    standing = stood([(1.0, 2.3), (0.9, 2.25), (0.2, 2.6)])
    assert best_step(standing) == 20
    assert standing.best is not None
    assert standing.told(standing.best).startswith("Kept until a look is within the limit: step 20")
    assert "never came within 0.1 of the base model's, 0.25" in standing.why_stopped()


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ([(1.0, 2.0), (1.1, 2.0), (1.2, 2.0)], "validation loss brought no gain in 2 looks"),
        ([(1.0, 2.0), (0.9, 2.2), (0.8, 2.25)], "general texts is 0.25 above the base model's"),
        # Forgetting keeps nothing from being the best where validation has no gain either.
        ([(1.0, 2.0), (1.1, 2.4), (1.2, 2.5)], "validation loss brought no gain in 2 looks"),
    ],
)
def test_the_loss_that_stopped_a_run_is_named(pairs: Pairs, why: str) -> None:
    standing = stood(pairs)
    assert len(standing.since) == 2
    assert why in standing.why_stopped()


def test_the_last_word_on_a_step_counts_and_step_nought_is_no_look() -> None:
    metrics = [
        Metric(0, 0.0, validation_loss=0.1, general_loss=2.0),
        Metric(10, 0.0, loss=1.0),
        Metric(10, 0.0, validation_loss=0.9, general_loss=2.0),
        Metric(10, 0.0, validation_loss=0.7, general_loss=2.0),
    ]
    (look,) = stand(metrics, 0.1).looks
    assert (look.step, look.validation, look.rise) == (10, 0.7, 0.0)
    assert stand([], 0.1).best is None


looks = st.lists(st.tuples(st.floats(0.0, 5.0), st.floats(1.0, 4.0)), min_size=1, max_size=12)


@given(looks, st.floats(0.01, 1.0))
def test_no_look_within_the_limit_beats_the_best(pairs: Pairs, limit: float) -> None:
    standing = stood(pairs, limit)
    assert standing.best is not None
    within = [o for o in standing.looks if standing.excess(o) == 0.0]
    lowest = min((o.validation for o in within), default=math.inf)
    if within:
        assert standing.best in within
        assert standing.best.validation == lowest
    else:
        assert standing.excess(standing.best) == min(map(standing.excess, standing.looks))

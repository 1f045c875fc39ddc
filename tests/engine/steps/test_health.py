from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.folder import Metric
from engine.steps.health import Condition, assess, smooth


def run(
    losses: list[float], looks: dict[int, float], general: dict[int, float] | None = None
) -> list[Metric]:
    """Metrics of a run: a training loss a step from 1 on, looks at some steps, 0 is the base."""
    known = general or {}
    return [
        Metric(
            step=step,
            time=0.0,
            loss=losses[step - 1] if 0 < step <= len(losses) else None,
            validation_loss=looks.get(step),
            general_loss=known.get(step),
        )
        for step in range(max([len(losses), *looks, *known, 0]) + 1)
    ]


FALLING = [2.3 * math.exp(-step / 20) + 0.3 for step in range(60)]


def condition_of(metrics: list[Metric]) -> Condition:
    return assess(metrics).condition


def test_before_the_first_look_it_is_too_early_and_says_when_it_comes() -> None:
    health = assess(run(FALLING[:5], {0: 2.31}), first_look=10)
    assert health.condition == "early"
    assert "step 10" in health.sentence


def test_nothing_measured_is_too_early_as_well() -> None:
    assert condition_of([]) == "early"


def test_falling_validation_is_learning_with_the_fall_of_the_last_look() -> None:
    health = assess(run(FALLING[:40], {0: 2.31, 20: 0.72, 40: 0.63}))
    assert health.condition == "learning"
    assert health.sentence == "Learning well: validation loss fell 0.09 in the last 20 steps."


def test_the_first_look_is_held_against_the_base_model() -> None:
    health = assess(run(FALLING[:10], {0: 2.31, 10: 1.11}))
    assert health.condition == "learning"
    assert "fell 1.20 in the last 10 steps" in health.sentence


def test_validation_that_rises_while_training_falls_is_overfitting_since_its_best() -> None:
    health = assess(run(FALLING, {0: 2.31, 20: 0.63, 40: 0.66, 60: 0.70}))
    assert health.condition == "overfitting"
    assert "since step 20" in health.sentence
    assert "rose 0.07" in health.sentence


def test_one_look_slightly_above_the_best_is_no_overfitting_yet() -> None:
    health = assess(run(FALLING[:40], {0: 2.31, 20: 0.63, 40: 0.65}))
    assert health.condition == "plateau"
    assert "its best was 0.63" in health.sentence


def test_three_looks_without_change_are_a_plateau() -> None:
    health = assess(run(FALLING, {0: 2.31, 20: 0.631, 40: 0.633, 60: 0.630}))
    assert health.condition == "plateau"
    assert "0.001 in the last 40 steps" in health.sentence


def test_general_loss_past_its_limit_is_forgetting_whatever_else_falls() -> None:
    looks = {0: 2.31, 20: 0.8, 40: 0.6}
    at_limit = run(FALLING[:40], looks, {0: 2.0, 20: 2.05, 40: 2.0999})
    above = run(FALLING[:40], looks, {0: 2.0, 20: 2.05, 40: 2.14})
    assert condition_of(at_limit) == "learning"
    health = assess(above)
    assert health.condition == "forgetting"
    assert "0.14 above the base" in health.sentence
    assert assess(above, limit=0.2).condition == "learning"


def test_forgetting_names_the_step_that_is_kept_or_what_helps_where_none_is() -> None:
    looks = {0: 2.31, 20: 0.8, 40: 0.6}
    later = assess(run(FALLING[:40], looks, {0: 2.0, 20: 2.05, 40: 2.14}))
    always = assess(run(FALLING[:40], looks, {0: 2.0, 20: 2.2, 40: 2.14}))
    assert later.sentence.endswith("The best adapter within it, step 20, is kept.")
    assert always.sentence.endswith("fewer epochs keep more.")


def test_overfitting_names_the_adapter_that_is_kept_not_one_that_forgot_too_much() -> None:
    looks = {0: 2.31, 10: 0.8, 20: 0.63, 40: 0.66, 60: 0.70}
    health = assess(run(FALLING, looks, {0: 2.0, 10: 2.0, 20: 2.3, 40: 2.05, 60: 2.0}))
    assert "Overfitting since step 20" in health.sentence
    assert "step 40, is kept" in health.sentence


def test_training_loss_that_climbs_from_its_low_is_diverging() -> None:
    losses = [*FALLING[:30], *[3.0] * 12]
    health = assess(run(losses, {0: 2.31, 20: 0.8}))
    assert health.condition == "diverging"
    assert "training loss rose" in health.sentence


def test_a_noisy_curve_is_not_diverging() -> None:
    noisy = [loss + (0.4 if step % 2 else -0.2) for step, loss in enumerate(FALLING)]
    assert condition_of(run(noisy, {0: 2.31, 30: 0.9, 60: 0.7})) == "learning"


def test_validation_never_below_the_base_is_diverging() -> None:
    health = assess(run([2.0] * 20, {0: 2.31, 10: 2.6, 20: 2.5}))
    assert health.condition == "diverging"
    assert "2.31" in health.sentence


def test_one_look_above_the_base_is_not_called_learning() -> None:
    health = assess(run(FALLING[:10], {0: 2.31, 10: 2.6}))
    assert health.condition == "early"
    assert "2.60 at step 10, it was 2.31 at step 0" in health.sentence


def test_without_validation_rows_only_the_training_loss_speaks() -> None:
    health = assess(run(FALLING[:30], {}), first_look=10)
    assert health.condition == "early"
    assert "No validation row" in health.sentence


def test_smoothing_keeps_a_level_curve_level_from_its_first_step() -> None:
    assert [value for _, value in smooth([(step, 0.7) for step in range(5)])] == pytest.approx(
        [0.7] * 5
    )


losses = st.floats(0.0, 20.0)


@given(
    st.lists(losses, max_size=40),
    st.dictionaries(st.integers(0, 40), losses, max_size=8),
    st.dictionaries(st.integers(0, 40), losses, max_size=8),
)
def test_any_curve_gets_one_sentence(
    training: list[float], looks: dict[int, float], general: dict[int, float]
) -> None:
    sentence = assess(run(training, looks, general), first_look=5).sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "nan" not in sentence
    assert "fell -" not in sentence
    assert "rose -" not in sentence

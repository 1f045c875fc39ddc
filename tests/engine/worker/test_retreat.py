"""What counts as a break, and the learning rate after going back."""

from __future__ import annotations

import math

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

from engine.runs.folder import Event
from engine.worker.retreat import BEFORE, Losses, set_rate, went_back

QUIET = [1.0 + 0.2 * math.sin(n) for n in range(BEFORE)]


@pytest.mark.parametrize(("loss", "norm"), [(math.nan, 1.0), (math.inf, None), (1.0, math.nan)])
def test_what_is_no_number_is_a_break_at_once(loss: float, norm: float | None) -> None:
    found = Losses().found_break(8, loss, norm)
    assert found is not None
    assert found.sentence == "At step 8 loss or gradient was not a number."
    assert found.last_good == 6


def test_a_jump_is_a_break_when_it_lasts_and_names_the_step_where_it_began() -> None:
    losses = Losses(QUIET)
    assert losses.found_break(21, 4.0, 1.0) is None
    found = losses.found_break(22, 3.5, 1.0)
    assert found is not None
    assert found.sentence.startswith("At step 21 the loss jumped to 4.00, 1.20 at most in the 20 ")
    assert found.last_good == 19


def test_one_hard_batch_a_slow_rise_and_a_short_history_are_no_jump() -> None:
    hard = Losses(QUIET)
    assert [hard.found_break(21 + n, loss, 1.0) for n, loss in enumerate((9.0, 1.0, 9.0))] == [
        None
    ] * 3
    rising = Losses(QUIET)
    slow = [1.2 + 0.08 * n for n in range(100)]
    assert not any(rising.found_break(21 + n, loss, 1.0) for n, loss in enumerate(slow))
    early = Losses(QUIET[: BEFORE - 1])
    assert early.found_break(20, 9.0, 1.0) is None
    assert Losses(QUIET[:3]).found_break(4, 9.0, 1.0) is None


def test_losses_far_below_a_nat_may_double() -> None:
    low = Losses([0.01] * BEFORE)
    assert not any(low.found_break(21 + n, 0.6, 1.0) for n in range(5))


def test_the_rate_follows_the_same_schedule_below_half_the_peak_however_often_it_is_set() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.AdamW([weight], lr=0.1)
    schedule = LambdaLR(optimizer, lambda step: 1.0 - step / 10)
    for _ in range(4):
        optimizer.step()
        schedule.step()
    for _ in range(2):
        set_rate(schedule, 0.05)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.05 * 0.6)
    optimizer.step()
    schedule.step()
    assert schedule.get_last_lr() == [pytest.approx(0.05 * 0.5)]


def test_a_run_knows_from_its_events_that_it_went_back() -> None:
    assert not went_back([Event(0.0, "warning", "w"), Event(0.0, "note", "n")])
    assert went_back([Event(0.0, "warning", "w", fields={"went_back_to": 0, "rate": 0.1})])

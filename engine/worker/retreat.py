"""What breaks training, and going back: from the last good checkpoint at half the learning rate."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

from engine.errors import RunError
from engine.recipe import Recipe
from engine.runs.folder import Event
from engine.worker import checkpoints, processes
from engine.worker.reporting import Reporter

RATE_SHARE = 0.5
"""What is left of the learning rate after going back; it is done once."""
BEFORE = 20
"""Steps that a jump is held against."""
LASTING = 2
"""Steps in a row that make a jump: a single hard batch is none."""
FACTOR, RISE = 2.0, 1.0
"""How far above the highest of the steps before, as a multiple and in nats."""


class Break(Exception):  # noqa: N818 - not yet an error: training may go on from before it
    """Training broke: `step` is the first whose loss shows it."""

    def __init__(self, step: int, sentence: str) -> None:
        super().__init__(sentence)
        self.step = step
        self.sentence = sentence

    @property
    def last_good(self) -> int:
        """The last step after which the weights gave a sound loss: the one before gave this."""
        return self.step - 2


class Losses:
    """Sees whether the losses of training, step by step, are still those of a run that learns."""

    def __init__(self, earlier: Iterable[float] = ()) -> None:
        self._last = list(earlier)[-BEFORE - LASTING :]

    def found_break(self, step: int, loss: float, norm: float | None) -> Break | None:
        """Take one more step's loss and gradient norm; whether they show that training broke."""
        if not (math.isfinite(loss) and math.isfinite(norm or 0.0)):
            return Break(step, f"At step {step} loss or gradient was not a number.")
        self._last = [*self._last[-BEFORE - LASTING + 1 :], loss]
        before, now = self._last[:-LASTING], self._last[-LASTING:]
        if len(before) < BEFORE or min(now) <= max(FACTOR * max(before), max(before) + RISE):
            return None
        start = step - LASTING + 1
        highest = f"{max(before):.2f} at most in the {BEFORE} steps before"
        return Break(start, f"At step {start} the loss jumped to {now[0]:.2f}, {highest}.")


def went_back(events: Sequence[Event]) -> bool:
    """Whether a run has gone back already, in this life or an earlier one."""
    return any("went_back_to" in event.fields for event in events)


def go_back(broke: Break, recipe: Recipe, reporter: Reporter) -> str:
    """Throw away what broke, so that the next attempt starts from before it at half the rate.

    Answers what happened, in a sentence. Raises RunError when the run has gone back before.
    """
    folder = reporter.folder
    if processes.first(lambda: went_back(folder.events())):
        kept = "the best adapter so far" if processes.first(folder.adapter.exists) else "no adapter"
        raise RunError(
            f"{broke.sentence} It was at half the learning rate already.",
            f"Start a new run with a much lower learning_rate; {kept} is kept.",
        )

    def discard() -> int:
        checkpoints.discard_after(folder.checkpoints, broke.last_good)
        good = checkpoints.newest_whole(folder.checkpoints)
        return checkpoints.step_of(good) if good else 0

    step = processes.first(discard)
    rate = RATE_SHARE * recipe.learning_rate
    where = f"step {step}" if step else "the start"
    text = f"{broke.sentence} Back to {where}, at half the learning rate, {rate:.2g}."
    fields: dict[str, str | int | float | bool | None] = {"went_back_to": step, "rate": rate}
    reporter.event(Event(time.time(), "warning", text, fields=fields))
    return text


def set_rate(schedule: Any, rate: float) -> None:
    """Follow a schedule (LambdaLR) from where it stands, below another peak than it was made for.

    Idempotent: a checkpoint from before or after going back is set to the same.
    """
    inner = getattr(schedule, "scheduler", schedule)
    inner.base_lrs = [rate for _ in inner.base_lrs]
    for group, share in zip(inner.optimizer.param_groups, inner.lr_lambdas, strict=True):
        group["initial_lr"] = rate
        group["lr"] = rate * share(inner.last_epoch)
    inner._last_lr = [group["lr"] for group in inner.optimizer.param_groups]

"""One real optimizer step, for time and memory, that leaves the run as it was to the last bit."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from engine.recipe import Recipe
from engine.worker.rows import Row
from engine.worker.shortage import one_kind_of_out_of_memory
from engine.worker.step import accumulate, answering

QUICK_S = 10.0
"""A step quicker than that is done twice: the first one sets things up that later ones have."""


@one_kind_of_out_of_memory()
def time_of_step(
    model: Any, rows: Sequence[Row], pad: int, micro_batch: int, recipe: Recipe
) -> float:
    """Seconds of a whole step on these rows: forward, backward, clipping, optimizer.

    Weights, gradients, mode and all sources of chance are afterwards what they were before.
    """
    with _left_as_it_was(model) as trained:
        optimizer = torch.optim.AdamW(
            trained, lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        seconds = _time_once(model, rows, pad, micro_batch, recipe, optimizer)
        if seconds < QUICK_S:
            seconds = _time_once(model, rows, pad, micro_batch, recipe, optimizer)
    return seconds


def _time_once(
    model: Any,
    rows: Sequence[Row],
    pad: int,
    micro_batch: int,
    recipe: Recipe,
    optimizer: torch.optim.Optimizer,
) -> float:
    model.train()
    started = time.monotonic()
    accumulate(model, [answering(model, rows)], pad, micro_batch)
    if recipe.max_grad_norm:
        trained = optimizer.param_groups[0]["params"]
        torch.nn.utils.clip_grad_norm_(trained, recipe.max_grad_norm)
    optimizer.step()
    optimizer.zero_grad()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.monotonic() - started


@contextmanager
def _left_as_it_was(model: Any) -> Iterator[list[torch.nn.Parameter]]:
    """Hands out what is trained; puts it back, also when memory ran out in the middle."""
    trained = [p for p in model.parameters() if p.requires_grad]
    # Beside the device: what is kept here must not count as the step's memory.
    kept = [p.detach().cpu().clone() for p in trained]
    mode, chance = model.training, _chance()
    try:
        yield trained
    finally:
        with torch.no_grad():
            for parameter, before in zip(trained, kept, strict=True):
                parameter.copy_(before)
                parameter.grad = None
        model.train(mode)
        _set_chance(chance)


def _chance() -> tuple[Any, ...]:
    cards = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return random.getstate(), np.random.get_state(), torch.get_rng_state(), cards


def _set_chance(state: tuple[Any, ...]) -> None:
    random.setstate(state[0])
    np.random.set_state(state[1])
    torch.set_rng_state(state[2])
    if state[3]:
        torch.cuda.set_rng_state_all(state[3])

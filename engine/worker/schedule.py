"""The order of training: batches of rows of like length, drawn from the seed for all epochs."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise

from engine.recipe import Recipe

WINDOW = 8
"""Batches that are sorted by length together: enough to save padding, few enough to mix well."""


def make_schedule(lengths: Sequence[int], recipe: Recipe) -> list[list[int]]:
    """Batches of row indices for the whole run, every row once per epoch.

    lengths: tokens of each row. The whole order is known before the first step, so that a
    resume needs no more than the number of steps done. What does not fill a batch at the end
    of an epoch goes into the next one.
    """
    draw = random.Random(recipe.seed)
    size = recipe.batch_size
    order: list[int] = []
    for share in _epoch_shares(recipe.epochs):
        epoch = list(range(len(lengths)))
        draw.shuffle(epoch)
        order += epoch[: round(share * len(epoch))]
    batches: list[list[int]] = []
    for start in range(0, len(order), size * WINDOW):
        window = sorted(order[start : start + size * WINDOW], key=lambda i: (lengths[i], i))
        cut = [window[i : i + size] for i in range(0, len(window), size)]
        # A batch that is not full comes last in its window, and only the last window has one.
        full = [b for b in cut if len(b) == size]
        draw.shuffle(full)
        batches += full + [b for b in cut if len(b) < size]
    return batches


def held_steps(rows: int, steps: int, recipe: Recipe) -> list[list[int]]:
    """For each step the general rows that hold it to the base, all in turn, drawn from the seed.

    `held_a_step` on average: where that is no whole number, steps take turns, the first one with
    the most; below one, some steps have none.
    """
    size = held_a_step(recipe) if rows else 0.0
    ends = [math.ceil(round(size * step, 6)) for step in range(steps + 1)]
    draw = random.Random(recipe.seed + 1)
    order: list[int] = []
    while len(order) < ends[-1]:
        order += draw.sample(range(rows), rows)
    return [order[start:end] for start, end in pairwise(ends)]


def held_a_step(recipe: Recipe) -> float:
    """Rows a step on average that hold it to the base."""
    return recipe.kl_share * recipe.batch_size


def _epoch_shares(epochs: float) -> list[float]:
    """`2.5` as [1, 1, 0.5]."""
    whole = int(epochs)
    rest = epochs - whole
    return [1.0] * whole + ([rest] if rest > 1e-9 else [])

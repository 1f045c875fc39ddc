"""The gradients of one optimizer step: the loss of its rows, and what holds it to the base."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from engine.worker.head import causal_parts, over_chunks, token_losses
from engine.worker.holding import Likely, divergence
from engine.worker.passes import passes, wanted
from engine.worker.rows import Row


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a step that are held to one kind of loss."""

    rows: Sequence[Row]
    losses: Callable[[list[int], Tensor], Tensor]
    """Numbers of some of the rows and the states before their trained tokens, to their losses."""
    weight: float = 1.0
    among: int | None = None
    """Trained tokens that the mean is over, where rows are only a share of a step; the shares of
    gradients and means add up to those of the step."""

    @property
    def count(self) -> int:
        """Trained tokens that the mean is over."""
        return sum(row.targets for row in self.rows) if self.among is None else self.among


def answering(model: Any, rows: Sequence[Row], among: int | None = None) -> Part:
    """Rows whose trained tokens the model is to give, all counting alike."""
    _, head = causal_parts(model)

    def losses(numbers: list[int], states: Tensor) -> Tensor:
        targets = torch.tensor(wanted(rows, numbers), device=states.device)
        return token_losses(head, states, targets)

    return Part(rows, losses, 1.0, among)


def holding(
    model: Any, rows: Sequence[Row], base: Sequence[Likely], weight: float, among: int | None = None
) -> Part:
    """Rows on which the model is not to leave its base: the divergence counts `weight` times.

    base: what the base model held likely at each trained token of each row.
    """
    _, head = causal_parts(model)

    def losses(numbers: list[int], states: Tensor) -> Tensor:
        ids = torch.cat([base[n].ids for n in numbers]).to(states.device, torch.long)
        logs = torch.cat([base[n].logs for n in numbers]).to(states.device, torch.float32)
        return over_chunks(divergence, head, states, ids, logs)

    return Part(rows, losses, weight, among)


def accumulate(model: Any, parts: Sequence[Part], pad: int, micro_batch: int) -> list[Tensor]:
    """Add the gradients of the weighted sum of the parts' mean losses; answers those means.

    All parts go through the same passes. micro_batch: rows of the first part a pass at most,
    others ride along in their share.
    """
    rows = [row for part in parts for row in part.rows]
    starts = _starts(parts)
    device = next(model.parameters()).device
    totals = [torch.zeros((), dtype=torch.float64, device=device) for _ in parts]
    for numbers, states in passes(model, rows, pad, _most(parts, micro_batch)):
        found = torch.zeros((), device=device)
        for which, chosen, own in _by_part(rows, starts, numbers, states):
            losses = parts[which].losses(chosen, own)
            found = found + losses.sum() * (parts[which].weight / parts[which].count)
            totals[which] += losses.detach().sum()
        if found.requires_grad:
            found.backward()
    return [total / max(part.count, 1) for total, part in zip(totals, parts, strict=True)]


def _starts(parts: Sequence[Part]) -> list[int]:
    """Number of each part's first row among all rows, and the number of all."""
    starts = [0]
    for part in parts:
        starts.append(starts[-1] + len(part.rows))
    return starts


def _most(parts: Sequence[Part], micro_batch: int) -> int:
    """Rows a pass, so that all parts take as many passes as the first one would alone."""
    first = len(parts[0].rows)
    whole = sum(len(part.rows) for part in parts)
    return micro_batch if not first else math.ceil(whole / math.ceil(first / micro_batch))


def _by_part(
    rows: Sequence[Row], starts: Sequence[int], numbers: list[int], states: Tensor
) -> list[tuple[int, list[int], Tensor]]:
    """The states of a pass apart by part: its number, numbers of its rows in it, their states."""
    pieces = states.split([rows[n].targets for n in numbers])
    found = []
    for which, (start, end) in enumerate(pairwise(starts)):
        here = [i for i, n in enumerate(numbers) if start <= n < end]
        if len(here) == len(numbers):
            return [(which, [n - start for n in numbers], states)]
        if here:
            own = torch.cat([pieces[i] for i in here])
            found.append((which, [numbers[i] - start for i in here], own))
    return found

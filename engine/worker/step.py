"""The gradients of one optimizer step: the loss of its rows, and what holds it to the base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.worker.head import causal_parts, over_chunks, token_losses
from engine.worker.holding import Likely, divergence
from engine.worker.passes import passes, wanted
from engine.worker.rows import Row


def accumulate(
    model: Any, rows: Sequence[Row], pad: int, micro_batch: int, among: int | None = None
) -> Tensor:
    """Add the gradients of the mean loss over all trained tokens of rows; answers that mean.

    micro_batch: rows a pass at most. among: trained tokens that the mean is over, where rows are
    only a share of a step; the shares of gradients and means add up to those of the step.
    """
    _, head = causal_parts(model)

    def losses(numbers: list[int], states: Tensor) -> Tensor:
        targets = torch.tensor(wanted(rows, numbers), device=states.device)
        return token_losses(head, states, targets)

    return _backward(model, rows, pad, micro_batch, losses, 1.0, among)


def hold(
    model: Any,
    rows: Sequence[Row],
    base: Sequence[Likely],
    pad: int,
    micro_batch: int,
    weight: float,
    among: int | None = None,
) -> Tensor:
    """Add `weight` times the gradients of the mean divergence from the base; answers that mean.

    base: what the base model held likely at each trained token of each row; among: as above.
    """
    _, head = causal_parts(model)

    def losses(numbers: list[int], states: Tensor) -> Tensor:
        ids = torch.cat([base[n].ids for n in numbers]).to(states.device, torch.long)
        logs = torch.cat([base[n].logs for n in numbers]).to(states.device, torch.float32)
        return over_chunks(divergence, head, states, ids, logs)

    return _backward(model, rows, pad, micro_batch, losses, weight, among)


def _backward(
    model: Any,
    rows: Sequence[Row],
    pad: int,
    micro_batch: int,
    losses: Callable[[list[int], Tensor], Tensor],
    weight: float,
    among: int | None,
) -> Tensor:
    """The mean of losses over all trained tokens, its gradients added pass by pass."""
    count = sum(row.targets for row in rows) if among is None else among
    device = next(model.parameters()).device
    total = torch.zeros((), dtype=torch.float64, device=device)
    for numbers, states in passes(model, rows, pad, micro_batch):
        found = losses(numbers, states)
        if found.requires_grad:
            (found.sum() * (weight / count)).backward()
        total += found.detach().sum()
    return total / max(count, 1)

"""The gradients of one optimizer step, in passes that fit into memory.

What rows begin with alike is run once, whatever the number of passes. Its keys and values are lent
to the passes as leaves of their graphs; the gradients that gather there go back through the
beginning at the end. docs/training.md tells why the sum is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.worker.loss import batch_losses, causal_parts, collate, leaf_losses
from engine.worker.packed import Memory, packs, run_segments
from engine.worker.rows import Row
from engine.worker.tree import Leaf, grow

PASS_TOKENS = 512
"""Tokens a pass on a CPU: more are not faster there, and take memory."""


def accumulate(model: Any, rows: Sequence[Row], pad: int, micro_batch: int) -> Tensor:
    """Add the gradients of the mean loss over all trained tokens of rows; answers that mean.

    micro_batch: rows a pass at most.
    """
    count = sum(row.targets for row in rows)
    device = next(model.parameters()).device
    total = torch.zeros((), dtype=torch.float64, device=device)
    if not count:
        return total
    passes = _packed if packs(model) else _padded
    for losses in passes(model, rows, pad, micro_batch):
        if losses.requires_grad:
            (losses.sum() / count).backward()
        total += losses.detach().sum()
    return total / count


def _padded(model: Any, rows: Sequence[Row], pad: int, micro_batch: int) -> Iterator[Tensor]:
    """Losses of some rows at a time, each row in full."""
    device = next(model.parameters()).device
    ordered = sorted((r for r in rows if r.targets), key=len)
    for start in range(0, len(ordered), micro_batch):
        batch = collate(ordered[start : start + micro_batch], pad)
        yield batch_losses(model, {k: v.to(device) for k, v in batch.items()})


def _packed(model: Any, rows: Sequence[Row], _pad: int, micro_batch: int) -> Iterator[Tensor]:
    """Losses of some leaves at a time; what they share goes backward after the last of them."""
    tree, memory = grow(rows), Memory()
    if tree.shared:
        run_segments(causal_parts(model)[0], tree.shared, memory, remember=True)
    lent = {layer: [(_leaf(k), _leaf(v)) for k, v in kept] for layer, kept in memory.items()}
    device = next(model.parameters()).device
    room = PASS_TOKENS if device.type == "cpu" else None
    for part in _passes(tree.leaves, micro_batch, room):
        yield leaf_losses(model, part, lent)
    _give_back(memory, lent)


def _leaf(made: Tensor) -> Tensor:
    return made.detach().requires_grad_(made.requires_grad)


def _give_back(memory: Memory, lent: Memory) -> None:
    """One backward pass through the shared segments with the gradients of what was lent."""
    pairs = [
        (made, leaf.grad)
        for layer, kept in memory.items()
        for whole, leaves in zip(kept, lent[layer], strict=True)
        for made, leaf in zip(whole, leaves, strict=True)
        if leaf.grad is not None
    ]
    if pairs:
        torch.autograd.backward([made for made, _ in pairs], [grad for _, grad in pairs])


def _passes(leaves: Sequence[Leaf], most: int, room: int | None) -> Iterator[list[Leaf]]:
    """Leaves in parts of at most so many rows, and so many tokens where there are two or more."""
    part: list[Leaf] = []
    tokens = 0
    for leaf in sorted(leaves, key=lambda leaf: len(leaf.segment.ids)):
        size = len(leaf.segment.ids)
        if part and (len(part) == most or (room is not None and tokens + size > room)):
            yield part
            part, tokens = [], 0
        part.append(leaf)
        tokens += size
    if part:
        yield part

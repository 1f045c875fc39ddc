"""Rows through a decoder in passes that fit into memory: packed as a tree, or padded.

What rows begin with alike is run once, whatever the number of passes. Its keys and values are lent
to the passes as leaves of their graphs; the gradients that gather there go back through the
beginning at the end. docs/training.md tells why the sum is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from engine.worker.head import causal_parts
from engine.worker.packed import Memory, packs, run_segments
from engine.worker.rows import Row
from engine.worker.tree import Leaf, grow

PASS_TOKENS = 512
"""Tokens a pass on a CPU: more are not faster there, and take memory."""

States = tuple[list[int], Tensor]
"""Numbers of some rows, and the states (n, width) before each of their trained tokens, in order."""


def passes(model: Any, rows: Sequence[Row], pad: int, most: int) -> Iterator[States]:
    """Every row that trains anything once, `most` rows a pass at most.

    With gradients enabled, go backward from the states of a pass before asking for the next one;
    the end of the iteration completes the gradients.
    """
    if packs(model):
        yield from _packed(model, rows, most)
    else:
        yield from _padded(model, rows, pad, most)


def wanted(rows: Sequence[Row], numbers: Sequence[int]) -> list[int]:
    """The trained tokens of the numbered rows, in order."""
    return [
        token
        for n in numbers
        for token, counts in zip(rows[n].ids[1:], rows[n].trained[1:], strict=True)
        if counts
    ]


def _padded(model: Any, rows: Sequence[Row], pad: int, most: int) -> Iterator[States]:
    """Each row in full, sorted by length."""
    decoder, _ = causal_parts(model)
    device = next(model.parameters()).device
    order = sorted((n for n, r in enumerate(rows) if r.targets), key=lambda n: len(rows[n]))
    for start in range(0, len(order), most):
        part = order[start : start + most]
        batch = {k: v.to(device) for k, v in collate([rows[n] for n in part], pad).items()}
        counted = batch.pop("predicts")
        yield part, decoder(**batch, use_cache=False).last_hidden_state[counted]


def collate(rows: Sequence[Row], pad: int) -> dict[str, Tensor]:
    """Rows padded on the right, each tensor (rows, longest).

    predicts: whether the token after this one is trained.
    """
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    predicts = torch.zeros((len(rows), longest), dtype=torch.bool)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row.ids, dtype=torch.long)
        mask[index, : len(row)] = 1
        predicts[index, : len(row) - 1] = torch.tensor(row.trained[1:], dtype=torch.bool)
    return {"input_ids": ids, "attention_mask": mask, "predicts": predicts}


def _packed(model: Any, rows: Sequence[Row], most: int) -> Iterator[States]:
    """What rows share once, then some leaves at a time, then back through what they share."""
    decoder, _ = causal_parts(model)
    tree, memory = grow(rows), Memory()
    room = PASS_TOKENS if next(model.parameters()).device.type == "cpu" else None
    parts = list(_parts(tree.leaves, most, room))
    if len(parts) == 1:
        # Everything in one graph, which would be held at once anyway: nothing is lent.
        segments = [*tree.shared, *(leaf.segment for leaf in parts[0])]
        states = run_segments(decoder, segments, memory, remember=True)
        yield _before_trained(parts[0], states[sum(len(s.ids) for s in tree.shared) :])
        return
    if tree.shared:
        run_segments(decoder, tree.shared, memory, remember=True)
    lent = {layer: [(_leaf(k), _leaf(v)) for k, v in kept] for layer, kept in memory.items()}
    for part in parts:
        segments = [leaf.segment for leaf in part]
        yield _before_trained(part, run_segments(decoder, segments, lent))
    _give_back(memory, lent)


def _before_trained(part: Sequence[Leaf], states: Tensor) -> States:
    """Of the states of leaves end to end, those before their trained tokens."""
    chosen, start = [], 0
    for leaf in part:
        chosen += [start + p for p in leaf.predicting]
        start += len(leaf.segment.ids)
    return [leaf.row for leaf in part], states[torch.tensor(chosen, device=states.device)]


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


def _parts(leaves: Sequence[Leaf], most: int, room: int | None) -> Iterator[list[Leaf]]:
    """Leaves in parts of at most so many rows, and so many tokens where there are two or more.

    Parts are about alike in tokens: a small pass takes nearly the time of a large one.
    """
    part: list[Leaf] = []
    tokens, whole = 0, sum(len(leaf.segment.ids) for leaf in leaves)
    fair = whole / math.ceil(whole / room) if room and whole else whole
    for leaf in sorted(leaves, key=lambda leaf: len(leaf.segment.ids)):
        size = len(leaf.segment.ids)
        is_full = room is not None and (tokens + size > room or tokens + size / 2 > fair)
        if part and (len(part) == most or is_full):
            yield part
            part, tokens = [], 0
        part.append(leaf)
        tokens += size
    if part:
        yield part

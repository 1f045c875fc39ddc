"""The loss of rows, without gradients: how likely a model holds what it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from engine.worker.head import causal_parts, token_losses
from engine.worker.packed import packs
from engine.worker.passes import passes, wanted
from engine.worker.rows import Row


@torch.no_grad()
def score_rows(
    model: Any, rows: Sequence[Row], pad: int, batch_size: int = 16
) -> list[tuple[float, int]]:
    """Sum of negative log-likelihood (nats) and counted tokens of each row, in their order."""
    found: list[tuple[float, int]] = [(0.0, 0)] * len(rows)
    _, head = causal_parts(model)
    by_words = packs(model)
    # In order of their words rows that begin alike come together, by length padding is least.
    order = sorted(range(len(rows)), key=lambda i: rows[i].ids if by_words else (len(rows[i]),))
    for start in range(0, len(order), batch_size):
        part = order[start : start + batch_size]
        chosen = [rows[i] for i in part]
        for numbers, states in passes(model, chosen, pad, batch_size):
            targets = torch.tensor(wanted(chosen, numbers), device=states.device)
            losses = token_losses(head, states, targets).double().cpu()
            counts = [chosen[n].targets for n in numbers]
            for n, own in zip(numbers, losses.split(counts), strict=True):
                found[part[n]] = (float(own.sum()), len(own))
    return found


def mean_loss(scores: Sequence[tuple[float, int]]) -> float:
    """Mean loss per counted token over rows, nats."""
    tokens = sum(n for _, n in scores)
    return sum(s for s, _ in scores) / tokens if tokens else float("nan")

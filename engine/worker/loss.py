"""The loss: logits computed only where a token is trained, in chunks, never batch by vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from engine.worker.rows import Row

CHUNK = 256
IGNORED = -100


def collate(rows: Sequence[Row], pad: int) -> dict[str, Tensor]:
    """Rows as a right-padded batch: input_ids, attention_mask, labels, each (rows, longest)."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad, dtype=torch.long)
    labels = torch.full((len(rows), longest), IGNORED, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for index, row in enumerate(rows):
        here = torch.tensor(row.ids, dtype=torch.long)
        ids[index, : len(row)] = here
        mask[index, : len(row)] = 1
        counts = torch.tensor(row.trained, dtype=torch.bool)
        counts[0] = False
        labels[index, : len(row)] = torch.where(counts, here, IGNORED)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def causal_parts(model: Any) -> tuple[Any, Any]:
    """The decoder and the output head of a causal model, with or without an adapter around it.

    The head answers logits as the model's own forward does, scaled and capped.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    project, config = causal.get_output_embeddings(), causal.config.get_text_config()
    return causal.get_decoder(), lambda states: _scaled(project(states), config)


def _scaled(logits: Tensor, config: Any) -> Tensor:
    """What some families do to logits after the head: Granite, Cohere and Gemma, in this order."""
    divisor = getattr(config, "logits_scaling", None)
    factor = getattr(config, "logit_scale", None)
    cap = getattr(config, "final_logit_softcapping", None)
    if divisor:
        logits = logits / divisor
    if factor:
        logits = logits * factor
    return torch.tanh(logits / cap) * cap if cap else logits


def token_losses(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """Negative log-likelihood of each counted token, nats, in order of rows and positions."""
    decoder, head = causal_parts(model)
    hidden = decoder(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False
    ).last_hidden_state
    targets = batch["labels"][:, 1:]
    counted = targets != IGNORED
    states, wanted = hidden[:, :-1][counted], targets[counted]
    pieces = []
    for start in range(0, len(wanted), CHUNK):
        piece = (head, states[start : start + CHUNK], wanted[start : start + CHUNK])
        # Recomputed on the way back, so that one chunk of logits exists at a time.
        grad = torch.is_grad_enabled()
        pieces.append(checkpoint(_losses, *piece, use_reentrant=False) if grad else _losses(*piece))
    return torch.cat(pieces) if pieces else hidden.new_zeros(0)


def _losses(head: Any, states: Tensor, wanted: Tensor) -> Tensor:
    return cross_entropy(head(states).float(), wanted, reduction="none")


@torch.no_grad()
def score_rows(
    model: Any, rows: Sequence[Row], pad: int, batch_size: int = 16
) -> list[tuple[float, int]]:
    """Sum of negative log-likelihood (nats) and counted tokens of each row, in their order."""
    found: list[tuple[float, int]] = [(0.0, 0)] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    device = next(model.parameters()).device
    for start in range(0, len(order), batch_size):
        part = order[start : start + batch_size]
        batch = {k: v.to(device) for k, v in collate([rows[i] for i in part], pad).items()}
        losses = token_losses(model, batch).double().cpu()
        counts = [rows[i].targets for i in part]
        for index, own in zip(part, losses.split(counts), strict=True):
            found[index] = (float(own.sum()), len(own))
    return found


def mean_loss(scores: Sequence[tuple[float, int]]) -> float:
    """Mean loss per counted token over rows, nats."""
    tokens = sum(n for _, n in scores)
    return sum(s for s, _ in scores) / tokens if tokens else float("nan")

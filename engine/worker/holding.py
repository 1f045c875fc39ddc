"""What the base model holds likely on general texts, kept small, and how far a model is from it.

The second guard against forgetting: KL(base, tuned) on texts that have nothing to do with the
domain. The base's answers come from the same weights with the adapter off, once per run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.runs.folder import write_atomically
from engine.worker.head import Found, causal_parts
from engine.worker.passes import passes
from engine.worker.rows import Row

KEPT = 64
"""Most likely tokens that are told apart; all others count as one."""
AT_ONCE = 8
SMALLEST = torch.finfo(torch.float32).tiny


@dataclass(frozen=True, slots=True)
class Likely:
    """The tokens that a base model holds most likely at each trained place of a row."""

    ids: Tensor
    """(places, kept), int32"""
    logs: Tensor
    """Log-probabilities (places, kept + 1), the last that of all others; float16, which at 0.3 is
    off by 0.05 %, at 1e-9 by 1 %."""


def divergence(logits: Tensor, ids: Tensor, logs: Tensor) -> Found:
    """KL(base, tuned) in nats at each place, over the kept tokens and all others as one.

    logits: the tuned model's (n, vocabulary); ids (n, kept) and logs (n, kept + 1): the base's.
    Never more than the divergence over the whole vocabulary.
    """
    # What rounding has moved is spread over all, so that it is a distribution again.
    logs = logs.log_softmax(-1)
    total, kept = logits.logsumexp(-1, keepdim=True), logits.gather(1, ids)
    likely = logits.sub_(total).exp_().scatter_(1, ids, 0.0)
    others = likely.sum(-1, keepdim=True).clamp_min(SMALLEST)
    told = torch.cat([kept - total, others.log()], dim=-1)

    def slopes() -> Tensor:
        base = logs.exp()
        likely.mul_(1 - base[:, -1:] / others)
        return likely.scatter_(1, ids, (kept - total).exp() - base[:, :-1])

    return (logs.exp() * (logs - told)).sum(-1), slopes


@torch.no_grad()
def ask_base(model: Any, rows: Sequence[Row], pad: int) -> list[Likely]:
    """What the model without its adapter holds likely at the trained places of rows."""
    _, head = causal_parts(model)
    found: dict[int, Likely] = {}
    with model.disable_adapter():
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            for numbers, states in passes(model, part, pad, AT_ONCE):
                counts = [part[n].targets for n in numbers]
                for n, own in zip(numbers, states.split(counts), strict=True):
                    found[start + n] = _most_likely(head(own).float())
    return [found[n] for n in range(len(rows))]


def _most_likely(logits: Tensor) -> Likely:
    logs = logits.log_softmax(-1)
    top = logs.topk(min(KEPT, logs.shape[-1] - 1), dim=-1)
    others = logs.scatter(1, top.indices, float("-inf")).logsumexp(-1, keepdim=True)
    kept = torch.cat([top.values, others], dim=-1)
    return Likely(top.indices.int().cpu(), kept.half().cpu())


def ask_base_once(model: Any, rows: Sequence[Row], pad: int, file: Path) -> list[Likely]:
    """The same, read from `file` where an earlier life of the run has left it for these rows."""
    from safetensors.torch import load_file, save

    key = hashlib.sha256(repr([(r.ids, r.trained) for r in rows]).encode()).hexdigest()[:16]
    if file.exists():
        kept = load_file(file)
        if f"{key}.ids" in kept:
            counts = [row.targets for row in rows]
            ids, logs = (kept[f"{key}.{name}"].split(counts) for name in ("ids", "logs"))
            return [Likely(one, other) for one, other in zip(ids, logs, strict=True)]
    found: list[Likely] = ask_base(model, rows, pad)
    tensors = {
        f"{key}.ids": torch.cat([one.ids for one in found]),
        f"{key}.logs": torch.cat([one.logs for one in found]),
    }
    write_atomically(file, save(tensors))
    return found

"""The loss: logits computed only where a token is trained, in chunks, never batch by vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from engine.worker.packed import Memory, packs, run_segments
from engine.worker.rows import Row
from engine.worker.tree import Leaf, grow

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


class Head:
    """States to logits as the model's own forward does it, scaled and capped."""

    def __init__(self, causal: Any) -> None:
        self._project = causal.get_output_embeddings()
        self._config = causal.config.get_text_config()

    def __call__(self, states: Tensor) -> Tensor:
        """Logits (n, vocabulary) of states (n, width)."""
        return _scaled(self._project(states), self._config)

    @property
    def is_trained(self) -> bool:
        """Whether the head itself has weights that learn."""
        return any(p.requires_grad for p in self._project.parameters())


def causal_parts(model: Any) -> tuple[Any, Head]:
    """The decoder and the output head of a causal model, with or without an adapter around it."""
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    return causal.get_decoder(), Head(causal)


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


def token_losses(head: Any, states: Tensor, wanted: Tensor) -> Tensor:
    """Negative log-likelihood, nats, of each wanted token (n) after its state (n, width).

    Only one chunk of logits exists at a time, on the way forward and on the way back.
    """
    if not torch.is_grad_enabled():
        return _over_chunks(lambda *piece: _losses(head, *piece), states, wanted)
    if head.is_trained:
        # The shortcut below knows the slope of the states alone.
        return _over_chunks(
            lambda *piece: checkpoint(_losses, head, *piece, use_reentrant=False), states, wanted
        )
    return _WithSlopes.apply(head, states, wanted)


def _over_chunks(
    losses: Callable[[Tensor, Tensor], Tensor], states: Tensor, wanted: Tensor
) -> Tensor:
    pairs = zip(states.split(CHUNK), wanted.split(CHUNK), strict=True)
    found = [losses(*pair) for pair in pairs]
    return torch.cat(found)


def _losses(head: Any, states: Tensor, wanted: Tensor) -> Tensor:
    return cross_entropy(head(states).float(), wanted, reduction="none")


class _WithSlopes(torch.autograd.Function):
    """Losses with the slope of each by its own state, found while its logits are there.

    A loss depends on one state only, so the gradient is its slope times what comes from above:
    nothing of the size of the vocabulary is kept or computed twice.
    """

    @staticmethod
    def forward(ctx: Any, head: Any, states: Tensor, wanted: Tensor) -> Tensor:
        found, slopes = [], []
        for here, targets in zip(states.split(CHUNK), wanted.split(CHUNK), strict=True):
            with torch.enable_grad():
                leaf = here.detach().requires_grad_()
                losses = _losses(head, leaf, targets)
                slopes += torch.autograd.grad(losses.sum(), leaf)
            found.append(losses.detach())
        ctx.save_for_backward(torch.cat(slopes))
        return torch.cat(found)

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> Any:
        (slopes,) = ctx.saved_tensors
        return None, slopes * above[:, None].to(slopes.dtype), None


def batch_losses(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """Losses of the trained tokens of a padded batch, in order of rows and positions."""
    decoder, head = causal_parts(model)
    states = decoder(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False
    ).last_hidden_state
    targets = batch["labels"][:, 1:]
    counted = targets != IGNORED
    return token_losses(head, states[:, :-1][counted], targets[counted])


def leaf_losses(model: Any, leaves: Sequence[Leaf], memory: Memory) -> Tensor:
    """Losses of the trained tokens of leaves, in order of leaves and positions.

    memory: keys and values of the shared segments, see `run_segments`.
    """
    decoder, head = causal_parts(model)
    states = run_segments(decoder, [leaf.segment for leaf in leaves], memory)
    starts, chosen = 0, []
    for leaf in leaves:
        chosen += [starts + p for p in leaf.predicting]
        starts += len(leaf.segment.ids)
    wanted = torch.tensor([t for leaf in leaves for t in leaf.targets], device=states.device)
    return token_losses(head, states[torch.tensor(chosen, device=states.device)], wanted)


@torch.no_grad()
def score_rows(
    model: Any, rows: Sequence[Row], pad: int, batch_size: int = 16
) -> list[tuple[float, int]]:
    """Sum of negative log-likelihood (nats) and counted tokens of each row, in their order."""
    found: list[tuple[float, int]] = [(0.0, 0)] * len(rows)
    score = _score_tree if packs(model) else _score_padded
    order = sorted(range(len(rows)), key=lambda i: _place(rows[i], score is _score_tree))
    for start in range(0, len(order), batch_size):
        part = order[start : start + batch_size]
        losses = score(model, [rows[i] for i in part], pad).double().cpu()
        counts = [rows[i].targets for i in part]
        for index, own in zip(part, losses.split(counts), strict=True):
            found[index] = (float(own.sum()), len(own))
    return found


def _place(row: Row, by_words: bool) -> tuple[int, ...]:
    """In order of their words rows that begin alike come together, by length padding is least."""
    return row.ids if by_words else (len(row),)


def _score_tree(model: Any, rows: Sequence[Row], _pad: int) -> Tensor:
    tree, memory = grow(rows), Memory()
    if tree.shared:
        run_segments(causal_parts(model)[0], tree.shared, memory, remember=True)
    return leaf_losses(model, tree.leaves, memory)


def _score_padded(model: Any, rows: Sequence[Row], pad: int) -> Tensor:
    device = next(model.parameters()).device
    return batch_losses(model, {k: v.to(device) for k, v in collate(rows, pad).items()})


def mean_loss(scores: Sequence[tuple[float, int]]) -> float:
    """Mean loss per counted token over rows, nats."""
    tokens = sum(n for _, n in scores)
    return sum(s for s, _ in scores) / tokens if tokens else float("nan")

"""The losses at a model's output: logits exist a chunk at a time, never batch by vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

CHUNK = 256

Loss = Callable[..., Tensor]
"""Logits (n, vocabulary) in full precision, and what they should be, to losses (n)."""


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


def token_losses(head: Head, states: Tensor, wanted: Tensor) -> Tensor:
    """Negative log-likelihood, nats, of each wanted token (n) after its state (n, width)."""
    return over_chunks(_negative_log_likelihood, head, states, wanted)


def _negative_log_likelihood(logits: Tensor, wanted: Tensor) -> Tensor:
    return cross_entropy(logits, wanted, reduction="none")


def over_chunks(loss: Loss, head: Head, states: Tensor, *wanted: Tensor) -> Tensor:
    """Losses (n) of states (n, width), `wanted` being tensors of n each.

    Only one chunk of logits exists at a time, on the way forward and on the way back.
    """
    if torch.is_grad_enabled() and not head.is_trained:
        return _WithSlopes.apply(loss, head, states, *wanted)

    def of(*piece: Tensor) -> Tensor:
        return loss(head(piece[0]).float(), *piece[1:])

    pieces = zip(*(t.split(CHUNK) for t in (states, *wanted)), strict=True)
    if not torch.is_grad_enabled():
        return torch.cat([of(*piece) for piece in pieces])
    # A head that learns needs its own gradient too, which the slopes of the states do not hold.
    return torch.cat([checkpoint(of, *piece, use_reentrant=False) for piece in pieces])


class _WithSlopes(torch.autograd.Function):
    """Losses with the slope of each by its own state, found while its logits are there.

    A loss depends on one state only, so the gradient is its slope times what comes from above:
    nothing of the size of the vocabulary is kept or computed twice.
    """

    @staticmethod
    def forward(ctx: Any, loss: Loss, head: Head, states: Tensor, *wanted: Tensor) -> Tensor:
        found, slopes = [], []
        for here, *targets in zip(*(t.split(CHUNK) for t in (states, *wanted)), strict=True):
            with torch.enable_grad():
                leaf = here.detach().requires_grad_()
                losses = loss(head(leaf).float(), *targets)
                slopes += torch.autograd.grad(losses.sum(), leaf)
            found.append(losses.detach())
        ctx.save_for_backward(torch.cat(slopes))
        ctx.wanted = len(wanted)
        return torch.cat(found)

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> Any:
        (slopes,) = ctx.saved_tensors
        return None, None, slopes * above[:, None].to(slopes.dtype), *[None] * ctx.wanted

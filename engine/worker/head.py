"""The losses at a model's output: logits exist a chunk at a time, never batch by vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

CHUNK = 128
"""Tokens whose logits exist at a time: fewer cost time, more memory."""

Found = tuple[Tensor, Callable[[], Tensor]]
"""Losses (n), and what makes their slopes by the logits (n, vocabulary) in the logits' place."""
Loss = Callable[..., Found]
"""Logits (n, vocabulary) in full precision, and what they should be, to what is found."""


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


def _negative_log_likelihood(logits: Tensor, wanted: Tensor) -> Found:
    total = logits.logsumexp(-1, keepdim=True)
    ids = wanted[:, None]
    losses = total - logits.gather(1, ids)

    def slopes() -> Tensor:
        likely = logits.sub_(total).exp_()
        return likely.scatter_add_(1, ids, torch.full_like(losses, -1.0))

    return losses[:, 0], slopes


def over_chunks(loss: Loss, head: Head, states: Tensor, *wanted: Tensor) -> Tensor:
    """Losses (n) of states (n, width), `wanted` being tensors of n each.

    Only one chunk of logits exists at a time, on the way forward and on the way back.
    """
    if torch.is_grad_enabled() and not head.is_trained:
        return _WithSlopes.apply(loss, head, states, *wanted)

    def of(here: Tensor, *targets: Tensor) -> Tensor:
        return _AtLogits.apply(loss, head(here).float(), *targets)

    pieces = zip(*(t.split(CHUNK) for t in (states, *wanted)), strict=True)
    if not torch.is_grad_enabled():
        return torch.cat([of(*piece) for piece in pieces])
    # A head that learns needs its own gradient too, which the slopes of the states do not hold.
    return torch.cat([checkpoint(of, *piece, use_reentrant=False) for piece in pieces])


class _AtLogits(torch.autograd.Function):
    """Losses of logits; the slopes take the place of the logits."""

    @staticmethod
    def forward(ctx: Any, loss: Loss, logits: Tensor, *wanted: Tensor) -> Tensor:
        losses, slopes = loss(logits, *wanted)
        ctx.wanted = len(wanted)
        if ctx.needs_input_grad[1]:
            ctx.save_for_backward(slopes())
        return losses

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> Any:
        (slopes,) = ctx.saved_tensors
        return None, slopes * above[:, None], *[None] * ctx.wanted


class _WithSlopes(torch.autograd.Function):
    """Losses with the slope of each by its own state, found while its logits are there.

    A loss depends on one state only, so the gradient is its slope times what comes from above:
    nothing of the size of the vocabulary is kept or computed twice.
    """

    @staticmethod
    def forward(ctx: Any, loss: Loss, head: Head, states: Tensor, *wanted: Tensor) -> Tensor:
        found, by_state = [], []
        for here, *targets in zip(*(t.split(CHUNK) for t in (states, *wanted)), strict=True):
            with torch.enable_grad():
                leaf = here.detach().requires_grad_()
                logits = head(leaf).float()
            losses, slopes = loss(logits.detach(), *targets)
            by_state += torch.autograd.grad(logits, leaf, slopes())
            found.append(losses)
        ctx.save_for_backward(torch.cat(by_state))
        ctx.wanted = len(wanted)
        return torch.cat(found)

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> Any:
        (slopes,) = ctx.saved_tensors
        return None, None, slopes * above[:, None].to(slopes.dtype), *[None] * ctx.wanted

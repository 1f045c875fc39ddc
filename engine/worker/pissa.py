"""PiSSA: an adapter that begins as the principal part of each layer, beside an untouched base.

PiSSA trains the principal part of a weight W, here B A, and leaves the rest W - B0 A0 as it is.
W x + B A x - B0 A0 x is the same: so the adapter has twice the rank, half of it trained from the
principal part on, half of it frozen to take that part away. Without the adapter the model is the
base to the bit, and what is saved is plain LoRA that any base of this name takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from engine.errors import ModelError

ROUNDS = 16
"""Of subspace iteration for the singular vectors: seconds, where all of them take minutes."""
NAME = "default"


def begin_principal(model: Any, rank: int) -> None:
    """Set an adapter of rank 2 x `rank` to the principal part, there once and taken away once.

    Raises ModelError where a layer is not linear, or smaller than the rank.
    """
    for name, layer in _adapted(model):
        a, b = _principal(name, layer, rank)
        first, second = layer.lora_A[NAME].weight, layer.lora_B[NAME].weight
        first.data = torch.cat([a, a])
        second.data = torch.cat([b, -b], dim=1)
        first.register_post_accumulate_grad_hook(_Freeze(rank, 0))
        second.register_post_accumulate_grad_hook(_Freeze(rank, 1))


class _Freeze:
    """No gradient for what is behind the trained half; Adam leaves it alone then."""

    def __init__(self, rank: int, dimension: int) -> None:
        self._rank, self._dimension = rank, dimension

    def __call__(self, parameter: Any) -> None:
        size = parameter.shape[self._dimension] - self._rank
        parameter.grad.narrow(self._dimension, self._rank, size).zero_()


def _adapted(model: Any) -> Iterator[tuple[str, Any]]:
    from peft.tuners.lora import Linear, LoraLayer

    for name, layer in model.named_modules():
        if isinstance(layer, LoraLayer):
            if type(layer) is not Linear:
                raise ModelError(
                    f"{name} is no plain linear layer: PiSSA needs its weights.",
                    "Leave it out of targets, or take method=lora.",
                )
            yield name, layer


@torch.no_grad()
def _principal(name: str, layer: Any, rank: int) -> tuple[Tensor, Tensor]:
    """A0 (rank, in) and B0 (out, rank) whose scaled product is the principal part of a weight."""
    base = layer.get_base_layer().weight.float()
    weight = base.T if layer.fan_in_fan_out else base
    if rank > min(weight.shape):
        raise ModelError(f"{name} has no {rank} directions.", f"Set rank to {min(weight.shape)}.")
    # Room beside the rank: else the iteration is slow where values lie close together.
    room = min(2 * rank + 8, *weight.shape)
    left, values, right = torch.svd_lowrank(weight, q=room, niter=ROUNDS)
    root = (values[:rank] / layer.scaling[NAME]).sqrt()
    return (right[:, :rank] * root).T.contiguous(), left[:, :rank] * root


@torch.no_grad()
def balanced(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same products B A by other factors, in which nothing large cancels any more.

    Served in 16 bits, the principal part and what takes it away would each be rounded, and the
    rounding be as large as what was learned. weights: by the names of an adapter's file.
    """
    made = dict(weights)
    for name, a in weights.items():
        if ".lora_A." not in name:
            continue
        other = name.replace(".lora_A.", ".lora_B.")
        outer, upper = torch.linalg.qr(weights[other].double())
        inner, lower = torch.linalg.qr(a.double().T)
        left, values, right = torch.linalg.svd(upper @ lower.T, full_matrices=False)
        root = values.sqrt()
        # A layer narrower than the rank has fewer directions: the others stay empty.
        made[name], made[other] = torch.zeros_like(a), torch.zeros_like(weights[other])
        made[name][: len(root)] = root[:, None] * (right @ inner.T)
        made[other][:, : len(root)] = outer @ left * root
    return made

"""Linear layers with their LoRA adapter in one operation: same result, no copies on the way."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear


def fuse(model: Any) -> None:
    """Let the plain LoRA layers of a model compute by `Adapted`; others stay peft's.

    peft makes five tensors of the size of a layer's output where one is enough, and keeps them.
    """
    from peft.tuners.lora import Linear

    for layer in model.modules():
        if type(layer) is Linear and type(layer.get_base_layer()) is nn.Linear:
            layer.forward = partial(_forward, layer)


def _forward(layer: Any, x: Tensor, *more: Any, **named: Any) -> Tensor:
    if not more and not named and _is_plain(layer, x):
        (name,) = layer.active_adapters
        base, first, second = layer.get_base_layer(), layer.lora_A[name], layer.lora_B[name]
        given = (base.weight, base.bias, first.weight, second.weight, layer.scaling[name])
        return Adapted.apply(x, *given)
    return type(layer).forward(layer, x, *more, **named)


def _is_plain(layer: Any, x: Tensor) -> bool:
    """One active LoRA of the base's own precision, nothing dropped, merged or switched off."""
    names = layer.active_adapters
    if layer.disable_adapters or layer.merged or len(names) != 1 or names[0] not in layer.lora_A:
        return False
    first, drop = layer.lora_A[names[0]], layer.lora_dropout[names[0]]
    return (
        names[0] not in layer.lora_variant
        and not layer.lora_bias[names[0]]
        and (isinstance(drop, nn.Identity) or not layer.training)
        and x.dtype == first.weight.dtype == layer.get_base_layer().weight.dtype
        and not torch.is_autocast_enabled(x.device.type)
    )


class Adapted(torch.autograd.Function):
    """x W' + bias + scale x A' B' with W (out, in) and bias frozen, A (r, in), B (out, r)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, a: Tensor, b: Tensor, scale: float
    ) -> Tensor:
        """Outputs (..., out) of inputs (..., in)."""
        flat = x.reshape(-1, x.shape[-1])
        narrow = flat @ a.T
        made = linear(flat, weight, bias).addmm_(narrow, b.T, alpha=scale)
        ctx.save_for_backward(flat, narrow, weight, a, b)
        ctx.scale, ctx.shape = scale, x.shape
        return made.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> Any:
        """Gradients of x, A and B; x is multiplied by W once, as on the way forward."""
        flat, narrow, weight, a, b = ctx.saved_tensors
        above = above.reshape(-1, above.shape[-1])
        back = (above @ b).mul_(ctx.scale)
        by_x = None
        if ctx.needs_input_grad[0]:
            by_x = (above @ weight).addmm_(back, a).view(ctx.shape)
        by_b = (above.T @ narrow).mul_(ctx.scale)
        return by_x, None, None, back.T @ flat, by_b, None

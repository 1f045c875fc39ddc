"""Fused adapter layers give what peft's own give, and step aside where they could not."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from engine.recipe import Recipe
from engine.worker.adapted import Adapted
from engine.worker.model import Loaded, add_adapter

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")


def _layer(loaded: Loaded, **settings: Any) -> Any:
    model = add_adapter(loaded, Recipe(rank=4, **settings))
    layer = model.get_base_model().model.layers[0].mlp.gate_proj
    torch.manual_seed(2)
    torch.nn.init.normal_(layer.lora_B["default"].weight, std=0.5)
    return layer


def _is_fused(layer: Any) -> bool:
    made: str = layer(torch.randn(3, 32)).grad_fn.name()
    return made.startswith(Adapted.__name__)


def _both(layer: Any) -> list[dict[str, torch.Tensor]]:
    """Output and gradients: of the layer as it is, then as peft has it."""
    found = []
    torch.manual_seed(3)
    x, upstream = torch.randn(2, 7, 32, requires_grad=True), torch.randn(2, 7, 64)
    leaves = {"x": x, **{n: p for n, p in layer.named_parameters() if p.requires_grad}}
    for made in (layer(x), type(layer).forward(layer, x)):
        grads = torch.autograd.grad(made, list(leaves.values()), upstream)
        found.append({"made": made.detach(), **dict(zip(leaves, grads, strict=True))})
    return found


@pytest.mark.parametrize("method", ["lora", "rslora"])
def test_a_fused_layer_equals_that_of_peft(loaded: Loaded, method: str) -> None:
    layer = _layer(loaded, method=method)
    assert _is_fused(layer)
    ours, theirs = _both(layer)
    assert len(ours) == 4
    for name, value in theirs.items():
        assert torch.allclose(ours[name], value, rtol=1e-4, atol=1e-5), name


def test_what_is_not_plain_lora_is_left_to_peft(loaded: Loaded) -> None:
    assert not _is_fused(_layer(loaded, method="dora").train())


def test_dropout_is_left_to_peft_while_training_and_is_nothing_while_answering(
    loaded: Loaded,
) -> None:
    layer = _layer(loaded, dropout=0.5).train()
    x = torch.randn(3, 32)
    assert not layer(x).equal(layer(x))
    assert _is_fused(layer.eval())


def test_an_adapter_that_is_off_adds_nothing(loaded: Loaded) -> None:
    layer = _layer(loaded)
    x = torch.randn(3, 32)
    assert not layer(x).equal(layer.get_base_layer()(x))
    layer.enable_adapters(False)
    assert layer(x).equal(layer.get_base_layer()(x))

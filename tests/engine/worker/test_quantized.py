"""A base in 4 bits: what the library is told, what keeps its hands off it, refusals elsewhere."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import torch
from torch import nn

from engine.errors import ModelError
from engine.recipe import Recipe
from engine.runs import launch
from engine.worker.adapted import Adapted, fuse
from engine.worker.model import Loaded, add_adapter
from engine.worker.quantized import check_possible, how_to_load
from tests.engine.worker.conftest import Forks, Prepare
from tests.engine.worker.waiting import ended

NF4 = Recipe(quantization="nf4")


def test_weights_are_nf4_quantized_twice_and_multiplied_in_the_runs_precision() -> None:
    told = how_to_load(NF4, torch.bfloat16)
    config = told["quantization_config"].to_dict()
    assert config["load_in_4bit"] is True
    assert config["bnb_4bit_quant_type"] == "nf4"
    assert config["bnb_4bit_use_double_quant"] is True
    assert config["bnb_4bit_compute_dtype"] == "bfloat16"
    assert told["device_map"] == {"": 0}
    assert how_to_load(Recipe(), torch.float32) == {}


def test_without_a_card_or_the_library_it_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check_possible(Recipe())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="needs a CUDA card"):
        check_possible(NF4)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("engine.worker.quantized.find_spec", lambda _: None)
    with pytest.raises(ModelError, match="bitsandbytes") as refused:
        check_possible(NF4)
    assert refused.value.hint == "pip install 'strop[gpu]'"


class FourBit(nn.Linear):
    """As bitsandbytes has it: a linear layer of a class of its own, its weight packed."""


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")
def test_a_layer_of_another_class_is_never_fused(loaded: Loaded) -> None:
    model: Any = add_adapter(loaded, Recipe(rank=4))
    layers = model.get_base_model().model.layers
    packed, plain = layers[0].mlp.gate_proj, layers[1].mlp.gate_proj
    del packed.forward
    packed.base_layer.__class__ = FourBit
    fuse(model)
    assert "forward" not in vars(packed)
    fused = [layer(torch.randn(3, 32)).grad_fn.name() for layer in (packed, plain)]
    assert [name.startswith(Adapted.__name__) for name in fused] == [False, True]


@pytest.mark.skipif(torch.cuda.is_available(), reason="it is refused where it cannot work")
def test_a_run_is_blocked_before_anything_is_loaded(prepare: Prepare, forked: Forks) -> None:
    folder = prepare(quantization="nf4")
    launch.launch(folder)
    state = ended(folder)
    assert state.phase == "blocked"
    assert state.message.startswith("quantization: quantization=nf4 needs a CUDA card")
    preflight = folder.preflight()
    assert preflight is not None
    assert [(line.check, line.level) for line in preflight.lines] == [("quantization", "BLOCK")]


@pytest.mark.skipif(
    not torch.cuda.is_available() or importlib.util.find_spec("bitsandbytes") is None,
    reason="needs a CUDA card and bitsandbytes",
)
def test_a_base_in_4_bits_trains_and_without_its_adapter_is_the_base(
    prepare: Prepare, forked: Forks
) -> None:
    folder = prepare(quantization="nf4", epochs=1.0)
    launch.launch(folder)
    state = ended(folder)
    assert state.phase == "done", state.message

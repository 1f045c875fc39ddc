"""The preflight's real step leaves no trace: with and without it a run is the same to the bit."""

from __future__ import annotations

import shutil

import pytest
import torch
from safetensors.torch import load_file

from engine.recipe import Recipe
from engine.runs import launch
from engine.runs.folder import RunFolder
from engine.worker.model import Loaded, add_adapter
from engine.worker.probe import time_of_step
from engine.worker.rows import training_row
from tests.engine.worker.conftest import Forks, Prepare, example
from tests.engine.worker.waiting import ended

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")


def weights_of(folder: RunFolder) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = load_file(folder.adapter / "adapter_model.safetensors")
    return found


def test_a_run_with_its_preflight_is_bit_equal_to_one_without(
    prepare: Prepare, forked: Forks
) -> None:
    settings = {"epochs": 1.0, "evaluate_every": 2, "dropout": 0.2, "kl_share": 0.5}
    probed, bare = prepare("0001-train", **settings), prepare("0002-train", **settings)
    launch.launch(probed)
    assert ended(probed).phase == "done"
    shutil.copy(probed.preflight_file, bare.preflight_file)
    launch.launch(bare)
    assert ended(bare).phase == "done"
    assert "preflight" not in [e.text for e in bare.events() if e.kind == "phase"]
    one, other = weights_of(probed), weights_of(bare)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_real_step_puts_weights_mode_and_chance_back(loaded: Loaded) -> None:
    recipe = Recipe(rank=4, dropout=0.3, batch_size=4, micro_batch=2)
    model = add_adapter(loaded, recipe)
    rows = [training_row(loaded.tokenizer, example(n), "Be brief", 256) for n in range(4)]
    model.eval()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    chance = torch.get_rng_state()
    assert time_of_step(model, rows, loaded.pad, 2, recipe) > 0
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(chance, torch.get_rng_state())
    assert not model.training

"""PiSSA beside an untouched base: what peft's own PiSSA computes, saved as plain LoRA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from engine.errors import ModelError
from engine.recipe import Recipe
from engine.runs import launch
from engine.worker.best import Best, keep
from engine.worker.model import (
    Loaded,
    add_adapter,
    check_adapter_applies,
    load,
    probe_logits,
)
from engine.worker.rows import training_row
from engine.worker.step import accumulate, answering
from tests.engine.worker.conftest import Forks, Prepare, example
from tests.engine.worker.waiting import ended, until

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

RECIPE = Recipe(method="pissa", rank=4, alpha=8)
CLOSE: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5}


def _trained(model: Any, loaded: Loaded, steps: int = 5) -> Any:
    """After some steps of AdamW on rows that all share a beginning."""
    rows = [training_row(loaded.tokenizer, example(n), "Be brief", 512) for n in range(6)]
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=1e-2, weight_decay=0.0
    )
    model.train()
    for _ in range(steps):
        optimizer.zero_grad()
        accumulate(model, [answering(model, rows)], loaded.pad, 2)
        optimizer.step()
    return model.eval()


def test_it_starts_as_the_base_and_without_the_adapter_it_is_the_base_to_the_bit(
    loaded: Loaded,
) -> None:
    base = probe_logits(loaded.model, loaded)
    model = add_adapter(loaded, RECIPE)
    assert torch.allclose(probe_logits(model, loaded), base, **CLOSE)
    _trained(model, loaded)
    with model.disable_adapter():
        assert torch.equal(probe_logits(model, loaded), base)
    assert "adapter off equals base" in check_adapter_applies(model, loaded, base)


def test_training_goes_the_way_of_the_librarys_own(loaded: Loaded, tiny_model: Path) -> None:
    ours = _trained(add_adapter(loaded, RECIPE), loaded)
    other = load(str(tiny_model), RECIPE)
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=RECIPE.rank,
        lora_alpha=RECIPE.alpha,
        target_modules="all-linear",
        init_lora_weights="pissa",
    )
    theirs = _trained(get_peft_model(other.model, config), other)
    moved = probe_logits(theirs, other) - probe_logits(load(str(tiny_model), RECIPE).model, other)
    assert moved.abs().max() > 0.1
    difference = probe_logits(ours, loaded) - probe_logits(theirs, other)
    assert difference.norm() < 2e-3 * moved.norm()


def test_the_frozen_half_stays_as_it_was_to_the_bit(loaded: Loaded) -> None:
    model = add_adapter(loaded, RECIPE)
    before = {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}
    _trained(model, loaded)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            dimension = 0 if ".lora_A." in name else 1
            trained, frozen = parameter.detach().split(RECIPE.rank, dim=dimension)
            was_trained, was_frozen = before[name].split(RECIPE.rank, dim=dimension)
            assert torch.equal(frozen, was_frozen), name
            assert not torch.equal(trained, was_trained), name


@pytest.mark.parametrize("balance", [True, False])
def test_what_is_saved_is_plain_lora_for_the_plain_base(
    loaded: Loaded, tiny_model: Path, tmp_path: Path, balance: bool
) -> None:
    model = _trained(add_adapter(loaded, RECIPE), loaded)
    keep(model, tmp_path / "adapter", Best(5, 1.0), balance=balance)
    plain = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    elsewhere = PeftModel.from_pretrained(plain, str(tmp_path / "adapter")).eval()
    assert torch.allclose(probe_logits(elsewhere, loaded), probe_logits(model, loaded), **CLOSE)


def test_sixteen_bits_hold_the_saved_adapter_better_than_the_halves_that_cancel(
    loaded: Loaded, tiny_model: Path, tmp_path: Path
) -> None:
    model = _trained(add_adapter(loaded, RECIPE), loaded, steps=2)
    learned = probe_logits(model, loaded)
    lost = {}
    for balance in (True, False):
        folder = tmp_path / str(balance)
        keep(model, folder, Best(2, 1.0), balance=balance)
        plain = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
        served = PeftModel.from_pretrained(plain, str(folder)).eval()
        for name, parameter in served.named_parameters():
            if "lora_" in name:
                parameter.data = parameter.data.bfloat16().float()
        lost[balance] = float((probe_logits(served, loaded) - learned).norm())
    assert lost[True] < lost[False] / 2


def test_a_rank_beyond_the_layer_is_refused(loaded: Loaded) -> None:
    with pytest.raises(ModelError, match="Set rank to"):
        add_adapter(loaded, Recipe(method="pissa", rank=64, alpha=64))


@pytest.mark.filterwarnings("ignore:Model has `tie_word:UserWarning")
def test_a_layer_that_is_not_linear_is_refused(loaded: Loaded) -> None:
    with pytest.raises(ModelError, match="no plain linear layer"):
        add_adapter(loaded, Recipe(method="pissa", rank=2, alpha=2, targets="embed_tokens"))


def test_a_paused_run_held_to_its_base_goes_on_to_the_same_adapter_for_the_plain_base(
    prepare: Prepare, forked: Forks, tiny_model: Path
) -> None:
    settings: dict[str, Any] = {
        "method": "pissa",
        "dropout": 0.0,
        "kl_share": 0.5,
        "patience": 0,
        "epochs": 3.0,
        "evaluate_every": 3,
    }
    whole, paused = prepare("0001-train", **settings), prepare("0002-train", **settings)
    launch.launch(whole)
    state = ended(whole)
    assert state.phase == "done", state.message
    launch.launch(paused)
    until(lambda: any(m.step > 4 for m in paused.metrics()), "step 5")
    launch.pause(paused)
    assert ended(paused).phase == "paused"
    launch.launch(paused)
    assert ended(paused).phase == "done"
    one, other = (load_file(run.adapter / "adapter_model.safetensors") for run in (whole, paused))
    assert all(torch.equal(one[name], other[name]) for name in one)
    first = next(m.divergence for m in whole.metrics() if m.divergence is not None)
    assert first == pytest.approx(0.0, abs=1e-6)
    plain = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    elsewhere = PeftModel.from_pretrained(plain, str(whole.adapter)).eval()
    assert elsewhere.peft_config["default"].r == 8

"""Several arms, each with an adapter of its own: none leaves anything behind for the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import ModelError, RunError
from engine.recipe import Recipe
from engine.worker.model import Loaded, add_adapter, load, probe_logits
from engine.worker.wardrobe import Wardrobe

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.is_gradient_checkpointing:FutureWarning", "ignore:Model has `tie_word:UserWarning"
)


@pytest.fixture
def adapters(tiny_model: Path, tmp_path: Path) -> Path:
    """Folders `one` (rank 4), `two` (rank 8, fewer targets) and `bare`, which was never trained."""
    settings = {
        "one": Recipe(rank=4, alpha=8),
        "two": Recipe(rank=8, alpha=16, targets="q_proj,v_proj"),
        "bare": Recipe(rank=4, alpha=8),
    }
    for number, (name, recipe) in enumerate(settings.items()):
        model = add_adapter(load(str(tiny_model), Recipe()), recipe)
        torch.manual_seed(number)
        for key, parameter in model.named_parameters():
            if "lora_B" in key and name != "bare":
                parameter.data = torch.randn_like(parameter)
        model.save_pretrained(tmp_path / name)
    return tmp_path


def dressed(loaded: Loaded, adapters: Path, *arms: str) -> Any:
    """Logits of the last of some arms, put on one after another."""
    wardrobe = Wardrobe(loaded, probe_logits(loaded.model, loaded), {a: a for a in arms})
    for arm in arms:
        assert "adapter off equals base" in wardrobe.wear(arm, adapters)
    return probe_logits(wardrobe.model, loaded)


def test_an_arm_answers_the_same_whatever_was_worn_before(tiny_model: Path, adapters: Path) -> None:
    def fresh() -> Loaded:
        return load(str(tiny_model), Recipe())

    alone = {arm: dressed(fresh(), adapters, arm) for arm in ("one", "two")}
    assert not torch.allclose(alone["one"], alone["two"])
    assert torch.equal(dressed(fresh(), adapters, "one", "two"), alone["two"])
    assert torch.equal(dressed(fresh(), adapters, "two", "one"), alone["one"])


def test_an_adapter_that_is_not_applied_is_caught_at_each_change_and_named(
    loaded: Loaded, adapters: Path
) -> None:
    wardrobe = Wardrobe(
        loaded, probe_logits(loaded.model, loaded), {"tuned": "one", "step-4": "bare"}
    )
    wardrobe.wear("tuned", adapters)
    with pytest.raises(ModelError, match="changes nothing: it is not applied"):
        wardrobe.wear("step-4", adapters)


def test_a_base_that_was_changed_is_caught(loaded: Loaded, adapters: Path) -> None:
    wardrobe = Wardrobe(loaded, probe_logits(loaded.model, loaded), {"tuned": "one"})
    next(iter(loaded.model.parameters())).data.mul_(1.5)
    with pytest.raises(ModelError, match="does not answer as the base does"):
        wardrobe.wear("tuned", adapters)


def test_an_arm_without_an_adapter_and_a_folder_without_one_are_refused(
    loaded: Loaded, adapters: Path
) -> None:
    wardrobe = Wardrobe(loaded, probe_logits(loaded.model, loaded), {"run-2": "gone"})
    with pytest.raises(RunError, match="no adapter for tuned"):
        wardrobe.wear("tuned", adapters)
    with pytest.raises(ModelError, match="gone"):
        wardrobe.wear("run-2", adapters)

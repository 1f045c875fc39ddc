"""The sparse loss equals the plain full computation, in value and in gradient."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from engine.recipe import Recipe
from engine.worker import loss as subject
from engine.worker.loss import batch_losses, collate, score_rows
from engine.worker.model import Loaded, add_adapter
from engine.worker.rows import Row, training_row
from tests.engine.worker.conftest import example

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")


def _rows(loaded: Loaded, count: int = 6) -> list[Row]:
    return [training_row(loaded.tokenizer, example(n), "Be brief", 500) for n in range(count)]


def _plain(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    flat = logits[:, :-1].reshape(-1, logits.shape[-1])
    return cross_entropy(flat, batch["labels"][:, 1:].reshape(-1), ignore_index=-100)


def _gradients(model: Any) -> torch.Tensor:
    found = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
    model.zero_grad(set_to_none=True)
    return torch.cat(found)


def _disturbed(loaded: Loaded) -> Any:
    """A model with an adapter that is not zero, so that every gradient flows."""
    model = add_adapter(loaded, Recipe(rank=4))
    torch.manual_seed(1)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = torch.randn_like(parameter) * 0.1
    return model


def test_loss_and_gradient_equal_the_plain_full_computation(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "CHUNK", 5)
    model = _disturbed(loaded)
    batch = collate(_rows(loaded), loaded.pad)
    plain = _plain(model, batch)
    plain.backward()
    wanted = _gradients(model)
    ours = batch_losses(model, batch).mean()
    ours.backward()
    assert ours.item() == pytest.approx(plain.item(), rel=1e-4)
    assert torch.allclose(_gradients(model), wanted, rtol=1e-4, atol=1e-6 * float(wanted.norm()))


def test_scores_of_a_row_do_not_depend_on_its_company(loaded: Loaded) -> None:
    rows = _rows(loaded)
    together = score_rows(loaded.model, rows, loaded.pad, batch_size=6)
    alone = [score_rows(loaded.model, [row], loaded.pad)[0] for row in rows]
    assert [n for _, n in together] == [row.targets for row in rows]
    for (one, _), (other, _) in zip(together, alone, strict=True):
        assert one == pytest.approx(other, rel=1e-4)


def test_the_first_token_and_the_padding_are_never_counted(loaded: Loaded) -> None:
    rows = [Row((5, 6, 7), (True, True, True)), Row((5, 6), (True, False))]
    assert collate(rows, loaded.pad)["labels"].tolist() == [[-100, 6, 7], [-100, -100, -100]]

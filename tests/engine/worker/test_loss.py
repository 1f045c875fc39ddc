"""Scores of rows, and losses over chunks: what they are does not depend on how they are cut."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy

from engine.worker import head as subject
from engine.worker.head import causal_parts, token_losses
from engine.worker.loss import mean_loss, score_rows
from engine.worker.model import Loaded
from engine.worker.passes import collate, wanted
from engine.worker.rows import Row, training_row
from tests.engine.worker.conftest import example


@pytest.mark.parametrize("trains_the_head", [False, True])
def test_chunks_change_neither_losses_nor_gradients(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch, trains_the_head: bool
) -> None:
    monkeypatch.setattr(subject, "CHUNK", 5)
    _, head = causal_parts(loaded.model)
    weight = loaded.model.get_output_embeddings().weight
    weight.requires_grad_(trains_the_head)
    torch.manual_seed(1)
    states, upstream = torch.randn(13, 32, requires_grad=True), torch.randn(13)
    targets = torch.randint(0, len(weight), (13,))
    found, grads = [], []
    for losses in (
        token_losses(head, states, targets),
        cross_entropy(head(states), targets, reduction="none"),
    ):
        leaves = [states, weight] if trains_the_head else [states]
        grads.append(torch.autograd.grad(losses, leaves, upstream))
        found.append(losses.detach())
    assert torch.allclose(*found, rtol=1e-5)
    for ours, plain in zip(*grads, strict=True):
        assert torch.allclose(ours, plain, rtol=1e-4, atol=1e-6)


def test_scores_of_a_row_do_not_depend_on_its_company(loaded: Loaded) -> None:
    rows = [training_row(loaded.tokenizer, example(n), "Be brief", 500) for n in range(6)]
    together = score_rows(loaded.model, rows, loaded.pad, batch_size=6)
    alone = [score_rows(loaded.model, [row], loaded.pad)[0] for row in rows]
    assert [n for _, n in together] == [row.targets for row in rows]
    for (one, _), (other, _) in zip(together, alone, strict=True):
        assert one == pytest.approx(other, rel=1e-4)


def test_the_first_token_and_the_padding_are_never_counted() -> None:
    rows = [Row((5, 6, 7), (True, True, True)), Row((5, 6), (True, False))]
    batch = collate(rows, 1)
    assert batch["predicts"].tolist() == [[True, True, False], [False, False, False]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert wanted(rows, [1, 0]) == [6, 7]


def test_the_mean_is_over_tokens_not_over_rows() -> None:
    assert mean_loss([(6.0, 3), (1.0, 4)]) == 1.0

"""Holding a model to its base: the divergence, its gradient, and what is kept of the base."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.worker import holding
from engine.worker.holding import Likely, ask_base, ask_base_once, divergence
from engine.worker.rows import Row
from engine.worker.step import accumulate
from engine.worker.step import holding as held_to_base
from tests.engine.worker.test_step import adapted, gradients, steps

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")


def _full(base: torch.Tensor, tuned: torch.Tensor) -> torch.Tensor:
    """KL over the whole vocabulary, (places)."""
    logs = base.log_softmax(-1)
    return (logs.exp() * (logs - tuned.log_softmax(-1))).sum(-1)


def _told(base: torch.Tensor, tuned: torch.Tensor, many: int) -> torch.Tensor:
    """KL where so many tokens of the base are told apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holding, "KEPT", many)
        kept = holding._most_likely(base)
    assert kept.ids.shape == (5, many)
    return divergence(tuned.clone(), kept.ids.long(), kept.logs.float())[0]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 6.0))
def test_the_divergence_is_between_nothing_and_that_of_the_whole_vocabulary(
    seed: int, spread: float
) -> None:
    draw = torch.Generator().manual_seed(seed)
    base, tuned = (torch.randn(5, 40, generator=draw) * spread for _ in range(2))
    whole, few = _full(base, tuned), _told(base, tuned, 6)
    assert bool((few > -1e-5).all())
    assert bool((few <= whole + 5e-3 * (1 + whole)).all())
    assert torch.allclose(_told(base, tuned, 39), whole, rtol=5e-3, atol=5e-3)
    assert torch.allclose(_told(base, base, 6), torch.zeros(5), atol=1e-4)


def _plain(model: Any, rows: list[Row]) -> torch.Tensor:
    """The mean divergence by two whole forwards of each row and the whole vocabulary.

    The base's logarithms are rounded as they are kept: near no divergence at all, what rounding
    moves is as large as the gradient, and here only the path of the gradient is asked after.
    """
    found = []
    for row in rows:
        ids = torch.tensor([row.ids])
        places = [p - 1 for p in range(1, len(row)) if row.trained[p]]
        with torch.no_grad(), model.disable_adapter():
            base = model(input_ids=ids).logits[0, places].log_softmax(-1).half().float()
        found.append(_full(base, model(input_ids=ids).logits[0, places]))
    return torch.cat(found).mean()


@settings(max_examples=10, deadline=None)
@given(rows=steps(), micro_batch=st.integers(1, 4))
def test_what_holds_a_step_has_the_gradient_of_the_plain_divergence(
    rows: list[Row], micro_batch: int
) -> None:
    model = adapted("Qwen3")
    plain = _plain(model, rows)
    (0.5 * plain).backward()
    want = torch.cat([g.flatten() for g in gradients(model).values()])
    part = held_to_base(model, rows, ask_base(model, rows, 1), 0.5)
    (apart,) = accumulate(model, [part], 1, micro_batch)
    found = torch.cat([g.flatten() for g in gradients(model).values()])
    # 63 of the 64 tokens are told apart, so the last is known, too. The divergence of so few
    # places is a sum of large terms of either sign: float32 leaves 1e-6 of it.
    assert float(apart) == pytest.approx(float(plain.detach()), rel=1e-4, abs=1e-6)
    assert float((found - want).norm()) <= 1e-3 * float(want.norm()) + 1e-6


def test_the_base_is_asked_once_and_read_again_only_for_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, file = adapted("Llama"), tmp_path / "base.safetensors"
    rows = [Row((5, 6, 7), (False, True, True)), Row((8, 9), (False, True))]
    first = ask_base_once(model, rows, 1, file)
    asked: list[int] = []

    def counted(*given: Any) -> list[Likely]:
        asked.append(1)
        found: list[Likely] = ask_base(*given)
        return found

    monkeypatch.setattr(holding, "ask_base", counted)
    again = ask_base_once(model, rows, 1, file)
    assert not asked
    assert [len(one.ids) for one in again] == [2, 1]
    for one, other in zip(first, again, strict=True):
        assert one.ids.equal(other.ids)
        assert one.logs.equal(other.logs)
    ask_base_once(model, rows[:1], 1, file)
    assert len(asked) == 1

"""Answers: batches do not change them, and one that does not fit is taken in halves."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch

from engine.worker.answerer import Answerer, Question
from engine.worker.generating import generate
from engine.worker.model import Loaded
from engine.worker.rows import prompt_ids
from tests.engine.worker.conftest import suites


def _questions(count: int) -> list[Question]:
    suite = suites(count)[0]
    return [Question(suite, case, case.messages) for case in suite.cases]


def test_answers_of_a_batch_equal_those_given_one_by_one(loaded: Loaded) -> None:
    torch.manual_seed(5)
    for parameter in loaded.model.parameters():
        parameter.data = torch.randn_like(parameter) * 0.3
    prompts = [prompt_ids(loaded.tokenizer, q.messages) for q in _questions(9)]
    assert len({len(p) for p in prompts}) > 3
    together = generate(loaded.model, loaded, prompts, 24)
    alone = [generate(loaded.model, loaded, [prompt], 24)[0] for prompt in prompts]
    assert together == alone
    assert len({text for text, _, _ in alone}) > 3


def test_an_answer_ends_before_its_end_token_and_says_whether_it_came(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = loaded.tokenizer("worn shoes", add_special_tokens=False)["input_ids"]
    end = loaded.tokenizer.eos_token_id
    made = [[*words, end, *words], [*words, *words, *words]]
    longest = max(map(len, made))
    made = [row + [end] * (longest - len(row)) for row in made]

    def given(input_ids: torch.Tensor, **_: Any) -> torch.Tensor:
        return torch.cat([input_ids, torch.tensor(made)], dim=1)

    monkeypatch.setattr(loaded.model, "generate", given)
    monkeypatch.setattr(loaded.model, "_strop_packs", False, raising=False)
    first, second = generate(loaded.model, loaded, [[5], [5]], longest)
    assert first == ("worn shoes", len(words), True)
    assert second[1:] == (3 * len(words), longest > 3 * len(words))


def test_a_batch_that_does_not_fit_is_answered_in_halves_in_the_same_order(
    loaded: Loaded,
) -> None:
    questions = _questions(7)
    real, sizes = partial(generate, loaded.model, loaded), []

    def limited(prompts: Any, *more: Any) -> Any:
        sizes.append(len(prompts))
        if len(prompts) > 2:
            raise torch.OutOfMemoryError("no memory")
        return real(prompts, *more)

    whole, halves = (
        Answerer("base", loaded.model, loaded, made_by).answer(questions, lambda: None)
        for made_by in (real, limited)
    )
    assert max(sizes) == 7
    assert [(a.case, a.text, a.tokens) for a in halves] == [
        (a.case, a.text, a.tokens) for a in whole
    ]

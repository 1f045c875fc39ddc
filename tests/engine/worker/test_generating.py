"""Batched answers are those that transformers' own `generate` gives to one prompt at a time."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.worker.generating import generate
from engine.worker.model import Loaded
from tests.engine.worker.test_step import OWN, STATEFUL, VOCABULARY, adapted

# peft asks transformers by an old name.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

ENDS = [1, 7]
LIMIT = 12
token = st.integers(2, VOCABULARY - 1)


class Numbers:
    """A tokenizer whose words are the numbers of its tokens."""

    pad_token_id = 1

    def decode(self, tokens: list[int], skip_special_tokens: bool) -> str:
        return " ".join(map(str, tokens))


@st.composite
def prompts(draw: Any) -> list[tuple[int, ...]]:
    """Prompts with a common beginning, or none, and one that may be no longer than it."""
    stem = tuple(draw(st.lists(token, min_size=1, max_size=20)))
    tails = draw(st.lists(st.lists(token, max_size=8), min_size=1, max_size=6))
    return [(*stem, *tail) for tail in tails]


def ready(family: str) -> Loaded:
    from transformers import GenerationConfig

    model = adapted(family).eval()
    model.generation_config = GenerationConfig(eos_token_id=ENDS, do_sample=False)
    return Loaded(model, Numbers(), torch.device("cpu"), torch.float32)


def one_by_one(loaded: Loaded, prompts: list[tuple[int, ...]]) -> list[tuple[str, int, bool]]:
    found = []
    for prompt in prompts:
        ids = torch.tensor([prompt])
        made = loaded.model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=LIMIT, pad_token_id=1
        )
        row = made[0, len(prompt) :].tolist()
        ended = next((i for i, t in enumerate(row) if t in ENDS), None)
        kept = row if ended is None else row[:ended]
        found.append((" ".join(map(str, kept)), len(kept), ended is not None))
    return found


@pytest.mark.parametrize("family", [*OWN, "Lfm2"])
@settings(max_examples=5, deadline=None)
@given(asked=prompts())
def test_answers_of_a_batch_are_those_of_generate_one_by_one(
    family: str, asked: list[tuple[int, ...]]
) -> None:
    assert family in OWN or family in STATEFUL
    loaded = ready(family)
    assert generate(loaded.model, loaded, asked, LIMIT) == one_by_one(loaded, asked)


def test_a_prompt_that_is_asked_twice_is_answered_twice_the_same() -> None:
    loaded = ready("Llama")
    first, second = generate(loaded.model, loaded, [(5, 6, 9), (5, 6, 9)], LIMIT)
    assert first == second == one_by_one(loaded, [(5, 6, 9)])[0]


def test_what_is_raised_between_two_tokens_ends_the_generation() -> None:
    loaded = ready("Llama")
    calls: list[int] = []

    def between() -> None:
        calls.append(len(calls))
        if len(calls) == 3:
            raise KeyboardInterrupt

    own = loaded.model.get_base_model().get_decoder().config._attn_implementation
    with pytest.raises(KeyboardInterrupt):
        generate(loaded.model, loaded, [(5, 6), (5, 9)], LIMIT, between)
    assert calls == [0, 1, 2]
    assert loaded.model.get_base_model().get_decoder().config._attn_implementation == own

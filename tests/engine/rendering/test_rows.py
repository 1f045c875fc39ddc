"""Rendering: what is trained is the assistant's turns and their end tokens, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import RunError
from engine.records import Example, Message
from engine.rendering.rows import conversation_row, prompt_ids, training_row, with_system
from tests.engine.worker.conftest import build_tokenizer

TALK = (
    Message("user", "may you return shoes"),
    Message("assistant", "within days"),
    Message("user", "and worn"),
    Message("assistant", "if the box is kept"),
)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return build_tokenizer()


def _trained_text(tokenizer: Any, row: Any) -> str:
    return str(tokenizer.decode([i for i, t in zip(row.ids, row.trained, strict=True) if t]))


def test_all_assistant_turns_and_their_end_tokens_are_trained_and_nothing_else(
    tokenizer: Any,
) -> None:
    row = conversation_row(tokenizer, TALK)
    assert _trained_text(tokenizer, row) == "within days<|im_end|>if the box is kept<|im_end|>"


def test_a_row_is_the_rendered_conversation_token_for_token(tokenizer: Any) -> None:
    plain = [{"role": m.role, "content": m.content} for m in TALK]
    whole = tokenizer.apply_chat_template(plain, tokenize=False)
    expected = tokenizer(whole, add_special_tokens=False)["input_ids"]
    row = conversation_row(tokenizer, TALK)
    assert list(row.ids) == expected[: len(row)]
    assert tokenizer.decode(expected[len(row) :]) == "\n"


def test_the_trained_answer_follows_exactly_the_prompt_that_generation_sees(tokenizer: Any) -> None:
    row = conversation_row(tokenizer, TALK)
    prompt = prompt_ids(tokenizer, TALK[:3])
    assert row.ids[: len(prompt)] == prompt
    assert row.trained[len(prompt)]
    assert not row.trained[len(prompt) - 1]


def test_words_that_look_like_markers_inside_a_question_do_not_move_the_mask(
    tokenizer: Any,
) -> None:
    talk = (Message("user", "assistant\nyes"), Message("assistant", "assistant\nno"))
    assert _trained_text(tokenizer, conversation_row(tokenizer, talk)) == "assistant\nno<|im_end|>"


def test_a_system_prompt_stands_first_unless_the_row_brings_its_own() -> None:
    own = (Message("system", "mine"), *TALK)
    assert with_system(TALK, "ours")[0] == Message("system", "ours")
    assert with_system(own, "ours") == own


def test_a_row_that_is_too_long_says_how_many_tokens_were_cut(tokenizer: Any) -> None:
    whole = training_row(tokenizer, Example(TALK), "", 1000)
    cut = training_row(tokenizer, Example(TALK), "", len(whole) - 3)
    assert (whole.cut, cut.cut, len(cut)) == (0, 3, len(whole) - 3)


def test_a_template_that_rewrites_earlier_turns_is_refused(tokenizer: Any) -> None:
    import copy

    rewriting = copy.deepcopy(tokenizer)
    rewriting.chat_template = "{{ messages | length }}" + tokenizer.chat_template
    with pytest.raises(RunError, match="changes earlier turns"):
        conversation_row(rewriting, TALK)

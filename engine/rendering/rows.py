"""Conversations as token ids with a completion mask, through the model's real chat template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import RunError
from engine.records import Example, Message

Tokenizer = Any


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids and, for each, whether it is trained (or scored)."""

    ids: tuple[int, ...]
    trained: tuple[bool, ...]
    cut: int = 0
    """Tokens that the length limit took away from the end."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def targets(self) -> int:
        """How many tokens count: the first of a row can never be predicted."""
        return sum(self.trained[1:])


def with_system(messages: Sequence[Message], system_prompt: str) -> tuple[Message, ...]:
    """The system prompt before the messages, unless they bring their own."""
    if not system_prompt or (messages and messages[0].role == "system"):
        return tuple(messages)
    return (Message("system", system_prompt), *messages)


def prompt_text(tokenizer: Tokenizer, messages: Sequence[Message]) -> str:
    """The rendered conversation with the opening of an assistant turn after it."""
    return _rendered(tokenizer, messages, add_generation_prompt=True)


def prompt_ids(tokenizer: Tokenizer, messages: Sequence[Message]) -> tuple[int, ...]:
    """Token ids that a generation starts from."""
    return _ids(tokenizer, prompt_text(tokenizer, messages))


def training_row(
    tokenizer: Tokenizer, example: Example, system_prompt: str, max_length: int
) -> Row:
    """Render an example; all assistant turns and their end tokens are trained, nothing else."""
    row = conversation_row(tokenizer, with_system(example.messages, system_prompt))
    if len(row) <= max_length:
        return row
    return Row(row.ids[:max_length], row.trained[:max_length], len(row) - max_length)


def conversation_row(tokenizer: Tokenizer, messages: Sequence[Message]) -> Row:
    """Token ids of a whole conversation, tokenised turn by turn as generation would see them.

    Raises RunError when the template rewrites earlier turns as a conversation grows: then no
    mask over the whole is right.
    """
    ids: list[int] = []
    trained: list[bool] = []
    done = ""
    """What stands in `ids` already, as text: it ends with an end token."""
    for index, message in enumerate(messages):
        if message.role != "assistant":
            continue
        opening = prompt_text(tokenizer, messages[:index])
        whole = _rendered(tokenizer, messages[: index + 1])
        if not (opening.startswith(done) and whole.startswith(opening)):
            raise RunError(
                "This chat template changes earlier turns as the conversation grows.",
                "Train single-turn rows, or use a model with a plain template.",
            )
        answer = _up_to_end(tokenizer, whole[len(opening) :])
        for text, counts in ((opening[len(done) :], False), (answer, True)):
            piece = _ids(tokenizer, text)
            ids += piece
            trained += [counts] * len(piece)
        done = opening + answer
    return Row(tuple(ids), tuple(trained))


def text_row(tokenizer: Tokenizer, text: str) -> Row:
    """Plain text after the start token where the model wants one; all but the first are scored."""
    ids = tuple(tokenizer(text)["input_ids"])
    return Row(ids, tuple(i > 0 for i in range(len(ids))))


def _up_to_end(tokenizer: Tokenizer, turn: str) -> str:
    """What the template wrote for an answer, with its end token and nothing after it."""
    end = turn.rfind(tokenizer.eos_token)
    return turn if end < 0 else turn[: end + len(tokenizer.eos_token)]


def _rendered(tokenizer: Tokenizer, messages: Sequence[Message], **options: bool) -> str:
    """The template's text; raises RunError with its own words when it refuses the turns."""
    from jinja2 import TemplateError

    plain = [{"role": m.role, "content": m.content} for m in messages]
    try:
        return str(tokenizer.apply_chat_template(plain, tokenize=False, **options))
    except TemplateError as error:
        raise RunError(
            f"The chat template refuses these turns: {error}.",
            "Leave the system prompt empty, or use a model whose template takes them.",
        ) from error


def _ids(tokenizer: Tokenizer, text: str) -> tuple[int, ...]:
    return tuple(tokenizer(text, add_special_tokens=False)["input_ids"]) if text else ()

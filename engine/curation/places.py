"""Where in an example a text stands, for findings that highlight it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from engine.records import Example

Where: TypeAlias = Literal["prompt", "answer", ""]
Spans: TypeAlias = tuple[tuple[int, int], ...]


def places(example: Example) -> Iterator[tuple[Where, str]]:
    """Every turn but the system's: the final question and answer by name, the others as ''."""
    last_user = max((i for i, m in enumerate(example.messages) if m.role == "user"), default=-1)
    for i, message in enumerate(example.messages):
        if message.role == "system":
            continue
        if i == len(example.messages) - 1:
            yield "answer", message.content
        elif i == last_user:
            yield "prompt", message.content
        else:
            yield "", message.content


def in_words(where: Where) -> str:
    """`in the question`, `in the answer`, `in an earlier turn`."""
    return {"prompt": "in the question", "answer": "in the answer"}.get(where, "in an earlier turn")


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))

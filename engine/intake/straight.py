"""Rows that need no tidying, which are nearly all of a large file, taken without a detour."""

from __future__ import annotations

from engine.intake.outcomes import Mapping
from engine.intake.shapes import Fields, labels
from engine.records import Example, Message, Role
from engine.visible import make_visible


def take_straight(fields: Fields, mapping: Mapping, origin: str) -> Example | None:
    """The example that the long way gives, or None for a row that has to go the long way.

    Straight are rows whose turns are called user and assistant, one after the other, each with
    words, perhaps behind one system turn.
    """
    items = fields.get(mapping.text)
    if not isinstance(items, list) or "system" in fields:
        return None
    messages = _messages(items)
    if messages is None:
        return None
    conversation, intent = labels(fields, mapping)
    return Example(
        messages,
        make_visible(intent.strip()) if intent else "",
        make_visible(conversation.strip()) if conversation else "",
        make_visible(origin),
    )


def _messages(items: list[object]) -> tuple[Message, ...] | None:
    said: list[Message] = []
    due: Role = "user"
    for item in items:
        if not isinstance(item, dict):
            return None
        role, content = item.get("role"), item.get("content")
        if not isinstance(content, str):
            return None
        content = make_visible(content.strip())
        if not content:
            return None
        if role == due:
            said.append(Message(due, content))
            due = "assistant" if due == "user" else "user"
        elif role == "system" and not said:
            said.append(Message("system", content))
        else:
            return None
    # The last turn was an answer, so the next would be a question.
    return tuple(said) if due == "user" and len(said) > 1 else None

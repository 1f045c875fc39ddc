"""Rows as the worker sees them; they are made in `engine.rendering`, where no torch is needed."""

from __future__ import annotations

from engine.rendering.rows import (
    Row,
    conversation_row,
    prompt_ids,
    prompt_text,
    text_row,
    training_row,
    with_system,
)

__all__ = [
    "Row",
    "conversation_row",
    "prompt_ids",
    "prompt_text",
    "text_row",
    "training_row",
    "with_system",
]

"""Rows that are not a proper conversation, or that hold control characters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.curation.places import in_words, places
from engine.records import Case, Example, Finding, NumberedExample
from engine.scope import Scope
from engine.visible import find_marks


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Blocks empty turns, missing sides, broken alternation and hidden characters."""
    severity = scope.checks.schema.severity
    found: list[Finding] = []
    for row in rows:
        problem = _problem(row.example)
        if problem:
            found.append(Finding("schema", severity, (row.id,), problem))
        for where, text in places(row.example):
            spans = find_marks(text) if "<U+" in text else ()
            if spans:
                shown = ", ".join(dict.fromkeys(text[a:b] for a, b in spans))
                detail = f"control characters {in_words(where)}: {shown[:80]}"
                kept = spans if where else ()
                found.append(
                    Finding("schema", severity, (row.id,), detail, spans=kept, where=where)
                )
    return found


def _problem(example: Example) -> str:
    spoken = [m for m in example.messages if m.role in ("user", "assistant")]
    if not spoken or example.messages[-1].role != "assistant":
        return "does not end with an answer"
    if spoken[0].role != "user":
        return "does not begin with a question"
    if any(not m.content.strip() for m in spoken):
        return "a turn is empty"
    return "" if _alternates(example) else "roles do not alternate"


def _alternates(example: Example) -> bool:
    """A tool turn may stand between two turns of the assistant."""
    roles = [m.role for m in example.messages if m.role != "system"]
    return all(before != after or before == "tool" for before, after in pairwise(roles))

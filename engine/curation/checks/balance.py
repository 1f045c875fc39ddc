"""Intents with too few rows to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

FEWEST = 8


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of each intent of the scope with fewer than eight rows."""
    counts = Counter(row.example.intent for row in rows)
    return [
        Finding(
            "balance",
            "warn",
            (),
            f"intent {intent.name!r} has {counts[intent.name]} of at least {FEWEST} rows",
        )
        for intent in scope.intents
        if counts[intent.name] < FEWEST
    ]

"""Intents with too few rows to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of each intent of the scope with fewer rows than a model learns from (8)."""
    settings = scope.checks.balance
    counts = Counter(row.example.intent for row in rows)
    return [
        Finding(
            "balance",
            settings.severity,
            (),
            f"intent {intent.name!r} has {counts[intent.name]} of at least {settings.fewest} rows",
        )
        for intent in scope.intents
        if counts[intent.name] < settings.fewest
    ]

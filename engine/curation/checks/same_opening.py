"""Answers that all begin alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.curation.text import normalise
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of an opening of three words that more than 30 % of all answers share."""
    settings = scope.checks.same_opening
    if len(rows) < max(settings.fewest, 1):
        return []
    openings = Counter(
        " ".join(normalise(row.example.answer[:200]).split()[: settings.words]) for row in rows
    )
    return [
        Finding(
            "same_opening",
            settings.severity,
            (),
            f"{n / len(rows):.0%} of answers begin {opening!r}",
        )
        for opening, n in openings.most_common(3)
        if opening and n > settings.share * len(rows)
    ]

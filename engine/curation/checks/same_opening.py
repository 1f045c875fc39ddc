"""Answers that all begin alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.curation.text import normalise
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_WORDS = 3
_SHARE = 0.30
_FEWEST = 20
"""Rows; below this a share says little."""


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of an opening of three words that more than 30 % of all answers share."""
    if len(rows) < _FEWEST:
        return []
    openings = Counter(
        " ".join(normalise(row.example.answer[:200]).split()[:_WORDS]) for row in rows
    )
    return [
        Finding("same_opening", "warn", (), f"{n / len(rows):.0%} of answers begin {opening!r}")
        for opening, n in openings.most_common(3)
        if opening and n > _SHARE * len(rows)
    ]

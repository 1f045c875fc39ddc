"""Rows that say the same in normal form."""

from __future__ import annotations

from collections.abc import Sequence

from engine.curation.duplicates import exact_groups
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Marks each group of exact duplicates once, the first row in front; deletes none."""
    return [
        Finding(
            "exact_duplicate",
            "mark",
            tuple(rows[place].id for place in group),
            f"{len(group)} rows say exactly the same",
        )
        for group in exact_groups(rows)
    ]

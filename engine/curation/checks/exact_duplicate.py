"""Rows that say the same in normal form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.curation.duplicates import groups_of
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

if TYPE_CHECKING:
    from engine.curation.index import Index


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """See `find`."""
    from engine.curation.index import Index

    return find(Index.of(rows, scope))


def find(index: Index) -> list[Finding]:
    """Marks each group of exact duplicates once, the first row in front; deletes none."""
    severity = index.scope.checks.exact_duplicate.severity
    return [
        Finding(
            "exact_duplicate", severity, index.ids(group), f"{len(group)} rows say exactly the same"
        )
        for group in groups_of(index.firsts("exact"))
    ]

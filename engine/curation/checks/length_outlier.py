"""Answers far longer or shorter than the others."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of a robust z above 3.5 on the number of words (Iglewicz and Hoaglin 1993)."""
    settings = scope.checks.length_outlier
    if len(rows) < max(settings.fewest, 1):
        return []
    lengths = [len(row.example.answer.split()) for row in rows]
    middle = median(lengths)
    spread = max(median(abs(n - middle) for n in lengths), 1.0)
    found: list[Finding] = []
    for row, n in zip(rows, lengths, strict=True):
        z = 0.6745 * (n - middle) / spread
        if abs(z) > settings.z:
            detail = f"{n} words, the middle is {middle:.0f} (robust z {z:.1f})"
            found.append(
                Finding("length_outlier", settings.severity, (row.id,), detail, where="answer")
            )
    return found

"""Answers that speak of a year gone by as if it were now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_YEAR = re.compile(
    r"(?<![\w$#.,/-])(?<!since )(?<!founded in )(?<!established in )(?<!started in )"
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-])?(20\d\d)(?:[/.-]\d{1,2}[/.-]\d{1,2})?(?![\w%])"
)


def check(
    rows: Sequence[NumberedExample],
    cases: Sequence[Case],
    scope: Scope,
    *,
    today: date | None = None,
) -> list[Finding]:
    """Warns of a year before this one in an answer, unless it is a year something began."""
    settings = scope.checks.stale_date
    oldest = (today or date.today()).year - settings.years
    found: list[Finding] = []
    for row in rows:
        hits = [hit for hit in _YEAR.finditer(row.example.answer) if int(hit[1]) < oldest]
        if hits:
            detail = f"speaks of {hits[0][1]}, which is over"
            spans = tuple(hit.span() for hit in hits)
            found.append(
                Finding(
                    "stale_date", settings.severity, (row.id,), detail, spans=spans, where="answer"
                )
            )
    return found

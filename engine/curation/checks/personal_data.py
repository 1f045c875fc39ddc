"""Rows that hold somebody's personal data."""

from __future__ import annotations

from collections.abc import Sequence

from engine.curation.personal import find_personal_data
from engine.curation.places import in_words, listed, places
from engine.curation.redact import public_words
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Asks for a look at each turn with personal data, with the places to redact.

    What the scope itself prints, such as the shop's own phone number, is nobody's secret.
    """
    settings = scope.checks.personal_data
    public = public_words(scope)
    found: list[Finding] = []
    for row in rows:
        for where, text in places(row.example):
            spans = [
                s
                for s in find_personal_data(text)
                if s.kind not in settings.leave_out and s.text.lower() not in public
            ]
            if spans:
                kinds = listed(list(dict.fromkeys(s.kind for s in spans)))
                found.append(
                    Finding(
                        "personal_data",
                        settings.severity,
                        (row.id,),
                        f"{kinds} {in_words(where)}",
                        spans=tuple((s.start, s.end) for s in spans) if where else (),
                        where=where,
                    )
                )
    return found

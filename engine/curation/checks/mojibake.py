"""Text that was decoded with the wrong encoding once."""

from __future__ import annotations

from collections.abc import Sequence

from engine.curation.places import in_words, places
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of mojibake, by ftfy's measure, and of replacement characters."""
    from ftfy.badness import BADNESS_RE

    severity = scope.checks.mojibake.severity
    found: list[Finding] = []
    for row in rows:
        for where, text in places(row.example):
            if text.isascii():
                continue
            spans = tuple(hit.span() for hit in BADNESS_RE.finditer(text))
            spans += tuple((i, i + 1) for i, c in enumerate(text) if c == "\ufffd")
            if spans:
                first = min(spans)
                detail = f"wrong encoding {in_words(where)}: {text[first[0] : first[1] + 8]!r}"
                kept = tuple(sorted(spans)) if where else ()
                found.append(
                    Finding("mojibake", severity, (row.id,), detail, spans=kept, where=where)
                )
    return found

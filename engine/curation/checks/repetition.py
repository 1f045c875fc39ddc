"""Answers that go round in circles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from engine.check_settings import Repetition
from engine.curation.text import normalise
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of answers that say one thing three times, or loop over the same few words."""
    settings = scope.checks.repetition
    found: list[Finding] = []
    for row in rows:
        detail = _loop(row.example.answer, settings)
        if detail:
            found.append(
                Finding("repetition", settings.severity, (row.id,), detail, where="answer")
            )
    return found


def _loop(answer: str, settings: Repetition) -> str:
    sentences = Counter(normalise(s) for s in _SENTENCE.split(answer))
    often = next(((s, n) for s, n in sentences.most_common(3) if len(s.split()) > 1), ("", 0))
    if often[1] >= settings.times:
        return f"says {often[0][:60]!r} {often[1]} times"
    words = normalise(answer).split()
    if any(words[i : i + 4] == [words[i]] * 4 for i in range(len(words) - 3)):
        return "repeats one word four times in a row"
    threes = Counter(zip(words, words[1:], words[2:], strict=False))
    if len(words) >= 20 and len(threes) < settings.distinct * (len(words) - 2):
        return f"repeats {' '.join(threes.most_common(1)[0][0])!r}"
    return ""

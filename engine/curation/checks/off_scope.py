"""Rows about something the scope does not cover."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.curation.relevance import Guide, best_intent, content, guide
from engine.curation.text import customer_side, stems
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_COVERED = 0.5
_VAGUE = stems("advice question questions other others")
_PARTS = re.compile(r",| and | or ")
_CATCH_ALL = re.compile(r"\b(?:not|else|anything|everything|other)\b")
_RELATIVE = re.compile(r"\b(?:their|its)\b")


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Asks for a look at rows with no intent of the scope, or with a listed out-of-scope topic.

    A row whose answer follows a rule, such as a hand-off, is in scope whatever it is about.
    """
    if not scope.intents:
        return []
    made, severity = guide(scope), scope.checks.off_scope.severity
    outside = _topics(scope)
    found: list[Finding] = []
    for row in rows:
        if _follows_a_rule(made, row.example.answer):
            continue
        detail = _outside(row, made, outside)
        if detail:
            found.append(Finding("off_scope", severity, (row.id,), detail, where="prompt"))
    return found


def _follows_a_rule(made: Guide, answer: str) -> bool:
    """Whether a rule covers an answer, and not by two words that anybody says."""
    words = content(answer)
    covered = made.coverage(words)
    return any(
        share >= _COVERED
        and (len(words & made.rules[p].words) > 2 or bool(words & made.rules[p].entity))
        for p, share in covered.items()
    )


def _outside(row: NumberedExample, made: Guide, outside: dict[frozenset[str], str]) -> str:
    asked = customer_side(row.example)
    words = stems(asked)
    topic = next((name for wanted, name in outside.items() if wanted <= words), "")
    if topic:
        return f"the scope leaves out {topic}"
    intent = row.example.intent
    if intent and intent not in made.intents:
        return f"intent {intent!r} is not in the scope"
    if not best_intent(made, asked) and not any(g.entity & words for g in made.rules):
        return "no intent of the scope fits the question"
    return ""


def _topics(scope: Scope) -> dict[frozenset[str], str]:
    """The listed topics as words to look for; `jobs and wholesale` are two, and a catch-all such
    as `anything that is not about shoes` has none of its own."""
    topics: dict[frozenset[str], str] = {}
    for topic in (t for t in scope.out_of_scope if not _CATCH_ALL.search(t)):
        for part in _PARTS.split(topic):
            words = content(part) - _VAGUE
            if words and not _RELATIVE.search(part):
                topics[words] = topic
    return topics

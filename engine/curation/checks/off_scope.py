"""Rows about something the scope does not cover."""

from __future__ import annotations

from collections.abc import Sequence

from engine.curation.relevance import best_intent, guide, ready
from engine.curation.text import customer_side, stems
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_EMPTY = stems(
    "a an the of in on for to and or with by our your their its is are not about that "
    "anything something advice question questions other others"
)


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Asks for a look at rows with no intent of the scope, or with a listed out-of-scope topic."""
    names = {intent.name for intent in scope.intents}
    if not names:
        return []
    made = guide(scope)
    entities = ready(rule.entity for rule in scope.rules)
    outside = {topic: stems(topic) - _EMPTY for topic in scope.out_of_scope}
    found: list[Finding] = []
    for row in rows:
        asked = customer_side(row.example)
        words = stems(asked)
        topic = next((t for t, wanted in outside.items() if wanted and wanted <= words), "")
        best = best_intent(made, asked)
        if topic:
            detail = f"the scope leaves out {topic}"
        elif row.example.intent and row.example.intent not in names:
            detail = f"intent {row.example.intent!r} is not in the scope"
        elif not best and not entities.hits(words):
            detail = "no intent of the scope fits the question"
        else:
            continue
        found.append(Finding("off_scope", "review", (row.id,), detail, where="prompt"))
    return found

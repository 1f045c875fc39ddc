"""Answers that refuse where the scope asks for an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.curation.relevance import best_rule, guide
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_ASKED_FOR = ("hand_off", "refusal", "forbidden_promise")
_COVERED = 0.4
_REFUSAL = re.compile(
    r"\bas an? (?:ai|artificial|language model|assistant,? i)"
    r"|\bi(?:'m| am) (?:sorry,? (?:but )?)?(?:not able|unable|not allowed|not permitted) to"
    r" (?:help|assist|answer|discuss|comment|provide|share|give)"
    r"|\bi (?:can(?:'t|not)|can not|won't|will not) (?:help|assist|answer|discuss|comment|talk"
    r"|do that|respond|engage|support)"
    r"|\bi (?:must|have to) (?:decline|refuse)|\b(?:can't|cannot) help (?:you )?with (?:that|this)",
    re.I,
)


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of refusals: a model learns to refuse from very few of them.

    A refusal or hand-off in the words of a rule that asks for one is left alone.
    """
    made, severity = guide(scope), scope.checks.refusals.severity
    found: list[Finding] = []
    for row in rows:
        rule, coverage = best_rule(made, row.example.answer)
        if rule is not None and rule.kind in _ASKED_FOR and coverage >= _COVERED:
            continue
        hit = _REFUSAL.search(row.example.answer.replace("\u2019", "'"))
        if hit:
            detail = f"the answer refuses: {hit[0]!r}"
            spans = (hit.span(),)
            found.append(
                Finding("refusals", severity, (row.id,), detail, spans=spans, where="answer")
            )
    return found

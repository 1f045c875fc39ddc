"""Answers that stop in the middle of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.records import Case, Example, Finding, NumberedExample
from engine.scope import Scope

_CLOSED = re.compile(
    r"[.!?\u2026\u3002:;)\]}\"'\u2019\u201d*_`~>%|]\s*\Z|[^\w\s,\-\u2013\u2014/(&+]\s*\Z"
)
_OPEN = re.compile(
    r"(?:[,(\u2013\u2014/&+]|\s-|\b(?:the|a|an|and|or|but|so|nor|of|to|in|on|at|by|for|from|with|into"
    r"|within|without|between|because|although|if|unless|until|while|than|as|that|which|who|whose"
    r"|is|are|was|were|be|been|has|have|had|will|would|can|could|may|might|must|shall|should|do"
    r"|does|did|your|our|their|his|its|my|this|these|those|very|please|not|no|per|up))\s*\Z",
    re.I,
)
_BRACKET = re.compile(r"(?<![:;=-])\([^()]*\Z")
_ENDS_FREELY = re.compile(
    r"(?:https?://|www\.)\S+\s*\Z|\S+@\S+\s*\Z|```\s*\Z|^\s*(?:[-*\u2022]|\d+[.)])\s[^\n]*\Z", re.M
)
_SENTENCE_END = re.compile(r"[.!?]['\"\u2019\u201d)]*(?=\s|\Z)")
_CUSTOM = 0.9
"""Share of answers that end as sentences do, from which one that does not was probably cut."""
_FEWEST = 20


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Warns of answers that end on a word that cannot end a sentence, or in its middle.

    An answer without a last full stop counts as cut only where its own earlier sentences, or
    nine in ten of the other answers, have theirs: people who never write one are left alone.
    """
    settings = scope.checks.truncated
    closed = [bool(_CLOSED.search(row.example.answer)) for row in rows]
    custom = len(rows) >= _FEWEST and sum(closed) >= _CUSTOM * len(rows)
    found: list[Finding] = []
    for row, is_closed in zip(rows, closed, strict=True):
        answer = row.example.answer
        if is_closed or len(answer.split()) < settings.words or _ENDS_FREELY.search(answer):
            continue
        if (
            _OPEN.search(answer)
            or _BRACKET.search(answer)
            or (not _never_closes(row.example) and (custom or _SENTENCE_END.search(answer)))
        ):
            last = answer.split()[-1]
            start = answer.rfind(last)
            found.append(
                Finding(
                    "truncated",
                    settings.severity,
                    (row.id,),
                    f"stops in the middle of a sentence, at {last[:40]!r}",
                    spans=((start, start + len(last)),),
                    where="answer",
                )
            )
    return found


def _never_closes(example: Example) -> bool:
    """Whether an earlier answer of the conversation goes without its last full stop, too."""
    earlier = [m.content for m in example.messages[:-1] if m.role == "assistant"]
    return any(not _CLOSED.search(text) for text in earlier)

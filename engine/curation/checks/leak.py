"""Rows whose question stands in the held-out set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from engine.curation.duplicates import NEAR, cross_pairs
from engine.curation.text import normalise, whole_text
from engine.records import Case, Example, Finding, NumberedExample
from engine.scope import Scope

_GRAM = 13
_LONG = 20
_SHORT = 4
"""Words; a shorter turn inside a longer conversation ("yes please") is no question of its own."""


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Blocks questions equal or near to a held-out one (J >= 0.8); similar ones are reviewed.

    A 13-gram in common counts only for held-out items of 20 words and more.
    """
    turns = [(place, turn) for place, row in enumerate(rows) for turn in _asked(row.example)]
    items = [(place, normalise(case.prompt)) for place, case in enumerate(cases)]
    best: dict[tuple[int, int], float] = {}
    for pair in cross_pairs([t for _, t in turns], [t for _, t in items]):
        key = turns[pair.first][0], items[pair.second][0]
        best[key] = max(best.get(key, 0.0), pair.jaccard)
    found = [_finding(rows[row], cases[case], j) for (row, case), j in sorted(best.items())]
    return found + _long_matches(rows, cases, items, set(best))


def _asked(example: Example) -> list[str]:
    users = [normalise(m.content) for m in example.messages if m.role == "user"]
    if len(users) == 1:
        return users
    return [turn for turn in users if len(turn.split()) >= _SHORT]


def _finding(row: NumberedExample, case: Case, jaccard: float) -> Finding:
    if jaccard >= NEAR:
        how = "asks exactly what" if jaccard == 1.0 else f"asks nearly (J {jaccard:.2f}) what"
        detail = f"{how} held-out case {case.id} asks"
        return Finding("leak", "block", (row.id,), detail, where="prompt", case=case.id)
    detail = f"similar (J {jaccard:.2f}) to held-out case {case.id}"
    return Finding("leak", "review", (row.id,), detail, where="prompt", case=case.id)


def _long_matches(
    rows: Sequence[NumberedExample],
    cases: Sequence[Case],
    items: Sequence[tuple[int, str]],
    known: set[tuple[int, int]],
) -> list[Finding]:
    grams: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for place, text in items:
        words = text.split()
        if len(words) >= _LONG:
            for gram in _grams(words):
                grams[gram].add(place)
    found: list[Finding] = []
    for at, row in enumerate(rows) if grams else ():
        shared = {
            c
            for gram in _grams(normalise(whole_text(row.example)).split())
            for c in grams.get(gram, ())
        }
        for case in sorted(c for c in shared if (at, c) not in known):
            detail = f"13 words in a row from held-out case {cases[case].id}"
            found.append(Finding("leak", "block", (row.id,), detail, case=cases[case].id))
    return found


def _grams(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + _GRAM]) for i in range(len(words) - _GRAM + 1))

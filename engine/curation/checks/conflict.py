"""Nearly the same question, answers that disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, TypeAlias

from engine.curation.disagreement import disagreement
from engine.curation.questions import ask_the_same, telling_words
from engine.curation.text import customer_side, normalise
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

if TYPE_CHECKING:
    from engine.curation.index import Index

WIDEST = 40
"""Stances compared per question, and rows named per stance: bounds the pairs."""
_Stances: TypeAlias = list[list[int]]
"""Rows (positions) of each stance on one question."""


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """See `find`."""
    from engine.curation.index import Index

    return find(Index.of(rows, scope))


def find(index: Index) -> list[Finding]:
    """Asks for a decision on pairs of rows that answer one question differently.

    Every row of either side is in one pair at least, as far as WIDEST.
    """
    import numpy as np

    pairs = np.array(list(_candidates(index)), np.int64).reshape(-1, 2)
    telling = telling_words(index.scope)
    said = index.sentences(
        "conflicts", pairs[:, 0], pairs[:, 1], lambda a, b: _conflict(a, b, telling)
    )
    severity = index.scope.checks.conflict.severity
    ids = index.records["id"][pairs]
    return [
        Finding("conflict", severity, (first, second), f"{sentence} (#{second})")
        for (first, second), sentence in zip(ids.tolist(), said, strict=True)
        if sentence
    ]


def _candidates(index: Index) -> Iterator[tuple[int, int]]:
    """Pairs of rows with two stances: on one question, or on two that are nearly the same."""
    stances = _stances(index)
    amounts, stance = index.records["amounts"], index.records["stance"]
    for members in stances.values():
        for ours, theirs in combinations(members, 2):
            yield from _side_by_side(ours, theirs)
    pairs = index.pairs("asked")
    pairs = pairs.where(pairs.jaccard >= index.scope.checks.conflict.similar)
    for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        for ours, theirs in product(stances.get(one, ()), stances.get(other, ())):
            if stance[ours[0]] != stance[theirs[0]]:
                for a, b in _side_by_side(ours, theirs):
                    if amounts[a] == amounts[b]:
                        yield a, b


def _stances(index: Index) -> dict[int, _Stances]:
    """Per question, by the first row that asks it: the rows of each stance."""
    import numpy as np

    records = index.records
    telling = np.flatnonzero((records["stance"] != 0) & (records["asked"] != 0))
    firsts = index.firsts("asked")
    grouped: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at in telling.tolist():
        rows = grouped[int(firsts[at])][int(records["stance"][at])]
        if len(rows) < WIDEST:
            rows.append(at)
    return {first: list(stances.values())[:WIDEST] for first, stances in grouped.items()}


def _side_by_side(ours: list[int], theirs: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs of one of ours and one of theirs that name every row."""
    yield from ((a, theirs[0]) for a in ours)
    yield from ((ours[0], b) for b in theirs[1:])


def _conflict(first: NumberedExample, second: NumberedExample, telling: frozenset[str]) -> str:
    """How two answers disagree; nothing when the words that differ make it another question."""
    left, right = customer_side(first.example), customer_side(second.example)
    if normalise(left) != normalise(right) and not ask_the_same(left, right, telling):
        return ""
    return disagreement(first.example.answer, second.example.answer)

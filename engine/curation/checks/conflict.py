"""Nearly the same question, answers that disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from engine.curation.disagreement import disagreement
from engine.curation.duplicates import join, shingles, similar_pairs
from engine.curation.text import customer_side, normalise, stems
from engine.facts import find_facts
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

_FLOOR = 0.7
_WIDEST = 40
"""Different answers compared in one family of questions: bounds the pairs."""
_TURNS = frozenset(stems("not no never without only except don't can't isn't won't aren't"))


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Asks for a decision on each pair of rows that answer one question differently."""
    asked = [normalise(customer_side(row.example)) for row in rows]
    telling = _telling_words(scope)
    found: list[Finding] = []
    for a, b in _candidates(rows, asked):
        if not _same_question(rows[a], rows[b], asked, (a, b), telling):
            continue
        detail = disagreement(rows[a].example.answer, rows[b].example.answer)
        if detail:
            ids = (rows[a].id, rows[b].id)
            found.append(Finding("conflict", "decide", ids, f"{detail} (#{rows[b].id})"))
    return found


def _candidates(rows: Sequence[NumberedExample], asked: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs within each family of near-same questions, one row per different answer."""
    links = [(p.first, p.second) for p in similar_pairs(asked, _FLOOR)]
    families: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for place, root in enumerate(join(len(rows), links)):
        answer = normalise(rows[place].example.answer)
        families[root].setdefault((asked[place], answer), place)
    for members in families.values():
        yield from combinations(sorted(members.values())[:_WIDEST], 2)


def _same_question(
    first: NumberedExample,
    second: NumberedExample,
    asked: Sequence[str],
    pair: tuple[int, int],
    telling: frozenset[str],
) -> bool:
    """Near-same words, and the words that differ change neither what is asked about nor a fact."""
    left, right = asked[pair[0]], asked[pair[1]]
    if left == right:
        return True
    ours, theirs = shingles(left), shingles(right)
    if len(ours & theirs) < _FLOOR * len(ours | theirs):
        return False
    differing = stems(left) ^ stems(right)
    if differing & telling or differing & _TURNS:
        return False
    return _amounts(first) == _amounts(second)


def _amounts(row: NumberedExample) -> frozenset[tuple[str, float, str]]:
    return frozenset((f.kind, f.amount, f.unit) for f in find_facts(customer_side(row.example)))


def _telling_words(scope: Scope) -> frozenset[str]:
    """Words by which the rules tell one case from another: entities and conditions."""
    words = stems(" ".join(f"{rule.entity} {rule.condition}" for rule in scope.rules))
    return words - stems("a an the of in on for to with by is are or and")

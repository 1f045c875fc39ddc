"""Rows that are almost the same, question and answer taken together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from engine.curation.disagreement import disagreement
from engine.curation.duplicates import Pair, join, row_pairs
from engine.curation.text import fingerprint
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Marks clusters of near duplicates, and pairs that are only similar.

    Answers that disagree are a conflict, never a duplicate, however alike they look.
    """
    pairs = [pair for pair in row_pairs(rows) if not _same(rows, pair)]
    near = [p for p in pairs if p.near and not _disagree(rows, p)]
    roots = join(len(rows), [(p.first, p.second) for p in near])
    groups: dict[int, list[int]] = defaultdict(list)
    best: dict[int, float] = defaultdict(float)
    for place, root in enumerate(roots):
        groups[root].append(rows[place].id)
    for pair in near:
        best[roots[pair.first]] = max(best[roots[pair.first]], pair.jaccard)
    clusters = [
        Finding(
            "near_duplicate",
            "mark",
            tuple(ids),
            f"{len(ids)} rows are nearly the same (J {best[root]:.2f})",
        )
        for root, ids in groups.items()
        if len(ids) > 1
    ]
    return clusters + [
        Finding(
            "near_duplicate",
            "mark",
            (rows[p.second].id, rows[p.first].id),
            f"similar to #{rows[p.first].id} (J {p.jaccard:.2f})",
        )
        for p in pairs
        if roots[p.first] != roots[p.second] and not _disagree(rows, p)
    ]


def _same(rows: Sequence[NumberedExample], pair: Pair) -> bool:
    first, second = rows[pair.first].example, rows[pair.second].example
    return pair.jaccard == 1.0 and fingerprint(first) == fingerprint(second)


def _disagree(rows: Sequence[NumberedExample], pair: Pair) -> bool:
    first, second = rows[pair.first].example, rows[pair.second].example
    return bool(disagreement(first.answer, second.answer))

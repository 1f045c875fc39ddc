"""Rows that are almost the same, question and answer taken together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engine.curation.disagreement import disagreement
from engine.curation.duplicates import groups_of, join
from engine.records import Case, Finding, NumberedExample
from engine.scope import Scope

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.curation.duplicates import Positions
    from engine.curation.index import Index, Pairs

SHOWN = 5
"""Similar rows named for one row at the most, the most similar ones."""


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """See `find`."""
    from engine.curation.index import Index

    return find(Index.of(rows, scope))


def find(index: Index) -> list[Finding]:
    """Marks clusters of near duplicates, and pairs that are only similar.

    A cluster is whole: exact copies of its rows belong to it. Answers that disagree are a
    conflict, never a duplicate, however alike they look.
    """
    import numpy as np

    settings = index.scope.checks.near_duplicate
    pairs = index.pairs("whole")
    pairs = pairs.where(~_disagree(index, pairs))
    near = pairs.where((pairs.jaccard >= settings.near) & (pairs.ratio >= settings.ratio))
    copies, everyone = index.firsts("whole"), np.arange(len(index))
    roots = join(
        len(index),
        np.concatenate((near.first, copies)),
        np.concatenate((near.second, everyone)),
    )
    apart = pairs.where(roots[pairs.first] != roots[pairs.second])
    return [*_clusters(index, near, roots), *_similar(index, apart)]


def _clusters(index: Index, near: Pairs, roots: Positions) -> Iterator[Finding]:
    import numpy as np

    best = np.ones(len(index))
    np.minimum.at(best, roots[near.first], 0.0)
    np.maximum.at(best, roots[near.first], near.jaccard)
    exact = index.records["exact"]
    for group in groups_of(roots):
        if (exact[group] != exact[group[0]]).any():
            detail = f"{len(group)} rows are nearly the same (J {best[group[0]]:.2f})"
            severity = index.scope.checks.near_duplicate.severity
            yield Finding("near_duplicate", severity, index.ids(group), detail)


def _similar(index: Index, pairs: Pairs) -> Iterator[Finding]:
    """For each row its most similar ones among those that came before it."""
    import numpy as np

    order = np.lexsort((pairs.first, -pairs.jaccard, pairs.second))
    named: Counter[int] = Counter()
    ids = index.records["id"]
    severity = index.scope.checks.near_duplicate.severity
    for at in order.tolist():
        first, second = int(ids[pairs.first[at]]), int(ids[pairs.second[at]])
        named[second] += 1
        if named[second] <= SHOWN:
            detail = f"similar to #{first} (J {pairs.jaccard[at]:.2f})"
            yield Finding("near_duplicate", severity, (second, first), detail)


def _disagree(index: Index, pairs: Pairs) -> npt.NDArray[np.bool_]:
    import numpy as np

    ours, theirs = index.records["stance"][pairs.first], index.records["stance"][pairs.second]
    disagree: npt.NDArray[np.bool_] = (ours != theirs) & (ours != 0) & (theirs != 0)
    asked = np.flatnonzero(disagree)
    said = index.sentences(
        "disagreement",
        pairs.first[asked],
        pairs.second[asked],
        lambda a, b: disagreement(a.example.answer, b.example.answer),
    )
    disagree[asked] = [bool(sentence) for sentence in said]
    return disagree

"""Near-duplicate pairs, confirmed exactly, and the clusters that they form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from engine.curation.index import Index

    Positions = npt.NDArray[np.int64]

NEAR = 0.8
SIMILAR = 0.7
RATIO = 90.0


class Pair(msgspec.Struct, frozen=True):
    """Two texts by position, with the exact Jaccard of their character 5-grams (0-1) and the
    edit ratio (0-100). In `cross_pairs` the first counts in the left list, the second in the
    right."""

    first: int
    second: int
    jaccard: float
    ratio: float

    @property
    def near(self) -> bool:
        """Alike enough to be called a near duplicate."""
        return self.jaccard >= NEAR and self.ratio >= RATIO


def shingles(text: str) -> frozenset[str]:
    """Character 5-grams of a text in normal form; a shorter text is its own only one."""
    return frozenset(text[i : i + 5] for i in range(max(1, len(text) - 4)))


def similar_pairs(texts: Sequence[str], floor: float = SIMILAR) -> list[Pair]:
    """Pairs of texts (in normal form) with a Jaccard of at least `floor`, by position.

    Equal texts are linked to their first occurrence only; empty ones are left out.
    """
    from engine.curation import minhash
    from engine.curation.shingles import unpacked

    places = _places(texts)
    unique = list(places)
    pairs = [Pair(same[0], other, 1.0, 100.0) for same in places.values() for other in same[1:]]
    if len(unique) > 1:
        first, second = unpacked(minhash.propose(minhash.sign(unique, floor), floor))
        pairs += [
            Pair(places[unique[a]][0], places[unique[b]][0], jaccard, ratio)
            for a, b, jaccard, ratio in _confirmed(unique, first, second, floor)
        ]
    return sorted(pairs, key=lambda p: (p.first, p.second))


def cross_pairs(left: Sequence[str], right: Sequence[str], floor: float = SIMILAR) -> list[Pair]:
    """Pairs of a left and a right text (in normal form) with a Jaccard of at least `floor`."""
    from engine.curation import minhash
    from engine.curation.shingles import unpacked

    lefts, rights = _places(left), _places(right)
    ours, theirs = list(lefts), list(rights)
    if not ours or not theirs:
        return []
    signed = minhash.sign(ours, floor), minhash.sign(theirs, floor)
    first, second = unpacked(minhash.propose_across(*signed, floor))
    both = [*ours, *theirs]
    pairs = [
        Pair(i, j, jaccard, ratio)
        for a, b, jaccard, ratio in _confirmed(both, first, second + len(ours), floor)
        for i in lefts[ours[a]]
        for j in rights[both[b]]
    ]
    return sorted(pairs, key=lambda p: (p.first, p.second))


def join(
    size: int, first: Sequence[int] | Positions, second: Sequence[int] | Positions
) -> Positions:
    """For each of `size` positions the smallest position it is linked with, directly or not."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(size, size))
    _, label = connected_components(links, directed=False)
    _, smallest = np.unique(label, return_index=True)
    return smallest[label].astype(np.int64)


def groups_of(roots: Positions) -> list[Positions]:
    """Positions of each group of two and more, ascending; the groups by their first position."""
    import numpy as np

    order = np.argsort(roots, kind="stable")
    edges = np.flatnonzero(np.diff(roots[order])) + 1
    return [group for group in np.split(order, edges) if len(group) > 1]


def clusters(index: Index) -> list[tuple[int, ...]]:
    """Ids of rows that must not part in a split, a tuple per group of two and more.

    Rows stand together when they are duplicates, near duplicates, or ask nearly the same: a
    held-out question that training has seen measures nothing, whatever the answers say.
    """
    import numpy as np

    settings = index.scope.checks.near_duplicate
    everyone = np.arange(len(index))
    whole, asked = index.pairs("whole"), index.pairs("asked")
    alike = whole.where((whole.jaccard >= settings.near) & (whole.ratio >= settings.ratio))
    near = asked.where(asked.jaccard >= settings.near)
    firsts = [index.firsts(field) for field in ("exact", "whole", "asked")]
    roots = join(
        len(index),
        np.concatenate((alike.first, near.first, *firsts)),
        np.concatenate((alike.second, near.second, *[everyone] * 3)),
    )
    return [index.ids(group) for group in groups_of(roots)]


def _places(texts: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if text:
            places.setdefault(text, []).append(place)
    return places


def _confirmed(
    texts: Sequence[str], first: Positions, second: Positions, floor: float
) -> Iterator[tuple[int, int, float, float]]:
    """Proposed pairs that reach the floor exactly."""
    from rapidfuzz import fuzz, process

    from engine.curation.shingles import jaccards

    jaccard = jaccards(texts, first, second)
    kept = jaccard >= floor
    ours, theirs = first[kept].tolist(), second[kept].tolist()
    left, right = [texts[i] for i in ours], [texts[i] for i in theirs]
    ratio = process.cpdist(left, right, scorer=fuzz.ratio)
    return zip(ours, theirs, jaccard[kept].tolist(), ratio.tolist(), strict=True)

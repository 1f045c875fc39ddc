"""Near-duplicate pairs, confirmed exactly, and the clusters that they form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from engine.curation.text import customer_side, fingerprint, normalise, whole_text
from engine.records import NumberedExample

if TYPE_CHECKING:
    from engine.curation.minhash import Packed

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

    places = _places(texts)
    unique = list(places)
    pairs = [Pair(same[0], other, 1.0, 100.0) for same in places.values() for other in same[1:]]
    if len(unique) > 1:
        proposed = minhash.propose(minhash.sign(unique, floor), floor)
        pairs += [
            Pair(places[unique[a]][0], places[unique[b]][0], jaccard, ratio)
            for a, b, jaccard, ratio in _confirmed(unique, unique, proposed, floor)
        ]
    return sorted(pairs, key=lambda p: (p.first, p.second))


def cross_pairs(left: Sequence[str], right: Sequence[str], floor: float = SIMILAR) -> list[Pair]:
    """Pairs of a left and a right text (in normal form) with a Jaccard of at least `floor`."""
    from engine.curation import minhash

    lefts, rights = _places(left), _places(right)
    ours, theirs = list(lefts), list(rights)
    if not ours or not theirs:
        return []
    proposed = minhash.propose_across(minhash.sign(ours, floor), minhash.sign(theirs, floor), floor)
    pairs = [
        Pair(i, j, jaccard, ratio)
        for a, b, jaccard, ratio in _confirmed(ours, theirs, proposed, floor)
        for i in lefts[ours[a]]
        for j in rights[theirs[b]]
    ]
    return sorted(pairs, key=lambda p: (p.first, p.second))


def join(size: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """Union-find: for each of `size` positions the smallest position it is linked with."""
    parent = list(range(size))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in links:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return [root(i) for i in range(size)]


def clusters(rows: Sequence[NumberedExample]) -> list[tuple[int, ...]]:
    """Ids of rows that must not part in a split, a tuple per group of two and more.

    Rows stand together when they are duplicates, near duplicates, or ask nearly the same: a
    held-out question that training has seen measures nothing, whatever the answers say.
    """
    links = [(p.first, p.second) for p in row_pairs(rows) if p.near]
    asked = [normalise(customer_side(row.example)) for row in rows]
    links += [(p.first, p.second) for p in similar_pairs(asked, NEAR)]
    groups: dict[int, list[int]] = defaultdict(list)
    for place, root in enumerate(join(len(rows), links)):
        groups[root].append(rows[place].id)
    return [tuple(sorted(ids)) for ids in groups.values() if len(ids) > 1]


def row_pairs(rows: Sequence[NumberedExample]) -> list[Pair]:
    """Similar rows, question and answer taken together, by position."""
    return similar_pairs([normalise(whole_text(row.example)) for row in rows])


def exact_groups(rows: Sequence[NumberedExample]) -> list[tuple[int, ...]]:
    """Positions of rows that say the same in normal form, a tuple per group of two and more."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        groups[fingerprint(row.example)].append(place)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _places(texts: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if text:
            places.setdefault(text, []).append(place)
    return places


def _confirmed(
    left: Sequence[str], right: Sequence[str], proposed: Packed, floor: float
) -> Iterator[tuple[int, int, float, float]]:
    """Proposed pairs that reach the floor exactly."""
    from rapidfuzz import fuzz, process

    from engine.curation.shingles import jaccards, unpacked

    first, second = unpacked(proposed)
    jaccard = jaccards(left, right, first, second)
    kept = jaccard >= floor
    pairs = first[kept].tolist(), second[kept].tolist()
    ratio = process.cpdist(
        [left[i] for i in pairs[0]], [right[i] for i in pairs[1]], scorer=fuzz.ratio
    )
    return zip(*pairs, jaccard[kept].tolist(), ratio.tolist(), strict=True)

"""Near-duplicate pairs, confirmed exactly, and the clusters that they form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from engine.curation.text import customer_side, fingerprint, normalise, whole_text
from engine.records import NumberedExample

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
        proposed = minhash.propose(minhash.sign(unique), floor).tolist()
        pairs += [
            Pair(places[unique[a]][0], places[unique[b]][0], jaccard, ratio)
            for a, b, jaccard, ratio in _confirmed(unique, proposed, floor)
        ]
    return sorted(pairs, key=lambda p: (p.first, p.second))


def cross_pairs(left: Sequence[str], right: Sequence[str], floor: float = SIMILAR) -> list[Pair]:
    """Pairs of a left and a right text (in normal form) with a Jaccard of at least `floor`."""
    from engine.curation import minhash

    lefts, rights = _places(left), _places(right)
    both = [*lefts, *rights]
    if not lefts or not rights:
        return []
    proposed = minhash.propose(minhash.sign(both), floor, left=len(lefts)).tolist()
    pairs = [
        Pair(i, j, jaccard, ratio)
        for a, b, jaccard, ratio in _confirmed(both, proposed, floor)
        for i in lefts[both[a]]
        for j in rights[both[b]]
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
    texts: Sequence[str], proposed: Iterable[list[int]], floor: float
) -> Iterable[tuple[int, int, float, float]]:
    """Proposed pairs that reach the floor exactly. Pairs come sorted: the first set is kept."""
    from rapidfuzz import fuzz

    held, kept = -1, frozenset[str]()
    for a, b in proposed:
        if a != held:
            held, kept = a, shingles(texts[a])
        other = shingles(texts[b])
        shared = len(kept & other)
        jaccard = shared / (len(kept) + len(other) - shared)
        if jaccard >= floor:
            yield a, b, jaccard, fuzz.ratio(texts[a], texts[b])

"""The seeded split into train, validation and held-out: groups whole, intents balanced."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from engine.curation.duplicates import join
from engine.records import NumberedExample

_Part = Literal["train", "validation", "held_out"]


class Split(msgspec.Struct, frozen=True):
    """Ids of the three parts, ascending; together they are all rows, each once."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    held_out: tuple[int, ...]


class _Group(msgspec.Struct, frozen=True):
    """Rows that stay together."""

    ids: tuple[int, ...]
    intents: dict[str, int]


def split(
    rows: Sequence[NumberedExample],
    clusters: Iterable[Sequence[int]],
    *,
    validation: float,
    held_out: float,
    seed: int,
) -> Split:
    """Divide rows by the shares asked for (fractions of all rows, the rest trains).

    Conversations and clusters never part. Every part gets its share of every intent as nearly as
    whole groups allow. The same rows, clusters and seed give the same split in whatever order
    they come.
    """
    shares: dict[_Part, float] = {"held_out": held_out, "validation": validation}
    shares["train"] = 1.0 - validation - held_out
    groups = _groups(rows, clusters)
    groups.sort(key=lambda group: group.ids)
    random.Random(seed).shuffle(groups)
    groups.sort(key=lambda group: -len(group.ids))
    parts = _deal(groups, shares)
    return Split(*(tuple(sorted(parts[name])) for name in ("train", "validation", "held_out")))


def _groups(rows: Sequence[NumberedExample], clusters: Iterable[Sequence[int]]) -> list[_Group]:
    places = {row.id: place for place, row in enumerate(rows)}
    links: list[tuple[int, int]] = []
    for cluster in clusters:
        known = [places[i] for i in cluster if i in places]
        links += [(known[0], other) for other in known[1:]]
    spoken: dict[str, int] = {}
    for place, row in enumerate(rows):
        if row.example.conversation:
            links.append((spoken.setdefault(row.example.conversation, place), place))
    members: dict[int, list[NumberedExample]] = defaultdict(list)
    first, second = [pair[0] for pair in links], [pair[1] for pair in links]
    for place, root in enumerate(join(len(rows), first, second).tolist()):
        members[root].append(rows[place])
    return [
        _Group(
            tuple(sorted(row.id for row in group)),
            dict(Counter(row.example.intent for row in group)),
        )
        for group in members.values()
    ]


def _deal(groups: Sequence[_Group], shares: dict[_Part, float]) -> dict[_Part, list[int]]:
    """Each group, large ones first, to the part that lacks most of what the group holds."""
    totals: Counter[str] = Counter()
    for group in groups:
        totals.update(group.intents)
    everything = sum(totals.values())
    parts: dict[_Part, list[int]] = {name: [] for name in shares}
    given: dict[_Part, Counter[str]] = {name: Counter() for name in shares}
    open_parts = [name for name, share in shares.items() if share > 0]
    for group in groups:
        chosen = max(
            open_parts,
            key=lambda name: _want(group, shares[name], given[name], totals, everything),
        )
        parts[chosen] += group.ids
        given[chosen].update(group.intents)
    return parts


def _want(
    group: _Group, share: float, given: Counter[str], totals: Counter[str], everything: int
) -> float:
    """How far a part is below its share: of the group's intents, and of all rows."""
    size = sum(group.intents.values())
    by_intent = sum(
        n / size * (1 - (given[intent] + n / 2) / (share * totals[intent]))
        for intent, n in group.intents.items()
    )
    overall = 1 - (given.total() + size / 2) / (share * everything)
    return min(by_intent, overall) + 0.5 * by_intent + overall

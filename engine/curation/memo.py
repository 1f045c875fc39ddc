"""What earlier runs of the checks have compared, so that a later one compares only what is new.

Everything is kept by the words it was computed from, never by row: nothing here can go stale.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

Hashes = npt.NDArray[np.uint64]
_COMPARED = np.dtype([("key", "<u8"), ("jaccard", "<f8"), ("ratio", "<f4")])
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


class Compared(NamedTuple):
    """Pairs of texts by key, their exact Jaccard (NaN while unknown) and edit ratio (0-100)."""

    keys: Hashes
    jaccard: npt.NDArray[np.float64]
    ratio: npt.NDArray[np.float64]


class Memo:
    """Comparisons by what they compare, and sentences about pairs of rows by what these say."""

    def __init__(self, pages: dict[str, bytes] | None = None) -> None:
        self._given = pages or {}
        self._kept: dict[str, bytes] = {}

    def compared(self, name: str, keys: Hashes) -> Compared:
        """What is known of some pairs."""
        known = np.frombuffer(self._given.get(name, b""), _COMPARED)
        jaccard, ratio = np.full(len(keys), np.nan), np.zeros(len(keys))
        if len(known):
            places = np.minimum(np.searchsorted(known["key"], keys), len(known) - 1)
            hit = known["key"][places] == keys
            jaccard[hit] = known["jaccard"][places[hit]]
            ratio[hit] = known["ratio"][places[hit]]
        return Compared(keys, jaccard, ratio)

    def keep(self, name: str, compared: Compared) -> None:
        """Keep these pairs, but for those still unknown, and forget all others of that name."""
        known = np.flatnonzero(~np.isnan(compared.jaccard))
        order = known[np.argsort(compared.keys[known])]
        table = np.empty(len(order), _COMPARED)
        for field, values in zip(("key", "jaccard", "ratio"), compared, strict=True):
            table[field] = values[order]
        self._kept[name] = table.tobytes()

    def sentences(
        self, name: str, keys: list[int], say: Callable[[list[int]], list[str | None]]
    ) -> list[str]:
        """The sentence of each key; `say` is asked for those (by place) that are not known, and
        answers None where nothing can be said now.

        Keeps these and forgets all others of that name.
        """
        known = msgspec.msgpack.decode(self._given.get(name, b"\x80"), type=dict[int, str])
        unknown = [place for place, key in enumerate(keys) if key not in known]
        for place, sentence in zip(unknown, say(unknown), strict=True):
            if sentence is not None:
                known[keys[place]] = sentence
        self._kept[name] = msgspec.msgpack.encode({k: known[k] for k in keys if k in known})
        return [known.get(key, "") for key in keys]

    def changed(self) -> dict[str, bytes]:
        """What has to be written for the next run."""
        return {n: page for n, page in self._kept.items() if page != self._given.get(n)}


def mixed(first: Hashes, second: Hashes) -> Hashes:
    """One hash of two, in this order; 0 and 0 give 0."""
    both = (first * _ODD ^ first >> _SHIFT) + second
    both = (both ^ both >> _SHIFT) * _ODD
    return both ^ both >> np.uint64(32)


def hash_of(text: str) -> int:
    """64-bit hash of a text; 0 for an empty one."""
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")) if text else 0


@cache
def code_version() -> str:
    """Hash over the code that finds: what another release found is not taken for granted."""
    digest = xxhash.xxh3_64()
    here = Path(__file__).parent
    for folder in (here, here.parent / "facts"):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()

"""Character 5-grams of texts in normal form: as hashes of many texts at once, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

SHINGLE = 5
_CHUNK = 500_000
"""Characters hashed at a time: bounds the memory to some MB, most of it in a core's own cache."""
_PAIRS = 5_000
"""Pairs compared at a time."""
_BITS = np.uint64(44)
"""Of the hash, in the comparison; the rest counts the texts of a chunk. Two shingles of a pair of
1,000 fall together once in a million pairs."""
_LOW = (np.uint64(1) << _BITS) - np.uint64(1)
_64 = np.uint64(64)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_Number = TypeVar("_Number", np.uint64, np.int64)


class Hashed(NamedTuple):
    """Shingles of some consecutive texts."""

    at: int
    """Position of the first of the texts."""
    hashes: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    """Where in `hashes` the shingles of each text begin, and..."""
    counts: npt.NDArray[np.int64]
    """...how many there are; what stands between two texts is of no use."""


def hashed(texts: Sequence[str]) -> Iterator[Hashed]:
    """64-bit hashes of the shingles of all texts, in chunks that bound the memory."""
    start = 0
    while start < len(texts):
        end, size = start, 0
        while end < len(texts) and (size < _CHUNK or end == start):
            size += max(len(texts[end]), SHINGLE)
            end += 1
        yield _hash(start, texts[start:end])
        start = end


def jaccards(
    texts: Sequence[str], first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Exact Jaccard (0-1) of the shingle sets of pairs of texts, by position."""
    wanted, places = np.unique(np.concatenate((first, second)), return_inverse=True)
    ones = sets([texts[i] for i in wanted])
    ours, theirs = np.split(places, 2)
    found = np.empty(len(first), np.float64)
    for at in range(0, len(first), _PAIRS):
        a, b = ones[ours[at : at + _PAIRS]], ones[theirs[at : at + _PAIRS]]
        shared = np.asarray(a.multiply(b).sum(axis=1)).ravel()
        found[at : at + _PAIRS] = shared / (np.diff(a.indptr) + np.diff(b.indptr) - shared)
    return found


def _hash(at: int, texts: Sequence[str]) -> Hashed:
    padded = [t if len(t) >= SHINGLE else t.ljust(SHINGLE, "\x00") for t in texts]
    points = _points("".join(padded))
    rolled = np.zeros(len(points) - SHINGLE + 1, np.uint64)
    for k in range(SHINGLE):
        rolled *= _BASE
        rolled += points[k : len(rolled) + k]
    rolled ^= rolled >> np.uint64(32)
    rolled *= np.uint64(0xFF51AFD7ED558CCD)
    rolled ^= rolled >> np.uint64(29)
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    return Hashed(at, rolled, np.cumsum(lengths) - lengths, lengths - SHINGLE + 1)


def _points(text: str) -> npt.NDArray[Any]:
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)


def sets(texts: Sequence[str]) -> Any:
    """A sparse matrix with a row a text and a one for each of its distinct shingles."""
    from scipy.sparse import csr_array

    columns, sizes = [np.empty(0, np.int64)], [np.zeros(1, np.int64)]
    for some in hashed(texts):
        rows = np.repeat(np.arange(len(some.counts), dtype=np.uint64), some.counts)
        keys = some.hashes[ragged(some.starts, some.counts)] >> (_64 - _BITS) | rows << _BITS
        keys = distinct(keys)
        columns.append((keys & _LOW).astype(np.int64))
        sizes.append(np.bincount((keys >> _BITS).astype(np.int64), minlength=len(some.counts)))
    indices = np.concatenate(columns)
    ends = np.cumsum(np.concatenate(sizes))
    sets = csr_array((np.ones(len(indices), np.int32), indices, ends), shape=(len(texts), 1 << 44))
    sets.has_canonical_format = True
    return sets


def unpacked(pairs: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Both positions of pairs packed as `first << 32 | second`."""
    return pairs >> np.int64(32), pairs & np.int64(0xFFFFFFFF)


def distinct(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """The values in order, each once; many times as fast as `np.unique` where most are."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def ragged(starts: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`starts[0], starts[0] + 1, ...` of every run in a row: where the elements of runs stand."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(int(counts.sum()))

"""MinHash signatures of character 5-grams, many texts at once, and the pairs that banding proposes.

Texts come in normal form. Recall of a pair with Jaccard J is 1 - (1 - J^5)^24: 0.988 at 0.7,
0.9999 at 0.8.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

SHINGLE = 5
BANDS = 24
ROWS = 5
_PERMUTATIONS = BANDS * ROWS
_CHUNK = 1_000_000
"""Characters hashed at a time: bounds the memory to a few tens of MB."""
_CROWDED = 32
"""A bucket with more texts than this is linked as a star and a chain, not all with all."""

_Hashes: TypeAlias = npt.NDArray[np.uint32]
_Pairs: TypeAlias = npt.NDArray[np.int64]

_rng = np.random.default_rng(20_240_229)
_MULTIPLIERS = _rng.integers(1, 2**32, _PERMUTATIONS, dtype=np.uint32) | np.uint32(1)
_SUMMANDS = _rng.integers(0, 2**32, _PERMUTATIONS, dtype=np.uint32)
_BASE = np.uint64(1_000_003)


def sign(texts: Sequence[str]) -> _Hashes:
    """Signatures, one row of 120 a text; texts under five characters are one shingle each."""
    signatures = np.empty((len(texts), _PERMUTATIONS), np.uint32)
    start = 0
    while start < len(texts):
        end, size = start, 0
        while end < len(texts) and (size < _CHUNK or end == start):
            size += max(len(texts[end]), SHINGLE)
            end += 1
        signatures[start:end] = _sign_chunk(texts[start:end])
        start = end
    return signatures


def propose(signatures: _Hashes, floor: float, left: int = 0) -> _Pairs:
    """Pairs (n, 2) of rows, smaller first, that may reach a Jaccard of `floor`.

    left: when not 0, only pairs of one row below `left` and one from it on.
    """
    found: list[Any] = []
    for band in range(BANDS):
        keys = _band_keys(signatures[:, band * ROWS : (band + 1) * ROWS])
        found.append(_bucket_pairs(keys, left))
    pairs = np.unique(np.concatenate(found))
    split = np.stack([pairs >> np.int64(32), pairs & np.int64(0xFFFFFFFF)], axis=1)
    return split[_estimate(signatures, split) >= floor - 0.18]


def _sign_chunk(texts: Sequence[str]) -> _Hashes:
    hashes, starts = _shingles(texts)
    signatures = np.empty((len(texts), _PERMUTATIONS), np.uint32)
    for k in range(_PERMUTATIONS):
        permuted = hashes * _MULTIPLIERS[k] + _SUMMANDS[k]
        permuted ^= permuted >> np.uint32(15)
        signatures[:, k] = np.minimum.reduceat(permuted, starts)
    return signatures


def _shingles(texts: Sequence[str]) -> tuple[_Hashes, npt.NDArray[np.int64]]:
    """Hashes of all shingles of all texts in a row, and where each text's begin."""
    padded = [t if len(t) >= SHINGLE else t.ljust(SHINGLE, "\x00") for t in texts]
    points = np.frombuffer("".join(padded).encode("utf-32-le", "replace"), np.uint32)
    codes = points.astype(np.uint64)
    rolled = np.zeros(len(codes) - SHINGLE + 1, np.uint64)
    for k in range(SHINGLE):
        rolled = rolled * _BASE + codes[k : len(rolled) + k]
    mixed = _mix(rolled)
    lengths = np.array([len(t) for t in padded], np.int64)
    counts = lengths - SHINGLE + 1
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    offsets = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    inside = np.repeat(offsets - starts, counts) + np.arange(int(counts.sum()))
    return mixed[inside], starts


def _mix(rolled: npt.NDArray[np.uint64]) -> _Hashes:
    rolled ^= rolled >> np.uint64(33)
    rolled *= np.uint64(0xFF51AFD7ED558CCD)
    rolled ^= rolled >> np.uint64(29)
    return (rolled >> np.uint64(16)).astype(np.uint32)


def _band_keys(band: _Hashes) -> npt.NDArray[np.uint64]:
    keys = np.zeros(len(band), np.uint64)
    for k in range(band.shape[1]):
        keys = (keys ^ band[:, k].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(31)
    return keys


def _bucket_pairs(keys: npt.NDArray[np.uint64], left: int) -> npt.NDArray[np.int64]:
    """Pairs of rows with equal keys, packed as smaller << 32 | larger."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    sizes = np.diff(edges)
    packed = [np.empty(0, np.int64)]
    for size in np.unique(sizes[sizes > 1]):
        begins = edges[:-1][sizes == size]
        members = order[begins[:, None] + np.arange(size)[None, :]]
        packed.append(_pairs_within(members, left))
    return np.concatenate(packed)


def _pairs_within(members: npt.NDArray[np.int64], left: int) -> npt.NDArray[np.int64]:
    """members: (buckets, size), rows ascending within a bucket."""
    size = members.shape[1]
    if left:
        return _pairs_across(members, left)
    if size <= _CROWDED:
        first, second = np.triu_indices(size, 1)
    else:
        star = np.arange(1, size)
        first = np.concatenate((np.zeros_like(star), star[:-1]))
        second = np.concatenate((star, star[1:]))
    return ((members[:, first] << np.int64(32)) | members[:, second]).ravel()


def _pairs_across(members: npt.NDArray[np.int64], left: int) -> npt.NDArray[np.int64]:
    """Every row of the right side with up to 32 of the left in its bucket."""
    packed = [np.empty(0, np.int64)]
    for bucket in members:
        border = int(np.searchsorted(bucket, left))
        near, far = bucket[: min(border, _CROWDED)], bucket[border:]
        packed.append(((near[:, None] << np.int64(32)) | far[None, :]).ravel())
    return np.concatenate(packed)


def _estimate(signatures: _Hashes, pairs: _Pairs) -> npt.NDArray[np.float64]:
    """Share of equal signature entries, in slices that bound the memory."""
    shares = np.empty(len(pairs), np.float64)
    for at in range(0, len(pairs), 100_000):
        some = pairs[at : at + 100_000]
        equal = signatures[some[:, 0]] == signatures[some[:, 1]]
        shares[at : at + 100_000] = equal.mean(axis=1)
    return shares

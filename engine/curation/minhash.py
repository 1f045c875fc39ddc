"""MinHash signatures of character 5-grams, many texts at once, and the pairs that banding proposes.

Texts come in normal form. A signature has as many bands as the floor asks for: a pair that reaches
the floor exactly is proposed with a probability of 0.975, one above it almost surely.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from engine.curation.shingles import Hashed, distinct, hashed, ragged, unpacked

MISSED = 0.025
"""Share of the pairs exactly at the floor that banding may miss."""
MOST_BANDS = 64
_CROWDED = 32
"""A bucket with more texts than this is linked as a star and a chain, not all with all."""
_NEXT = 16
"""Links of each text along the chain of a crowded bucket."""
_SLACK = 0.13
"""An estimate this far below the floor is still looked at: about three standard errors."""
_AREA = 1 << 17
"""Shingles permuted at a time: what stays in a core's own cache."""
_HELD = 1 << 24
"""Proposals held before repeated and unlikely ones are taken out: bounds the memory."""

Signatures: TypeAlias = npt.NDArray[np.uint16]
Packed: TypeAlias = npt.NDArray[np.int64]
"""Pairs of positions, `first << 32 | second`, first below second, ascending."""

_rng = np.random.default_rng(20_240_229)
_MULTIPLIERS = _rng.integers(0, 2**16, 6 * MOST_BANDS, dtype=np.uint16) | np.uint16(1)
_SUMMANDS = _rng.integers(0, 2**16, 6 * MOST_BANDS, dtype=np.uint16)
_ODD = np.uint64(0x9E3779B97F4A7C15)


def rows_per_band(floor: float) -> int:
    """Entries that must agree in a band; fewer where the floor is low."""
    return next(
        (r for r, lowest in ((5, 0.65), (4, 0.55), (3, 0.4), (2, 0.2)) if floor >= lowest), 1
    )


def width(floor: float) -> int:
    """Entries of a signature that serves a floor (a Jaccard, 0-1)."""
    rows = rows_per_band(floor)
    agree = min(max(floor, 1e-6), 0.999) ** rows
    return rows * min(MOST_BANDS, math.ceil(math.log(MISSED) / math.log1p(-agree)))


def sign(texts: Sequence[str], floor: float) -> Signatures:
    """Signatures, one row of `width(floor)` a text; texts under five characters are one shingle.

    16 bits an entry: two different smallest hashes are equal by chance in one case of hundreds,
    which the exact comparison takes out again.
    """
    signatures = np.empty((len(texts), width(floor)), np.uint16)
    for some in hashed(texts):
        end = some.at + len(some.counts)
        signatures[some.at : end] = _sign(some, signatures.shape[1])
    return signatures


def _sign(texts: Hashed, entries: int) -> Signatures:
    """Texts of about one length stand side by side in a table, so that a minimum is one pass."""
    hashes, counts = (texts.hashes >> np.uint64(48)).astype(np.uint16), texts.counts
    order = np.argsort(counts, kind="stable")
    smallest = np.empty((entries, len(counts)), np.uint16)
    at = 0
    while at < len(counts):
        end = min(len(counts), at + max(256, _AREA // int(counts[order[at]])))
        some = order[at:end]
        longest = np.arange(counts[some[-1]])[:, None]
        table = hashes[texts.starts[some] + np.minimum(longest, counts[some] - 1)]
        permuted = np.empty_like(table)
        for k in range(entries):
            np.multiply(table, _MULTIPLIERS[k], out=permuted)
            np.add(permuted, _SUMMANDS[k], out=permuted)
            np.minimum.reduce(permuted, axis=0, out=smallest[k, at:end])
        at = end
    signatures = np.empty((len(counts), entries), np.uint16)
    signatures[order] = smallest.T
    return signatures


def propose(signatures: Signatures, floor: float) -> Packed:
    """Pairs that may reach the floor for which they were signed, each once."""
    held, size = [np.empty(0, np.int64)], 0
    for keys in _bands(signatures, floor):
        found = _bucket_pairs(keys)
        held.append(found)
        size += len(found)
        if size > _HELD:
            held = [_likely(signatures, signatures, np.concatenate(held), floor)]
            size = len(held[0])
    return _likely(signatures, signatures, np.concatenate(held), floor)


def propose_across(left: Signatures, right: Signatures, floor: float) -> Packed:
    """Pairs of a left and a right text (position in its own list) that may reach the floor."""
    held = [np.empty(0, np.int64)]
    for ours, theirs in zip(_bands(left, floor), _bands(right, floor), strict=True):
        order = np.argsort(theirs, kind="stable")
        begins = np.searchsorted(theirs[order], ours, "left")
        ends = np.searchsorted(theirs[order], ours, "right")
        counts = np.minimum(ends - begins, _CROWDED)
        first = np.repeat(np.arange(len(ours)), counts)
        held.append(first << np.int64(32) | order[ragged(begins, counts)])
    return _likely(left, right, np.concatenate(held), floor)


def _bands(signatures: Signatures, floor: float) -> Iterator[npt.NDArray[np.uint64]]:
    """A 32-bit key per text for each band."""
    rows = rows_per_band(floor)
    for begin in range(0, signatures.shape[1], rows):
        keys = np.zeros(len(signatures), np.uint64)
        for k in range(begin, begin + rows):
            keys = (keys ^ signatures[:, k]) * _ODD
            keys ^= keys >> np.uint64(29)
        yield keys >> np.uint64(32)


def _bucket_pairs(keys: npt.NDArray[np.uint64]) -> Packed:
    """Pairs of texts with equal keys; within a bucket positions ascend."""
    ordered = np.sort(keys << np.uint64(32) | np.arange(len(keys), dtype=np.uint64))
    buckets = ordered >> np.uint64(32)
    order = (ordered & np.uint64(0xFFFFFFFF)).astype(np.int64)
    edges = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1], [True])))
    sizes = np.diff(edges)
    packed = [np.empty(0, np.int64)]
    for size in np.unique(sizes[sizes > 1]).tolist():
        members = order[edges[:-1][sizes == size][:, None] + np.arange(size)]
        first, second = _links(size)
        packed.append((members[:, first] << np.int64(32) | members[:, second]).ravel())
    return np.concatenate(packed)


def _links(size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Which members of a bucket of one size are compared."""
    if size <= _CROWDED:
        first, second = np.triu_indices(size, 1)
        return first.astype(np.int64), second.astype(np.int64)
    star = np.arange(1, size)
    steps = [(np.arange(size - step), np.arange(step, size)) for step in range(1, _NEXT + 1)]
    firsts = [np.zeros_like(star), *(first for first, _ in steps)]
    return np.concatenate(firsts), np.concatenate([star, *(second for _, second in steps)])


def _likely(left: Signatures, right: Signatures, pairs: Packed, floor: float) -> Packed:
    """Each pair once, without those whose signatures differ in too much."""
    pairs = distinct(pairs)
    kept = [np.empty(0, np.int64)]
    for at in range(0, len(pairs), 100_000):
        some = pairs[at : at + 100_000]
        first, second = unpacked(some)
        equal = left[first] == right[second]
        agreeing = np.einsum("ij->i", equal.view(np.uint8), dtype=np.uint16)
        kept.append(some[agreeing >= (floor - _SLACK) * left.shape[1]])
    return np.concatenate(kept)

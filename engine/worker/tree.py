"""The rows of an optimizer step as a tree of tokens: what rows begin with alike is there once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.worker.rows import Row

LEAST_SAVED = 16
"""Tokens that sharing must save: below that, one more segment costs more than it spares."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive tokens of one row, or of several that agree in them."""

    ids: tuple[int, ...]
    start: int
    """Position of the first token in its row."""
    path: tuple[int, ...] = ()
    """Numbers of the shared segments before it, from the root: together they are 0 to start."""

    @property
    def end(self) -> int:
        """Position after the last token."""
        return self.start + len(self.ids)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is one row's own, and which of its positions predict a trained token."""

    row: int
    segment: Segment
    predicting: tuple[int, ...]
    """Indices into the segment."""
    targets: tuple[int, ...]
    """The token that each of them should predict."""


@dataclass(slots=True)
class Tree:
    """Shared segments, parents before children, and a leaf for each row that trains anything."""

    shared: list[Segment] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """Tokens that are run in all."""
        own = sum(len(leaf.segment.ids) for leaf in self.leaves)
        return own + sum(len(s.ids) for s in self.shared)


def grow(rows: Sequence[Row]) -> Tree:
    """The tree of some rows.

    A row's tokens are shared up to the one that predicts its first trained token, never beyond:
    so every loss belongs to a leaf. What comes after the last prediction is not run at all.
    """
    tree = Tree()
    bearing = [index for index, row in enumerate(rows) if row.targets]
    _grow(tree, rows, bearing, base=0, depth=0, path=())
    tree.leaves.sort(key=lambda leaf: leaf.row)
    return tree


def _grow(
    tree: Tree, rows: Sequence[Row], group: list[int], base: int, depth: int, path: tuple[int, ...]
) -> None:
    """Place rows that agree up to `depth`, and of which all before `base` is in the tree."""
    branches: dict[int, list[int]] = {}
    for index in group:
        # A row that can share no more stands alone; no token id is negative.
        token = rows[index].ids[depth] if depth < _shareable(rows[index]) else -1 - index
        branches.setdefault(token, []).append(index)
    for branch in branches.values():
        if len(branch) == 1:
            tree.leaves.append(_leaf(branch[0], rows[branch[0]], base, path))
            continue
        end = _agree_up_to([rows[i] for i in branch])
        if (end - base) * (len(branch) - 1) < LEAST_SAVED:
            _grow(tree, rows, branch, base, end, path)
            continue
        tree.shared.append(Segment(rows[branch[0]].ids[base:end], base, path))
        _grow(tree, rows, branch, end, end, (*path, len(tree.shared) - 1))


def _shareable(row: Row) -> int:
    """How many tokens come before the one that predicts the first trained token."""
    return row.trained.index(True, 1) - 1


def _agree_up_to(rows: Sequence[Row]) -> int:
    """The length of the longest beginning that rows have in common and may share."""
    return min(common_length([r.ids for r in rows]), *(_shareable(row) for row in rows))


def common_length(ids: Sequence[tuple[int, ...]]) -> int:
    """How many tokens all sequences begin with alike."""
    first, last = min(ids), max(ids)
    # What the first and the last in order agree in, all between them do.
    pairs = enumerate(zip(first, last, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(last)))


def _leaf(index: int, row: Row, base: int, path: tuple[int, ...]) -> Leaf:
    positions = [p for p in range(1, len(row)) if row.trained[p]]
    # The last trained token is predicted, not run: nothing after it counts.
    segment = Segment(row.ids[base : positions[-1]], base, path)
    predicting = tuple(p - 1 - base for p in positions)
    return Leaf(index, segment, predicting, tuple(row.ids[p] for p in positions))

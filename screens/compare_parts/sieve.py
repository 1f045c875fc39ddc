"""Which cases the list shows, and in which order the keys visit them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.steps.compare import Compared

Filter = Literal["broken", "fixed", "both wrong", "differ", "waiting", "all"]
FILTERS: tuple[Filter, ...] = ("all", "broken", "fixed", "both wrong", "differ", "waiting")
EVERY_SUITE = ""


def sift(
    rows: Sequence[Compared],
    name: Filter,
    suite: str,
    words: str,
    ruled: frozenset[tuple[str, str]],
) -> list[Compared]:
    """The rows that pass filter, suite and words together."""
    wanted = words.casefold().split()
    return [
        row
        for row in rows
        if suite in (EVERY_SUITE, row.suite)
        and _passes(row, name, ruled)
        and all(word in _text(row) for word in wanted)
    ]


def waits(row: Compared, ruled: frozenset[tuple[str, str]]) -> bool:
    """Whether a person still has to look at it: a compliance case on which the arms disagree."""
    return (
        row.gate == "compliance"
        and row.flip in ("fixed", "broken")
        and (row.suite, row.case.id) not in ruled
    )


def next_flip(rows: Sequence[Compared], start: int, step: Literal[1, -1]) -> int:
    """Index of the next case that flipped, from `start` on and around; `start` when none did."""
    for offset in range(1, len(rows) + 1):
        index = (start + step * offset) % len(rows)
        if rows[index].flip in ("fixed", "broken"):
            return index
    return start


def _passes(row: Compared, name: Filter, ruled: frozenset[tuple[str, str]]) -> bool:
    if name == "all":
        return True
    if name == "differ":
        return row.differs
    if name == "waiting":
        return waits(row, ruled)
    return row.flip == name.replace(" ", "_")


def _text(row: Compared) -> str:
    parts = (row.case.id, row.case.intent, row.case.prompt, row.case.reference)
    answers = (a.text for a in (row.base, row.tuned) if a)
    return " ".join((*parts, *answers)).casefold()

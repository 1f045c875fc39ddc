"""The files of a run of kind `score`: which examples, and what the base model made of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from engine.records import Example, Scored
from engine.runs.folder import RunFolder, read_lines

Place: TypeAlias = Literal["urgent", "turn", "none"]


class ScoreRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of data/examples.jsonl: an example to be scored, in the order of the queue."""

    id: int
    fingerprint: str
    """Of the text that is scored; an example that is edited later has another."""
    example: Example
    place: Place = "turn"
    """Why it is where it is in the queue: a finding brought it to the front, it waits for its
    turn, or it is decided already and not in the queue."""
    is_asked: bool = False
    """It is answered whatever its place."""
    is_answered: bool = False
    """The base model's answer is known already."""
    is_measured: bool = False
    """Its loss is known already."""
    loss: float | None = None
    """The known loss, nats per trained token; None when no token of it would be trained."""


def rows_file(folder: RunFolder) -> Path:
    """The examples of a score run."""
    return folder.data / "examples.jsonl"


def scores_file(folder: RunFolder) -> Path:
    """Where a worker appends what it finds."""
    return folder.path / "scores.jsonl"


def rows(folder: RunFolder) -> Iterator[ScoreRow]:
    """The examples one by one: there may be a million."""
    return read_lines(rows_file(folder), ScoreRow)


def scores(folder: RunFolder) -> Iterator[Scored]:
    """Every whole line so far, in file order."""
    return read_lines(scores_file(folder), Scored)


def read_from(folder: RunFolder, offset: int, limit: int) -> tuple[list[Scored], int]:
    """At most `limit` whole lines from a place in the scores on, and the place behind them."""
    path = scores_file(folder)
    if not path.exists():
        return [], offset
    decoder = msgspec.json.Decoder(Scored)
    found: list[Scored] = []
    with path.open("rb") as handle:
        handle.seek(offset)
        for line in handle:
            if len(found) == limit or not line.endswith(b"\n"):
                break
            found.append(decoder.decode(line))
            offset += len(line)
    return found, offset

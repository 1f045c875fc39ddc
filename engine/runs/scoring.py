"""The files of a run of kind `score`: which examples, and what the base model made of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.records import Example
from engine.runs.folder import RunFolder, read_lines


class ScoreRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of data/examples.jsonl: an example to be scored, in the order of the queue."""

    id: int
    fingerprint: str
    """Of the text that is scored; an example that is edited later has another."""
    example: Example
    is_urgent: bool = False
    """Its place in the queue comes from a finding, not from its loss."""
    is_asked: bool = False
    """It is answered whatever its place."""
    is_answered: bool = False
    """The base model's answer is known already."""
    loss: float | None = None
    """Known from an earlier run, nats per trained token: then it is not computed again."""


class Scored(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of scores.jsonl: the loss of an example, or the base model's answer to it."""

    example: int
    fingerprint: str
    loss: float | None = None
    """Mean over the trained tokens, nats; None when no token would be trained."""
    tokens: int = 0
    """Trained tokens that the loss is the mean of."""
    answer: str | None = None
    """What the base model answers; None on the line of a loss."""
    answer_tokens: int = 0
    finished: bool = True
    """False when the length limit cut the answer."""


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

"""Parquet and Arrow files as rows, in batches, by pyarrow. Lines are row numbers, from 1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import IntakeError
from engine.intake.outcomes import Skipped
from engine.intake.places import Place
from engine.intake.rows import COPY_HINT, UTF8_HINT, Row, RowOutcome, quarantine

_BATCH = 500


def read_arrow(place: Place) -> Iterator[RowOutcome]:
    """Rows of one or several files, counted on from file to file. Raises IntakeError."""
    number = 0
    for file in place.files:
        batches = _batches(file)
        while True:
            try:
                batch = next(batches, None)
            except _broken() as error:
                if not number:
                    raise _unreadable(file, error) from error
                what = f"{file.name} is damaged here; nothing after it was read"
                yield quarantine(number + 1, what, COPY_HINT, "")
                return
            if batch is None:
                break
            for start in range(0, batch.num_rows, _BATCH):
                part = batch.slice(start, _BATCH)
                yield from _rows(part, number)
                number += part.num_rows


def _rows(batch: Any, before: int) -> Iterator[RowOutcome]:
    """A batch as rows; when one of them cannot be decoded, one by one."""
    try:
        # Offsets of a damaged file point anywhere, and decoding follows them unseen.
        batch.validate(full=True)
        found = batch.to_pylist()
    except (UnicodeDecodeError, ValueError, OverflowError) as error:
        if batch.num_rows > 1:
            for index in range(batch.num_rows):
                yield from _rows(batch.slice(index, 1), before + index)
            return
        reason = "holds a byte that is not UTF-8"
        if "UTF" not in f"{error}".upper():
            reason = "holds a value that is damaged"
        yield quarantine(before + 1, reason, UTF8_HINT, "")
        return
    for line, fields in enumerate(found, before + 1):
        if any(value is not None for value in fields.values()):
            yield Row(line, {name: _plain(value) for name, value in fields.items()})
        else:
            yield Skipped(line, "empty row")


def _plain(value: object) -> object:
    """Texts kept as bytes are texts; a list of turns stored by column is a list of turns."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict) and value and all(isinstance(v, list) for v in value.values()):
        columns: list[list[object]] = list(value.values())
        if len({len(column) for column in columns}) == 1:
            return [dict(zip(value, turn, strict=True)) for turn in zip(*columns, strict=True)]
    return value


def _batches(file: Path) -> Iterator[Any]:
    import pyarrow as pa

    with file.open("rb") as stream:
        magic = stream.read(6)
    if magic.startswith(b"PAR1"):
        yield from _parquet(file)
        return
    with pa.memory_map(str(file)) as source:
        if magic == b"ARROW1":
            whole = pa.ipc.open_file(source)
            for index in range(whole.num_record_batches):
                yield whole.get_batch(index)
        else:
            yield from pa.ipc.open_stream(source)


def _parquet(file: Path) -> Iterator[Any]:
    import pyarrow.parquet as pq

    # Read in pieces, not by column chunk, so that memory does not follow the row group's size.
    with pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as whole:
        yield from whole.iter_batches(batch_size=_BATCH, use_threads=False)


def _broken() -> tuple[type[Exception], ...]:
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, KeyError, NotImplementedError)


def _unreadable(file: Path, error: Exception) -> IntakeError:
    first = str(error).strip().split("\n")[0][:200]
    return IntakeError(
        f"{file.name}: this cannot be read as Parquet or Arrow ({first}).",
        "Copy or export it again.",
    )

"""CSV and TSV as rows. A quote that is never closed spoils its own row and no other."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from engine.errors import IntakeError
from engine.intake.lines import Line, read_lines
from engine.intake.outcomes import Skipped
from engine.intake.rows import COPY_HINT, UTF8_HINT, Row, RowOutcome, quarantine
from engine.intake.unpacking import DAMAGED

QUOTE_HINT = 'Put fields that hold commas or line breaks in "quotes", a quote inside them twice.'
_RECORD_LIMIT = 200
"""Physical lines one quoted CSV record may span before its quote counts as never closed."""


def looks_like_table(lines: list[str]) -> bool:
    """Whether the first line names columns that later lines have, too."""
    delimiter = _delimiter(lines[0])
    names = [name.strip().strip('"') for name in lines[0].split(delimiter)]
    plain = all(name and len(name) < 40 and ":" not in name for name in names)
    return len(names) > 1 and plain and any(delimiter in line for line in lines[1:])


def read_table(path: Path) -> Iterator[RowOutcome]:
    """The records under a header line. Raises IntakeError when there is no header."""
    lines = read_lines(path)
    header = next((line for line in lines if line.text.strip() or line.flaw), None)
    if header is None or header.flaw:
        problem = header.flaw if header else "the file is empty"
        raise IntakeError(f"{path.name}, line 1: {problem}.", UTF8_HINT)
    delimiter = _delimiter(header.text)
    try:
        names = next(csv.reader([header.text], delimiter=delimiter))
    except csv.Error as error:
        raise IntakeError(f"{path.name}, line {header.number}: {error}.", QUOTE_HINT) from error
    return _records(lines, column_names(path.name, header.number, names), delimiter)


def column_names(name: str, line: int, cells: list[str]) -> list[str]:
    """A header row as names of columns, each once. Raises IntakeError when it is none."""
    names = [cell.strip() for cell in cells]
    if len(set(names)) < len(names) or not any(names):
        raise IntakeError(
            f"{name}, line {line}: the first line does not name the columns.",
            "Put a line of column names, each once, at the top.",
        )
    return names


def _records(lines: Iterator[Line], names: list[str], delimiter: str) -> Iterator[RowOutcome]:
    waiting: deque[Line] = deque()
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        if line.flaw:
            hint = COPY_HINT if line.flaw == DAMAGED else UTF8_HINT
            yield quarantine(line.number, line.flaw, hint, line.text)
        elif not line.text.strip():
            yield Skipped(line.number, "blank line")
        else:
            yield _record(line, lines, waiting, names, delimiter)


def _record(
    line: Line, lines: Iterator[Line], waiting: deque[Line], names: list[str], delimiter: str
) -> RowOutcome:
    """One record, which may go on over following lines; what was read in vain is put back."""
    taken: list[Line] = []
    text = line.text
    while True:
        try:
            physical = io.StringIO(text, newline="\n")
            values = next(csv.reader(physical, delimiter=delimiter, strict=True))
            return _table_row(line, names, values, text)
        except csv.Error as error:
            more = waiting.popleft() if waiting else next(lines, None)
            open_quote = "end of data" in str(error)
            if more is not None:
                taken.append(more)
            if not open_quote or more is None or more.flaw or len(taken) > _RECORD_LIMIT:
                waiting.extendleft(reversed(taken))
                reason = "a quote is opened and never closed" if open_quote else str(error)
                return quarantine(line.number, reason, QUOTE_HINT, line.text)
            text = f"{text}\n{more.text}"


def _table_row(line: Line, names: list[str], values: list[str], raw: str) -> RowOutcome:
    if [value.strip() for value in values] == names:
        return Skipped(line.number, "the header again")
    if not any(value.strip() for value in values):
        return Skipped(line.number, "empty row")
    if len(values) != len(names):
        reason = f"{len(values)} columns, the header names {len(names)}"
        return quarantine(line.number, reason, QUOTE_HINT, raw)
    return Row(line.number, dict(zip(names, values, strict=True)), raw)


def _delimiter(header: str) -> str:
    return max(",\t;", key=header.count)

"""XLSX workbooks as rows, one sheet at a time, streamed by openpyxl in read-only mode."""

from __future__ import annotations

import datetime
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zipfile import BadZipFile

from engine.errors import IntakeError
from engine.intake.outcomes import Skipped
from engine.intake.places import Place
from engine.intake.rows import COPY_HINT, Row, RowOutcome, quarantine
from engine.intake.table import column_names

_Values = tuple[object, ...]

# What openpyxl lets through when the XML or the zip inside a workbook is damaged.
_BROKEN = (
    *(BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, SyntaxError, OverflowError),
)


def read_sheet(place: Place) -> Iterator[RowOutcome]:
    """Rows of the sheet that was named, or of the only one that has any. Raises IntakeError.

    Lines are the sheet's own row numbers. A cell of a merged range but the first is empty.
    """
    with _opened(place) as book:
        sheet = _pick(place, book)
        name = f"{place.path.name}, sheet {sheet.title}"
        rows = enumerate(_values(sheet), 1)
        at, header = next((row for row in rows if _filled(row[1])), (1, ()))
        cells = [_text(cell) for cell in _without_tail(header)]
        names = column_names(name, at, cells)
        yield from _records(name, rows, names, at)


def _records(
    name: str, rows: Iterator[tuple[int, _Values]], names: list[str], at: int
) -> Iterator[RowOutcome]:
    while True:
        try:
            line, values = next(rows, (0, ()))
        except _BROKEN as error:
            what = f"{name} is damaged here ({type(error).__name__}); nothing after it was read"
            yield quarantine(at + 1, what, COPY_HINT, "")
            return
        if not line:
            return
        at = line
        yield _row(name, line, names, [_text(cell) for cell in _without_tail(values)])


def _row(sheet: str, line: int, names: list[str], cells: list[str]) -> RowOutcome:
    if not any(cells):
        return Skipped(line, "empty row")
    if cells == names:
        return Skipped(line, "the header again")
    if len(cells) > len(names):
        reason = f"{sheet}: {len(cells)} columns, the header names {len(names)}"
        return quarantine(line, reason, "Name every column in the first row.", " | ".join(cells))
    padded = [*cells, *[""] * (len(names) - len(cells))]
    return Row(line, dict(zip(names, padded, strict=True)))


@contextmanager
def _opened(place: Place) -> Iterator[Any]:
    import openpyxl

    book = None
    try:
        # openpyxl warns of styles and validations that it leaves out; none of them is text.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(place.path, read_only=True, data_only=True)
    except _BROKEN as error:
        raise IntakeError(
            f"{place.path.name}: this is no workbook that can be read ({type(error).__name__}).",
            "Save it as XLSX once more, or export it as CSV in UTF-8.",
        ) from error
    try:
        yield book
    finally:
        book.close()


def _pick(place: Place, book: Any) -> Any:
    """The sheet to read; its dimensions are forgotten, since some programs write wrong ones."""
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    for sheet in sheets.values():
        sheet.reset_dimensions()
    if place.part in sheets:
        return sheets[place.part]
    listed = ", ".join(sheets)
    if place.part:
        raise IntakeError(
            f"{place.path.name} has no sheet {place.part!r}; it has: {listed}.", "Name one of them."
        )
    filled = [sheet for sheet in sheets.values() if _has_rows(sheet)]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        raise IntakeError(f"{place.path.name}: no sheet has rows.", "Export it again.")
    raise IntakeError(
        f"{place.path.name} has several sheets: {', '.join(s.title for s in filled)}.",
        f"Name one: {place.path.name}:{filled[0].title}",
    )


def _has_rows(sheet: Any) -> bool:
    """Whether there is a header and something under it."""
    found = 0
    for values in _values(sheet):
        found += _filled(values)
        if found > 1:
            return True
    return False


def _values(sheet: Any) -> Iterator[_Values]:
    rows: Iterator[_Values] = sheet.iter_rows(values_only=True)
    return rows


def _filled(values: _Values) -> bool:
    return any(_text(value) for value in values)


def _without_tail(values: _Values) -> _Values:
    """Without the empty cells at its end, which formatting leaves there."""
    count = len(values)
    while count and not _text(values[count - 1]):
        count -= 1
    return values[:count]


def _text(value: object) -> str:
    """A cell as the sheet shows it, or nearly: 45 days stay 45, dates are ISO."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()

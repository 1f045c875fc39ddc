"""Containers: JSON lines, a JSON array, CSV and TSV, each as numbered rows of named fields."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from engine.errors import IntakeError
from engine.intake.lines import Line, read_lines, read_text
from engine.intake.outcomes import RAW_LIMIT, Quarantined, Skipped
from engine.visible import make_visible

Container = Literal["lines", "array", "table", "text"]

UTF8_HINT = "Save the file as UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`."
_JSON_HINT = "Correct the row, or export the file again."
_TORN_HINT = "Export the file again: the writing of it was cut off."
_QUOTE_HINT = 'Put fields that hold commas or line breaks in "quotes", a quote inside them twice.'
_RECORD_LIMIT = 200
"""Physical lines one quoted CSV record may span before its quote counts as never closed."""


class Row(msgspec.Struct, frozen=True):
    """One row with its fields by name, from the line where it begins."""

    line: int
    fields: dict[str, object]
    raw: str


RowOutcome: TypeAlias = Row | Quarantined | Skipped


def quarantine(line: int, reason: str, hint: str, raw: str) -> Quarantined:
    """A quarantined row with its raw text made visible and cut."""
    return Quarantined(line, reason, hint, make_visible(raw[:RAW_LIMIT])[:RAW_LIMIT])


def detect_container(path: Path) -> Container:
    """How the rows of a file are laid out, judged by its first characters and its name.

    Raises IntakeError when the file is missing, empty, not text, or one object over many lines.
    """
    lines = [line for line in islice(read_lines(path), 200) if line.text.strip()]
    if not lines:
        raise IntakeError(f"{path.name}, line 1: the file is empty.", "Export it again.")
    first = lines[0].text.strip()
    suffixes = [s.lower() for s in path.suffixes]
    if first.startswith("[") and not _is_stamped_turn(first):
        return "array"
    if ".json" in suffixes or ".jsonl" in suffixes or first.startswith("{"):
        if first == "{":
            raise IntakeError(
                f"{path.name}, line {lines[0].number}: one JSON object over several lines.",
                "Write one object a line (JSON lines), or one array of objects.",
            )
        return "lines"
    if ".csv" in suffixes or ".tsv" in suffixes:
        return "table"
    return "table" if _looks_like_table([line.text for line in lines]) else "text"


def read_rows(path: Path, container: Container) -> Iterator[RowOutcome]:
    """The rows of a JSON lines, array or table file. Raises IntakeError when there is no header."""
    if container == "lines":
        return _json_lines(path)
    if container == "array":
        return _json_array(path)
    return _table(path)


def _is_stamped_turn(first: str) -> bool:
    """`[10:32] Customer: hi` opens a transcript, not an array."""
    return re.match(r"\[[^\]{}\"']+\] *\w[^:]*:", first) is not None


def _looks_like_table(lines: list[str]) -> bool:
    delimiter = _delimiter(lines[0])
    names = [name.strip().strip('"') for name in lines[0].split(delimiter)]
    plain = all(name and len(name) < 40 and ":" not in name for name in names)
    return len(names) > 1 and plain and any(delimiter in line for line in lines[1:])


def _json_lines(path: Path) -> Iterator[RowOutcome]:
    for line in read_lines(path):
        if line.flaw:
            yield quarantine(line.number, line.flaw, UTF8_HINT, line.text)
        elif not line.text.strip():
            yield Skipped(line.number, "blank line")
        else:
            yield _json_row(line)


def _json_row(line: Line) -> RowOutcome:
    try:
        value = _parse(line.text)
    except json.JSONDecodeError as error:
        if line.torn:
            reason = "the last line is torn: the file ends in the middle of a row"
            return quarantine(line.number, reason, _TORN_HINT, line.text)
        reason = f"not valid JSON at character {error.colno}: {error.msg.lower()}"
        return quarantine(line.number, reason, _JSON_HINT, line.text)
    except RecursionError:
        return quarantine(line.number, "JSON nested too deeply", _JSON_HINT, line.text)
    return _row_of(line.number, value, line.text)


def _parse(text: str) -> object:
    """Fast where the text is strict JSON; NaN and raw control characters are let through."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return json.loads(text, strict=False)


def _row_of(line: int, value: object, raw: str) -> Row | Quarantined:
    if isinstance(value, dict):
        return Row(line, value, raw)
    if isinstance(value, list):
        return Row(line, {"messages": value}, raw)
    reason = f"the row is a {type(value).__name__}, not an object"
    return quarantine(line, reason, 'Write objects, such as {"messages": [...]}.', raw)


def _json_array(path: Path) -> Iterator[RowOutcome]:
    text = read_text(path)
    decoder = json.JSONDecoder(strict=False)
    line, counted = 1, 0
    at = _skip(text, text.index("[") + 1)
    while at < len(text) and text[at] != "]":
        line, counted = line + text.count("\n", counted, at), at
        try:
            value, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            yield _broken_array(text, at, line, error)
            return
        raw = text[at : min(end, at + RAW_LIMIT)]
        if not _encodable(text[at:end]):
            yield quarantine(line, "holds a byte that is not UTF-8", UTF8_HINT, raw)
        else:
            yield _row_of(line, value, raw)
        at = _skip(text, end)
        if at < len(text) and text[at] == ",":
            at = _skip(text, at + 1)
        elif at < len(text) and text[at] != "]":
            line += text.count("\n", counted, at)
            yield _missing_comma(text, at, line)
            return
    if at >= len(text):
        line += text.count("\n", counted)
        yield quarantine(line, "the array is never closed: the file is torn", _TORN_HINT, "")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _broken_array(text: str, at: int, line: int, error: Exception) -> Quarantined:
    if isinstance(error, json.JSONDecodeError):
        where = text.count("\n", 0, error.pos) + 1
        what = f"the array breaks at line {where} ({error.msg.lower()}); nothing after it was read"
    else:
        what = "JSON nested too deeply; nothing after it was read"
    return quarantine(line, what, "Correct that line, or write one object a line.", text[at:])


def _missing_comma(text: str, at: int, line: int) -> Quarantined:
    what = "the array breaks here (a comma is missing); nothing after it was read"
    return quarantine(line, what, "Correct that line, or write one object a line.", text[at:])


def _table(path: Path) -> Iterator[RowOutcome]:
    lines = read_lines(path)
    header = next((line for line in lines if line.text.strip()), None)
    if header is None or header.flaw:
        problem = header.flaw if header else "the file is empty"
        raise IntakeError(f"{path.name}, line 1: {problem}.", UTF8_HINT)
    delimiter = _delimiter(header.text)
    names = [name.strip() for name in next(csv.reader([header.text], delimiter=delimiter))]
    if len(set(names)) < len(names) or not any(names):
        raise IntakeError(
            f"{path.name}, line {header.number}: the first line does not name the columns.",
            "Put a line of column names, each once, at the top.",
        )
    return _records(lines, names, delimiter)


def _records(lines: Iterator[Line], names: list[str], delimiter: str) -> Iterator[RowOutcome]:
    waiting: deque[Line] = deque()
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        if line.flaw:
            yield quarantine(line.number, line.flaw, UTF8_HINT, line.text)
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
                return quarantine(line.number, reason, _QUOTE_HINT, line.text)
            text = f"{text}\n{more.text}"


def _table_row(line: Line, names: list[str], values: list[str], raw: str) -> RowOutcome:
    if [value.strip() for value in values] == names:
        return Skipped(line.number, "the header again")
    if len(values) != len(names):
        reason = f"{len(values)} columns, the header names {len(names)}"
        return quarantine(line.number, reason, _QUOTE_HINT, raw)
    return Row(line.number, dict(zip(names, values, strict=True)), raw)


def _delimiter(header: str) -> str:
    return max(",\t;", key=header.count)

"""JSON lines and JSON arrays as rows, read as a stream: one row in memory at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.intake.lines import LINE_LIMIT, Line, decode_line, open_checked, read_raw_lines
from engine.intake.outcomes import RAW_LIMIT, Quarantined, Skipped
from engine.intake.rows import COPY_HINT, UTF8_HINT, RowOutcome, quarantine, row_of
from engine.intake.unpacking import DAMAGED

_JSON_HINT = "Correct the row, or export the file again."
_TORN_HINT = "Export the file again: the writing of it was cut off."
_ARRAY_HINT = "Correct that line, or write one object a line."
_CHUNK = 1 << 18
"""Characters read at a time; an element that does not fit makes the window grow."""

_decode = msgspec.json.Decoder().decode


def read_json_lines(path: Path) -> Iterator[RowOutcome]:
    """One row a line. Raises IntakeError when the file cannot be opened or is not text."""
    for number, raw, flaw in read_raw_lines(path):
        try:
            value = _decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield _odd_line(number, raw, flaw)
        else:
            yield _odd_line(number, raw, flaw) if flaw else row_of(number, value, raw)


def _odd_line(number: int, raw: bytes, flaw: str) -> RowOutcome:
    """A line that is not strict JSON: NaN and raw control characters are let through."""
    if flaw:
        hint = COPY_HINT if flaw == DAMAGED else _JSON_HINT
        return quarantine(number, flaw, hint, raw.decode(errors="replace"))
    line = decode_line(number, raw)
    if line.flaw:
        return quarantine(number, line.flaw, UTF8_HINT, line.text)
    if not line.text.strip():
        return Skipped(number, "blank line")
    try:
        value = json.loads(line.text, strict=False)
    except json.JSONDecodeError as error:
        return _not_json(line, error)
    # A number of more digits than Python reads is a plain ValueError.
    except (RecursionError, ValueError) as error:
        deep = isinstance(error, RecursionError)
        reason = "JSON nested too deeply" if deep else "holds a number that is too long"
        return quarantine(number, reason, _JSON_HINT, line.text)
    return row_of(number, value, line.text)


def _not_json(line: Line, error: json.JSONDecodeError) -> Quarantined:
    if line.torn:
        reason = "the last line is torn: the file ends in the middle of a row"
        return quarantine(line.number, reason, _TORN_HINT, line.text)
    reason = f"not valid JSON at character {error.colno}: {error.msg.lower()}"
    return quarantine(line.number, reason, _JSON_HINT, line.text)


class _Window:
    """The part of a text that is being read. `at` is the next character, `line` its line."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.stream = stream
        self.text = ""
        self.at = 0
        self.line = 1
        self.ended = False

    def grow(self) -> None:
        """Read on; what lies behind is let go. The longer the rest, the more is read."""
        rest = self.text[self.at :]
        more = self.stream.read(max(_CHUNK, len(rest)))
        self.ended = not more
        self.text, self.at = rest + more, 0

    def go(self, to: int) -> None:
        """Move forward, counting lines."""
        self.line += self.text.count("\n", self.at, to)
        self.at = to

    def peek(self) -> str:
        """The next character that is no white space, or an empty string at the end."""
        while True:
            at = self.at
            while at < len(self.text) and self.text[at] in " \t\r\n":
                at += 1
            self.go(at)
            if at < len(self.text):
                return self.text[at]
            if self.ended:
                return ""
            self.grow()


def read_json_array(path: Path) -> Iterator[RowOutcome]:
    """The elements of an array, or of several one after the other. Raises IntakeError."""
    with open_checked(path) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="")
        window = _Window(text)
        try:
            while window.peek() == "[":
                window.go(window.at + 1)
                yield from _elements(window)
            if window.peek():
                reason = "text after the end of the array; it was not read"
                yield _broken(window, window.line, reason)
        except OSError:
            yield quarantine(window.line, DAMAGED, COPY_HINT, "")


def _elements(window: _Window) -> Iterator[RowOutcome]:
    """Up to the closing bracket; after an error the rest of the file is not read."""
    while (first := window.peek()) != "]":
        if not first:
            reason = "the array is never closed: the file is torn"
            yield quarantine(window.line, reason, _TORN_HINT, "")
            return
        found = _element(window)
        yield found
        if isinstance(found, Quarantined) and window.ended and not window.text:
            return
        follows = window.peek()
        if follows == ",":
            window.go(window.at + 1)
        elif follows and follows != "]":
            reason = "the array breaks here (a comma is missing); nothing after it was read"
            yield _broken(window, window.line, reason)
            return
    window.go(window.at + 1)


_decoder = json.JSONDecoder(strict=False)


def _element(window: _Window) -> RowOutcome:
    line = window.line
    while True:
        try:
            value, end = _decoder.raw_decode(window.text, window.at)
            if end < len(window.text) or window.ended:
                break
        except (ValueError, RecursionError) as error:
            deep = isinstance(error, RecursionError)
            if window.ended or deep or len(window.text) - window.at > LINE_LIMIT:
                return _broken(window, line, _why(window, error))
        window.grow()
    text = window.text[window.at : end]
    window.go(end)
    if not (text.isascii() or _encodable(text)):
        return quarantine(line, "holds a byte that is not UTF-8", UTF8_HINT, text)
    return row_of(line, value, text[:RAW_LIMIT])


def _why(window: _Window, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "JSON nested too deeply; nothing after it was read"
    if not window.ended:
        return f"longer than {LINE_LIMIT // 1_000_000} MB; nothing after it was read"
    if not isinstance(error, json.JSONDecodeError):
        return "holds a number that is too long; nothing after it was read"
    where = window.line + window.text.count("\n", window.at, error.pos)
    return f"the array breaks at line {where} ({error.msg.lower()}); nothing after it was read"


def _broken(window: _Window, line: int, reason: str) -> Quarantined:
    """Quarantine what stands here, and read no further."""
    raw = window.text[window.at : window.at + RAW_LIMIT]
    window.text, window.at, window.ended = "", 0, True
    return quarantine(line, reason, _ARRAY_HINT, raw)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

"""Bytes to numbered lines: opens plain and packed files, one line in memory at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine.errors import IntakeError
from engine.intake.unpacking import DAMAGED, unpacked

LINE_LIMIT = 8_000_000
"""Bytes; a longer line is quarantined, so that one runaway row cannot fill the memory."""

BOM = b"\xef\xbb\xbf"
_FOREIGN = {
    b"PK\x03\x04": ("a zip archive or a spreadsheet", "Export it as CSV in UTF-8."),
    b"SQLite format 3": ("an SQLite database", "Export its table as CSV."),
    b"BZh": ("compressed with bzip2", "Unpack it with `bunzip2`."),
    b"\xfd7zXZ": ("compressed with xz", "Unpack it with `unxz`."),
    b"\xd0\xcf\x11\xe0": ("an old Excel or Word file", "Save it as XLSX, or as CSV in UTF-8."),
    b"%PDF": ("a PDF", "Export the text."),
    b"\xff\xfe": ("UTF-16 text", "Convert it: `iconv -f UTF-16 -t UTF-8`."),
    b"\xfe\xff": ("UTF-16 text", "Convert it: `iconv -f UTF-16 -t UTF-8`."),
}
_TOO_LONG = f"longer than {LINE_LIMIT // 1_000_000} MB"


class Line(msgspec.Struct, frozen=True):
    """One line without its end. `flaw` says why it cannot be read, when it cannot."""

    number: int
    text: str
    flaw: str = ""
    torn: bool = False
    """No newline at its end: the file may stop in the middle of it."""


def read_lines(path: Path) -> Iterator[Line]:
    """Every line of a file, from 1. Raises IntakeError when it cannot be opened or is not text."""
    for number, raw, flaw in read_raw_lines(path):
        if flaw:
            yield Line(number, raw.decode(errors="replace"), flaw)
        else:
            yield decode_line(number, raw)


def read_raw_lines(path: Path) -> Iterator[tuple[int, bytes, str]]:
    """Number, bytes with their end, and why they cannot be read; the byte order mark is off."""
    with open_checked(path) as stream:
        number = 0
        while True:
            number += 1
            try:
                raw = stream.readline(LINE_LIMIT)
                if len(raw) == LINE_LIMIT and not raw.endswith(b"\n"):
                    _finish_line(stream)
                    yield number, raw[:2000], _TOO_LONG
                    continue
            except OSError:
                yield number, b"", DAMAGED
                return
            if not raw:
                return
            yield number, raw.removeprefix(BOM) if number == 1 else raw, ""


def decode_line(number: int, raw: bytes) -> Line:
    """The text of a line; what is not UTF-8 is a flaw that names the byte."""
    torn = not raw.endswith(b"\n")
    body = raw.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return Line(number, body.decode("utf-8"), torn=torn)
    except UnicodeDecodeError as error:
        flaw = f"byte {error.start + 1} (0x{body[error.start]:02X}) is not UTF-8"
        return Line(number, body.decode("utf-8", "replace"), flaw, torn)


def open_checked(path: Path) -> BinaryIO:
    """The bytes of a file that is there, not empty and looks like text. Raises IntakeError."""
    stream = open_bytes(path)
    try:
        head = stream.peek(4096)[:4096]
    except OSError as error:
        stream.close()
        raise IntakeError(
            f"{path.name}, line 1: {DAMAGED}.", "Copy the file again, or pack it again."
        ) from error
    problem = _foreign(head, path.name)
    if problem is not None:
        stream.close()
        raise IntakeError(f"{path.name}{problem[0]}.", problem[1])
    return stream


def open_bytes(path: Path) -> io.BufferedReader:
    """The bytes of a file, unpacked where they are gzipped or compressed with zstd.

    Raises IntakeError when the file cannot be opened.
    """
    try:
        return unpacked(path.open("rb"))
    except FileNotFoundError as error:
        raise IntakeError(f"{path}: there is no such file.", "Check the name.") from error
    except IsADirectoryError as error:
        raise IntakeError(f"{path}: this is a folder.", "Name the files in it.") from error
    except OSError as error:
        raise IntakeError(f"{path}: {error.strerror}.", "Check its permissions.") from error


def _foreign(head: bytes, name: str) -> tuple[str, str] | None:
    if not head.removeprefix(BOM):
        return ", line 1: the file is empty", "Export it again, or leave it out."
    for magic, (what, remedy) in _FOREIGN.items():
        if head.startswith(magic):
            return f", line 1: this is {what}, not UTF-8 text", remedy
    if head.count(0) > len(head) // 20:
        return (
            ", line 1: this is binary, not text",
            "Export it as JSON lines, CSV or text in UTF-8.",
        )
    return None


def _finish_line(stream: BinaryIO) -> None:
    while True:
        rest = stream.readline(LINE_LIMIT)
        if len(rest) < LINE_LIMIT or rest.endswith(b"\n"):
            return

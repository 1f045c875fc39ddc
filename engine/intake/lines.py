"""Bytes to numbered lines: opens plain and gzipped files, one line in memory at a time."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from engine.errors import IntakeError

LINE_LIMIT = 8_000_000
"""Bytes; a longer line is quarantined, so that one runaway row cannot fill the memory."""

_BOM = b"\xef\xbb\xbf"
_FOREIGN = {
    b"PK\x03\x04": ("a zip archive or a spreadsheet", "Export it as CSV in UTF-8."),
    b"PAR1": ("a Parquet file", "Export it as JSON lines or CSV."),
    b"SQLite format 3": ("an SQLite database", "Export its table as CSV."),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "Unpack it with `zstd -d`."),
    b"BZh": ("compressed with bzip2", "Unpack it with `bunzip2`."),
    b"\xfd7zXZ": ("compressed with xz", "Unpack it with `unxz`."),
    b"%PDF": ("a PDF", "Export the text."),
    b"\xff\xfe": ("UTF-16 text", "Convert it: `iconv -f UTF-16 -t UTF-8`."),
    b"\xfe\xff": ("UTF-16 text", "Convert it: `iconv -f UTF-16 -t UTF-8`."),
}


class Line(msgspec.Struct, frozen=True):
    """One line without its end. `flaw` says why it cannot be read, when it cannot."""

    number: int
    text: str
    flaw: str = ""
    torn: bool = False
    """No newline at its end: the file may stop in the middle of it."""


def read_lines(path: Path) -> Iterator[Line]:
    """Every line of a file, from 1. Raises IntakeError when it cannot be opened or is not text."""
    with open_checked(path) as stream:
        number = 0
        while True:
            number += 1
            try:
                raw = stream.readline(LINE_LIMIT)
                if len(raw) == LINE_LIMIT and not raw.endswith(b"\n"):
                    _finish_line(stream)
                    yield Line(number, raw[:2000].decode(errors="replace"), _TOO_LONG)
                    continue
            except (EOFError, OSError, zlib.error):
                yield Line(number, "", "the compressed data ends early or is damaged here")
                return
            if not raw:
                return
            yield _decode(number, raw)


_TOO_LONG = f"longer than {LINE_LIMIT // 1_000_000} MB"


def read_text(path: Path) -> str:
    """A whole file; bytes that are not UTF-8 stand as lone surrogates. Raises IntakeError."""
    with open_checked(path) as stream:
        try:
            raw = stream.read()
        except (EOFError, OSError, zlib.error) as error:
            raise IntakeError(
                f"{path.name}: the compressed data ends early or is damaged.",
                "Copy the file again.",
            ) from error
    return raw.removeprefix(_BOM).decode("utf-8", "surrogateescape")


def open_checked(path: Path) -> BinaryIO:
    """The bytes of a file that is there, not empty and looks like text. Raises IntakeError."""
    stream = _open(path)
    try:
        head = cast(io.BufferedReader, stream).peek(4096)[:4096]
    except (EOFError, OSError, zlib.error) as error:
        stream.close()
        raise IntakeError(
            f"{path.name}: named .gz, but it cannot be unpacked.", "Copy it again, or rename it."
        ) from error
    problem = _foreign(head)
    if problem is not None:
        stream.close()
        raise IntakeError(f"{path.name}, line 1: {problem[0]}.", problem[1])
    return stream


def _open(path: Path) -> BinaryIO:
    try:
        if path.name.endswith(".gz"):
            return cast(BinaryIO, gzip.open(path, "rb"))
        return path.open("rb")
    except FileNotFoundError as error:
        raise IntakeError(f"{path}: there is no such file.", "Check the name.") from error
    except IsADirectoryError as error:
        raise IntakeError(f"{path}: this is a folder.", "Name the files in it.") from error
    except OSError as error:
        raise IntakeError(f"{path}: {error.strerror}.", "Check its permissions.") from error


def _foreign(head: bytes) -> tuple[str, str] | None:
    if not head.removeprefix(_BOM):
        return "the file is empty", "Export it again, or leave it out."
    for magic, (what, remedy) in _FOREIGN.items():
        if head.startswith(magic):
            return f"this is {what}, not UTF-8 text", remedy
    if head.startswith(b"\x1f\x8b"):
        return "this is gzipped, but its name does not end in .gz", "Rename it to end in .gz."
    if head.count(0) > len(head) // 20:
        return "this is binary, not text", "Export it as JSON lines, CSV or text in UTF-8."
    return None


def _finish_line(stream: BinaryIO) -> None:
    while True:
        rest = stream.readline(LINE_LIMIT)
        if len(rest) < LINE_LIMIT or rest.endswith(b"\n"):
            return


def _decode(number: int, raw: bytes) -> Line:
    if number == 1:
        raw = raw.removeprefix(_BOM)
    torn = not raw.endswith(b"\n")
    body = raw.removesuffix(b"\n").removesuffix(b"\r")
    try:
        return Line(number, body.decode("utf-8"), torn=torn)
    except UnicodeDecodeError as error:
        flaw = f"byte {error.start + 1} (0x{body[error.start]:02X}) is not UTF-8"
        return Line(number, body.decode("utf-8", "replace"), flaw, torn)

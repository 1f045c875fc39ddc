"""How the rows of a place are laid out, and the reader for each way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal

import msgspec

from engine.errors import IntakeError
from engine.intake.columns import holds_turns
from engine.intake.json_rows import read_json_array, read_json_lines
from engine.intake.lines import Line, open_bytes, read_lines
from engine.intake.places import Place
from engine.intake.rows import RowOutcome
from engine.intake.table import looks_like_table, read_table
from engine.intake.transcript import looks_like_transcript
from engine.intake.unpacking import DAMAGED

Container = Literal["lines", "array", "table", "sheet", "arrow", "page", "text"]

_LOOK = 200
_PAGES = (".md", ".markdown", ".html", ".htm", ".xhtml")


def detect_container(place: Place) -> Container:
    """How the rows are laid out, judged by the first bytes and the name.

    Raises IntakeError when the file is empty, not text, or one object over many lines.
    """
    return _binary(place) or _written(place)


def read_rows(place: Place, container: Container) -> Iterator[RowOutcome]:
    """The rows of anything but pages and plain text. Raises IntakeError when there is no header."""
    if container == "lines":
        return read_json_lines(place.path)
    if container == "array":
        return read_json_array(place.path)
    if container == "sheet":
        from engine.intake.sheets import read_sheet

        return read_sheet(place)
    if container == "arrow":
        from engine.intake.arrow import read_arrow

        return read_arrow(place)
    return read_table(place.path)


def _binary(place: Place) -> Container | None:
    """Workbooks and columns, which are told by their first bytes."""
    with open_bytes(place.path) as stream:
        try:
            head = stream.peek(8)[:8]
        except OSError as error:
            hint = "Copy the file again, or pack it again."
            raise IntakeError(f"{place.path.name}, line 1: {DAMAGED}.", hint) from error
    suffix = place.path.suffix.lower()
    if head.startswith(b"PK\x03\x04") and suffix in (".xlsx", ".xlsm"):
        return "sheet"
    if head.startswith((b"PAR1", b"ARROW1")) or suffix == ".arrow":
        return "arrow"
    return None


def _written(place: Place) -> Container:
    lines = [line for line in islice(read_lines(place.path), _LOOK) if line.text.strip()]
    if not lines:
        raise IntakeError(f"{place.path.name}, line 1: the file is empty.", "Export it again.")
    first = lines[0].text.strip()
    suffixes = [s.lower() for s in place.path.suffixes]
    if _is_page(first, suffixes, "\n".join(line.text for line in lines)):
        return "page"
    if first.startswith("[") and not _is_stamped_turn(first):
        return "lines" if _is_list_a_line(lines) else "array"
    if ".json" in suffixes or ".jsonl" in suffixes or first.startswith("{"):
        if first == "{":
            raise IntakeError(
                f"{place.path.name}, line {lines[0].number}: one JSON object over several lines.",
                "Write one object a line (JSON lines), or one array of objects.",
            )
        return "lines"
    if ".csv" in suffixes or ".tsv" in suffixes:
        return "table"
    return "table" if looks_like_table([line.text for line in lines]) else "text"


def _is_list_a_line(lines: list[Line]) -> bool:
    """Lists of turns as JSON lines: each of the first two lines is a list of its own."""
    try:
        found = [msgspec.json.decode(line.text) for line in lines[:2]]
    except (msgspec.DecodeError, ValueError, RecursionError):
        return False
    return len(found) == 2 and isinstance(found[1], list) and holds_turns(found[0])


def _is_page(first: str, suffixes: list[str], text: str) -> bool:
    """Markdown or HTML by its name or its first tag; transcripts are kept as Markdown, too."""
    if re.match(r"<!doctype html|<html\b", first, re.I):
        return True
    return any(s in _PAGES for s in suffixes) and not looks_like_transcript(text)


def _is_stamped_turn(first: str) -> bool:
    """`[10:32] Customer: hi` opens a transcript, not an array."""
    return re.match(r"\[[^\]{}\"']+\] *\w[^:]*:", first) is not None

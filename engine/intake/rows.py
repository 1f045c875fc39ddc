"""A numbered row of named fields, whatever container it came in, and what else can stand there."""

from __future__ import annotations

import json
from typing import TypeAlias

import msgspec

from engine.intake.outcomes import RAW_LIMIT, Quarantined, Skipped
from engine.visible import make_visible

UTF8_HINT = "Save the file as UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`."
COPY_HINT = "Copy the file again, or export it again."


class Row(msgspec.Struct, frozen=True):
    """One row with its fields by name, from the line where it begins."""

    line: int
    fields: dict[str, object]
    raw: str | bytes = ""
    """As it stands in the file; empty where the file holds no text."""

    @property
    def shown(self) -> str:
        """The start of the row as text, for people."""
        if isinstance(self.raw, bytes):
            return self.raw[: 4 * RAW_LIMIT].decode("utf-8", "replace").rstrip("\r\n")
        return self.raw or json.dumps(self.fields, ensure_ascii=False, default=str)


RowOutcome: TypeAlias = Row | Quarantined | Skipped


def quarantine(line: int, reason: str, hint: str, raw: str) -> Quarantined:
    """A quarantined row with its raw text made visible and cut."""
    return Quarantined(line, make_visible(reason), hint, make_visible(raw[:RAW_LIMIT])[:RAW_LIMIT])


def row_of(line: int, value: object, raw: str | bytes) -> RowOutcome:
    """A JSON value as a row; one that is empty is skipped, one that is no object quarantined."""
    if isinstance(value, dict):
        return Row(line, value, raw) if value else Skipped(line, "empty row")
    if isinstance(value, list):
        return Row(line, {"messages": value}, raw)
    if value is None:
        return Skipped(line, "empty row")
    reason = f"the row is a {type(value).__name__}, not an object"
    hint = 'Write objects, such as {"messages": [...]}.'
    return quarantine(line, reason, hint, Row(line, {}, raw).shown)

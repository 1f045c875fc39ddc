"""What reading a file of examples can say of each row, and the choices that steer the reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

import msgspec

from engine.errors import IntakeError
from engine.records import Example

Format = Literal["chat", "sharegpt", "alpaca", "pairs", "preference", "turns", "transcript", "faq"]
"""chat: a list of turns with role and content (OpenAI), or of [speaker, text];
sharegpt: a list of turns with from and value; alpaca: instruction, input, output;
pairs: one prompt and one answer; preference: a chosen and a rejected answer;
turns: one row per turn, grouped by conversation;
transcript: `Customer: ...` / `Agent: ...` lines, a text file or one text field per row;
faq: a Markdown or HTML page, whose headings become questions.
Each can stand in JSON lines, a JSON array, CSV, TSV, XLSX, Parquet or Arrow where that makes sense,
text packed with gzip or zstd or not."""

FORMATS: tuple[Format, ...] = get_args(Format)

RAW_LIMIT = 500

SkipRule = Literal[
    "blank line",
    "empty row",
    "the header again",
    "only a system turn",
    "left out by `only`",
    "marked as a bad answer",
    "heading without text",
    "text before the first heading",
]
"""Why a row is left out although nothing is wrong with it."""


class Mapping(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which column plays which part; empty means: none, or to be guessed from its name."""

    prompt: str = ""
    answer: str = ""
    rejected: str = ""
    """The answer that was not preferred, kept for reference."""
    conversation: str = ""
    """The group key: rows of one conversation never part."""
    speaker: str = ""
    text: str = ""
    """The words of one turn, or the field that holds a whole transcript or list of turns."""
    intent: str = ""
    only: str = ""
    """`column:value`: rows in which the column holds something else are left out."""


class Accepted(msgspec.Struct, frozen=True):
    """A row that became an example."""

    line: int
    example: Example
    notes: tuple[str, ...] = ()
    """What was left out or joined on the way, a sentence each."""


class Quarantined(msgspec.Struct, frozen=True):
    """A row that cannot be used as it is; nothing of it was imported."""

    line: int
    reason: str
    hint: str
    raw: str
    """The start of the row, at most 500 characters, control characters made visible."""


class Skipped(msgspec.Struct, frozen=True):
    """A row left out by rule: it holds nothing to learn from, and nothing is wrong with it."""

    line: int
    reason: SkipRule


Outcome: TypeAlias = Accepted | Quarantined | Skipped


class Preview(msgspec.Struct, frozen=True):
    """What an import would do, for the operator to confirm on real rows."""

    format: Format
    mapping: Mapping
    columns: tuple[str, ...]
    """Names found in the file; empty for plain text and pages."""
    examples: tuple[Example, ...]
    """The first three that would be accepted."""
    problems: tuple[Quarantined, ...]
    """The first three that would be quarantined, among the rows looked at."""


class Flaw(msgspec.Struct, frozen=True):
    """Why a row cannot be used, and what to do about it."""

    reason: str
    hint: str


def parse_mapping(choices: Iterable[str]) -> Mapping:
    """`role=column` choices as a Mapping; raises IntakeError for an unknown role."""
    roles = Mapping.__struct_fields__
    picked: dict[str, str] = {}
    for choice in choices:
        role, equals, column = (part.strip() for part in choice.partition("="))
        if not equals or role not in roles or not column:
            raise IntakeError(
                f"--map {choice} is not a role and a column.",
                f"Write role=column, the role being one of: {', '.join(roles)}.",
            )
        if role == "only" and not all(column.partition(":")):
            raise IntakeError(
                f"--map {choice} names no value.", "Write only=column:value, as only=split:train."
            )
        picked[role] = column
    return Mapping(**picked)

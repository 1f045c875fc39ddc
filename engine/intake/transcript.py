"""Plain-text transcripts: `Customer: ...` and `Agent: ...` blocks, turns of several lines,
conversations parted by a blank line or a rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from engine.intake.conversation import Draft, Turn, role_of
from engine.intake.lines import Line, read_lines
from engine.intake.outcomes import Flaw, Quarantined
from engine.intake.rows import COPY_HINT, UTF8_HINT, quarantine
from engine.intake.unpacking import DAMAGED

_LABEL = re.compile(
    r"\s{0,3}(?:\[[^\]\n]{1,30}\]\s*|\(?\d{1,2}:\d\d(?::\d\d)?\)?\s*(?:[APap][Mm])?\s*[-\u2013]?\s*)?"
    r"(?:\*\*)?([A-Za-z][\w ]{0,30}?)(?:\s*[(\[][^)\]\n]{1,30}[)\]])?(?:\*\*)?\s*:(?:\*\*)?\s*(.*)"
)
_RULE = re.compile(
    r"\s*(?:[-=*_#~]{3,}.*|#+ .*|(?:conversation|chat|ticket|call) *#?[\w-]*:?)\s*$", re.I
)
_AMBIGUOUS = {
    "model",
    "store",
    "shop",
    "instructions",
    "function",
    "action",
    "observation",
    "member",
}
"""Roles in a column, but common words before a colon in running text."""
_LABEL_HINT = "Begin each turn with `Customer:` or `Agent:`."
_BLOCK_HINT = "Begin it with `Customer:` or `Agent:`, or take out the blank line above it."


class _Block(msgspec.Struct):
    """The lines of one conversation as they come in."""

    lines: list[Line]
    blank: bool = False
    """Whether blank lines came after the last line."""


def looks_like_transcript(text: str) -> bool:
    """At least two labelled turns, of both sides."""
    roles = {role for line in text[:4000].split("\n") if (role := _role(line)) is not None}
    return {"user", "assistant"} <= roles


def split_turns(text: str, line: int) -> tuple[Turn, ...] | Flaw:
    """The turns of one conversation; blank lines stay inside their turn.

    `line` is the number of its first line, for messages.
    """
    turns: list[tuple[str, list[str], int]] = []
    strangers: Counter[str] = Counter()
    for number, row in enumerate(text.split("\n"), line):
        found = _LABEL.match(row)
        if found and _role(row) is not None:
            turns.append((found[1], [found[2]], number))
        elif turns:
            if found and len(found[2].split()) > 2:
                strangers[found[1]] += 1
            turns[-1][1].append(row)
        elif found:
            return Flaw(f"line {number} has the unknown speaker {found[1]!r}", _LABEL_HINT)
        elif row.strip():
            return Flaw(f"line {number} has no speaker", _LABEL_HINT)
    name, times = next(iter(strangers.most_common(1)), ("", 0))
    if times > 1:
        return Flaw(f"{times} lines have the unknown speaker {name!r}", _LABEL_HINT)
    return tuple(Turn(who, "\n".join(rows).strip("\n"), at) for who, rows, at in turns)


def read_transcripts(path: Path) -> Iterator[tuple[int, str, Draft] | Quarantined]:
    """Each conversation of a text file: first line, raw text, turns. Raises IntakeError."""
    loose = _is_loose(path)
    for block in _blocks(path, loose):
        first = block[0].number
        text = "\n".join(line.text for line in block)
        bad = next((line for line in block if line.flaw), None)
        if bad is not None:
            hint = COPY_HINT if bad.flaw == DAMAGED else UTF8_HINT
            yield quarantine(bad.number, bad.flaw, hint, bad.text)
            continue
        turns = split_turns(text, first)
        if isinstance(turns, Flaw):
            hint = _BLOCK_HINT if "no speaker" in turns.reason else turns.hint
            yield quarantine(first, turns.reason, hint, text)
        else:
            yield first, text, Draft(turns, log=True)


def _blocks(path: Path, loose: bool) -> Iterator[list[Line]]:
    block: list[Line] = []
    blanks = 0
    for line in read_lines(path):
        if not line.text.strip() and not line.flaw:
            blanks += 1
            continue
        rule = _RULE.match(line.text) is not None
        if block and (rule or _parts(line, blanks, loose)):
            yield block
            block = []
        if not rule:
            if block:
                block += [Line(line.number - n, "") for n in range(blanks, 0, -1)]
            block.append(line)
        blanks = 0
    if block:
        yield block


def _parts(line: Line, blanks: int, loose: bool) -> bool:
    """Whether a new conversation begins here: after one blank line, or two in a loose file."""
    if loose:
        return blanks > 1
    return blanks > 0 and not line.text.startswith((" ", "\t"))


def _is_loose(path: Path) -> bool:
    """Whether a blank line stands before every turn, so that it cannot part conversations."""
    before = ""
    turns = 0
    for line in islice(read_lines(path), 2000):
        if _role(line.text) is not None:
            if turns and before:
                return False
            turns += 1
        before = "" if _RULE.match(line.text) else line.text.strip()
    return turns > 1


def _role(line: str) -> str | None:
    found = _LABEL.match(line)
    if found is None or found[1].strip().lower() in _AMBIGUOUS:
        return None
    return role_of(found[1])

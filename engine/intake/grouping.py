"""Rows of one turn each, gathered into conversations, with a bounded number open at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

import msgspec

from engine.intake.conversation import Draft, Turn
from engine.intake.outcomes import RAW_LIMIT, Mapping, Quarantined, Skipped
from engine.intake.rows import Row, RowOutcome, quarantine
from engine.intake.shapes import text_of
from engine.visible import make_visible

OPEN_LIMIT = 2_000
"""Conversations kept open at once: a log in order of time interleaves a few hundred."""

_SORT_HINT = "Sort the file by conversation."
_WHOLE_HINT = "Correct that line: the conversation is not whole without it."


class Gathered(msgspec.Struct, frozen=True):
    """A finished conversation: line of its first turn, its raw start, its turns."""

    line: int
    raw: str
    draft: Draft


class _Open(msgspec.Struct):
    line: int
    raw: str
    turns: list[Turn]
    intent: str
    flaw: Quarantined | None = None


def gather(
    rows: Iterable[RowOutcome], mapping: Mapping
) -> Iterator[Gathered | Quarantined | Skipped]:
    """Conversations in order of their last turn but for those still open at the end.

    A row that cannot be read spoils the conversation it stands in: the conversation is
    quarantined once, at that line, rather than imported with a hole.
    """
    still_open: OrderedDict[str, _Open] = OrderedDict()
    closed: set[int] = set()
    latest = ""
    for row in rows:
        if isinstance(row, Skipped):
            yield row
        elif isinstance(row, Quarantined):
            if latest in still_open:
                still_open[latest].flaw = still_open[latest].flaw or row
            else:
                yield row
        else:
            key = (text_of(row.fields.get(mapping.conversation)) or "").strip()
            if not key or hash(key) in closed:
                yield _stray(row, key)
                continue
            latest = key
            _add(still_open, key, row, mapping)
            if len(still_open) > OPEN_LIMIT:
                oldest, done = still_open.popitem(last=False)
                closed.add(hash(oldest))
                yield _close(oldest, done)
    for key, done in still_open.items():
        yield _close(key, done)


def _add(still_open: OrderedDict[str, _Open], key: str, row: Row, mapping: Mapping) -> None:
    speaker = text_of(row.fields.get(mapping.speaker)) or ""
    content = text_of(row.fields.get(mapping.text))
    turn = Turn(speaker, content, row.line)
    intent = text_of(row.fields.get(mapping.intent)) or ""
    if key in still_open:
        still_open[key].turns.append(turn)
        still_open[key].intent = still_open[key].intent or intent
        still_open.move_to_end(key)
    else:
        still_open[key] = _Open(row.line, row.shown[:RAW_LIMIT], [turn], intent)


def _close(key: str, done: _Open) -> Gathered | Quarantined:
    if done.flaw is not None:
        reason = make_visible(f"{done.flaw.reason} (conversation {key!r})")
        return Quarantined(done.flaw.line, reason, _WHOLE_HINT, done.flaw.raw)
    draft = Draft(tuple(done.turns), key, done.intent, log=True)
    return Gathered(done.line, done.raw, draft)


def _stray(row: Row, key: str) -> Quarantined:
    if not key:
        return quarantine(row.line, "the conversation id is empty", "Fill it in.", row.shown)
    reason = f"conversation {key!r} goes on here, long after its other turns"
    return quarantine(row.line, reason, _SORT_HINT, row.shown)

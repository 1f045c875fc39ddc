"""Decisions about examples: append-only events, each with who, when and why; undo and redo.

An event may cover several examples (a whole cluster). Undoing appends an event of its own and
puts back what the undone event had found; nothing is ever deleted, so undo has no end and
survives a restart. Everybody undoes their own decisions only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.errors import StateError
from engine.records import Example
from engine.store.connection import Row, Store, now
from engine.store.examples import Status, tag_words

Kind = Literal[
    "accept",
    "reject",
    "later",
    "edit",
    "redact",
    "tag",
    "flag",
    "intent",
    "repeat_accept",
    "repeat_reject",
]
"""The last two are second opinions: they are compared, and change nothing."""
Reason = Literal[
    "wrong_fact",
    "contradiction",
    "unsafe",
    "personal_data",
    "tone",
    "off_scope",
    "incomplete",
    "duplicate",
    "other",
]
REASONS: tuple[tuple[Reason, str], ...] = (
    ("wrong_fact", "wrong fact or policy"),
    ("contradiction", "contradicts another"),
    ("unsafe", "unsafe or non-compliant"),
    ("personal_data", "personal data"),
    ("tone", "tone"),
    ("off_scope", "off scope"),
    ("incomplete", "incomplete"),
    ("duplicate", "duplicate"),
    ("other", "other"),
)
DECIDING: tuple[Kind, ...] = ("accept", "reject", "later")
_CURRENT, _UNDONE, _DROPPED = 0, 1, 2


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """New values for an example; what is None stays."""

    status: Status | None = None
    body: Example | None = None
    intent: str | None = None
    flagged: bool | None = None
    tags: tuple[str, ...] | None = None


class Act(msgspec.Struct, frozen=True):
    """One example's part in an event; the parts may be of different kinds."""

    example: int
    kind: Kind
    change: Change
    reason: str = ""
    seen: Status | None = None
    """The status that the person saw; None when it does not matter."""


class Decision(msgspec.Struct, frozen=True):
    """One event about one example, as history shows it."""

    event: int
    example: int
    at: str
    who: str
    kind: str
    reason: str
    undone: bool


def decide(
    store: Store,
    session: int,
    who: str,
    kind: Kind,
    changes: Sequence[tuple[int, Change]],
    reason: str = "",
    seen: Status | None = None,
) -> int:
    """Append one event of one kind; see `decide_together`."""
    acts = [Act(example, kind, change, reason, seen) for example, change in changes]
    return decide_together(store, session, who, acts)


def decide_together(store: Store, session: int, who: str, acts: Sequence[Act]) -> int:
    """Append one event that changes one or more examples; answers the event's number.

    Durable when it returns, and undone as a whole. A new decision clears this person's redo.
    Raises StateError when somebody else has decided about one of them since it was seen.
    """
    with store.transaction() as db:
        db.execute(
            "UPDATE decisions SET undone = ? WHERE session = ? AND who = ? AND undone = ?",
            [_DROPPED, session, who, _UNDONE],
        )
        event = int(store.value("SELECT coalesce(max(id), 0) + 1 FROM decisions"))
        for act in acts:
            before = _columns(store, act.example)
            if act.seen is not None and before["status"] != act.seen:
                raise _decided_meanwhile(store, act.example, before["status"])
            after = {**before, **_as_columns(before, act.change, event)}
            _write(store, act.example, after)
            if act.kind in DECIDING:
                db.execute("DELETE FROM claims WHERE example = ?", [act.example])
            store.insert(
                "decisions",
                {
                    "event": event,
                    "session": session,
                    "example": act.example,
                    "at": now(),
                    "who": who,
                    "kind": act.kind,
                    "reason": act.reason,
                    "before": _difference(before, after),
                    "after": _difference(after, before),
                },
            )
    return event


def undo(store: Store, session: int, who: str) -> list[int]:
    """Take back this person's last decision; answers the examples concerned, empty when none."""
    return _reverse(store, session, who, "undo")


def redo(store: Store, session: int, who: str) -> list[int]:
    """Decide again what was undone last; answers the examples concerned, empty when none."""
    return _reverse(store, session, who, "redo")


def history(store: Store, example: int) -> list[Decision]:
    """Every event about one example, oldest first."""
    rows = store.rows(
        "SELECT event, example, at, who, kind, reason, undone FROM decisions"
        " WHERE example = ? AND target IS NULL ORDER BY id",
        [example],
    )
    return [Decision(**{**r, "undone": r["undone"] != _CURRENT}) for r in rows]


def recent(store: Store, session: int, limit: int = 200) -> list[Decision]:
    """The last accepting and rejecting events of a session, newest first."""
    rows = store.rows(
        "SELECT event, example, at, who, kind, reason, undone FROM decisions"
        " WHERE session = ? AND kind IN ('accept', 'reject') AND undone = 0"
        " ORDER BY id DESC LIMIT ?",
        [session, limit],
    )
    return [Decision(**{**r, "undone": False}) for r in rows]


def last_reason(store: Store, session: int, who: str) -> Reason | None:
    """Why this person rejected an example the last time."""
    found = store.value(
        "SELECT reason FROM decisions WHERE session = ? AND who = ? AND kind = 'reject'"
        " ORDER BY id DESC LIMIT 1",
        [session, who],
    )
    return next((name for name, _ in REASONS if name == found), None)


def reasons(store: Store, session: int) -> dict[str, int]:
    """How often each reason was given for the rejections that stand."""
    rows = store.rows(
        "SELECT reason, count(*) AS n FROM decisions"
        " WHERE session = ? AND kind = 'reject' AND undone = 0 GROUP BY reason ORDER BY n DESC",
        [session],
    )
    return {r["reason"]: r["n"] for r in rows}


def _reverse(store: Store, session: int, who: str, way: Literal["undo", "redo"]) -> list[int]:
    wanted, order = (_CURRENT, "DESC") if way == "undo" else (_UNDONE, "ASC")
    expected, restored = ("after", "before") if way == "undo" else ("before", "after")
    with store.transaction() as db:
        event = store.value(
            "SELECT event FROM decisions WHERE session = ? AND who = ? AND undone = ?"
            f" AND target IS NULL ORDER BY id {order} LIMIT 1",
            [session, who, wanted],
        )
        if event is None:
            return []
        rows = store.rows("SELECT * FROM decisions WHERE event = ? AND target IS NULL", [event])
        for row in rows:
            _restore(store, row, expected, restored, way)
        db.execute(
            "UPDATE decisions SET undone = ? WHERE event = ? AND target IS NULL",
            [_UNDONE if way == "undo" else _CURRENT, event],
        )
        store.insert(
            "decisions",
            {
                "event": int(store.value("SELECT max(id) + 1 FROM decisions")),
                "session": session,
                "at": now(),
                "who": who,
                "kind": way,
                "target": event,
            },
        )
    return [row["example"] for row in rows]


def _restore(store: Store, row: Row, expected: str, restored: str, way: str) -> None:
    """Put one example back, unless somebody has changed the same fields since."""
    present = _columns(store, row["example"])
    found = msgspec.json.decode(row[expected])
    if any(present[key] != value for key, value in found.items()):
        raise StateError(
            f"Example #{row['example']} has been changed by somebody else since.",
            f"Open it and decide anew instead of {way}.",
        )
    _write(store, row["example"], {**present, **msgspec.json.decode(row[restored])})


def _columns(store: Store, example: int) -> Row:
    row = store.row(
        "SELECT status, body, original, intent, flagged, tags, put_off FROM examples WHERE id = ?",
        [example],
    )
    assert row is not None, "decisions are about stored examples only"
    return row


def _decided_meanwhile(store: Store, example: int, status: str) -> StateError:
    standing = [d for d in history(store, example) if not d.undone and d.kind in DECIDING]
    who = f" by {standing[-1].who}" if standing else ""
    return StateError(
        f"Example #{example} is {status} since{who}.", "Look at it again, and decide anew if need be."
    )


def _as_columns(before: Row, change: Change, event: int) -> Row:
    columns: Row = {}
    if change.status is not None:
        columns["status"] = change.status
        columns["put_off"] = event if change.status == "later" else 0
    if change.tags is not None:
        columns["tags"] = tag_words(change.tags)
    if change.intent is not None:
        columns["intent"] = change.intent
    if change.flagged is not None:
        columns["flagged"] = int(change.flagged)
    if change.body is not None:
        columns["body"] = msgspec.json.encode(change.body).decode()
        columns["original"] = before["original"] or before["body"]
    return columns


def _write(store: Store, example: int, columns: Row) -> None:
    store.db.execute(
        "UPDATE examples SET status=:status, body=:body, original=:original, intent=:intent,"
        " flagged=:flagged, tags=:tags, put_off=:put_off WHERE id=:id",
        {**columns, "id": example},
    )


def _difference(these: Row, those: Row) -> str:
    """Only the columns in which the two states differ, as JSON."""
    return msgspec.json.encode({k: v for k, v in these.items() if v != those[k]}).decode()

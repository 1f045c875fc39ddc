"""Decisions about held-out cases: append-only events, each with who, when and why; undo and redo.

As with decisions about examples nothing is ever deleted, and everybody undoes their own only, never
over what somebody else has changed since. After the seal there are none.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from engine.errors import StateError
from engine.records import Assertion, Case
from engine.store import sessions
from engine.store.cases import CaseStatus
from engine.store.connection import Row, Store, now

Kind: TypeAlias = Literal["confirm", "drop", "later", "include", "exclude", "rewrite", "reference"]
_CURRENT, _UNDONE, _DROPPED = 0, 1, 2
_COLUMNS = ("status", "body", "original", "confirmed", "put_off")


class CaseChange(msgspec.Struct, frozen=True):
    """New values for a case; what is None stays."""

    status: CaseStatus | None = None
    body: Case | None = None
    confirmed: tuple[Assertion, ...] | None = None


class CaseDecision(msgspec.Struct, frozen=True):
    """One event about one case, as history shows it."""

    at: str
    who: str
    kind: Kind
    reason: str
    undone: bool


def decide(
    store: Store,
    session: int,
    who: str,
    case: int,
    kind: Kind,
    change: CaseChange,
    reason: str = "",
) -> None:
    """Append an event and change the case. A new decision clears this person's redo.

    Raises StateError after the seal.
    """
    with store.transaction() as db:
        _refuse_sealed(store, session)
        db.execute(
            "UPDATE case_decisions SET undone = ? WHERE session = ? AND who = ? AND undone = ?",
            [_DROPPED, session, who, _UNDONE],
        )
        before = _columns(store, case)
        event = int(store.value("SELECT coalesce(max(id), 0) + 1 FROM case_decisions"))
        after = {**before, **_as_columns(before, change, event)}
        _write(store, case, after)
        store.insert(
            "case_decisions",
            {
                "event": event,
                "session": session,
                "held_out": case,
                "at": now(),
                "who": who,
                "kind": kind,
                "reason": reason,
                "before": _difference(before, after),
                "after": _difference(after, before),
            },
        )


def undo(store: Store, session: int, who: str) -> int | None:
    """Take back this person's last decision; answers the case, None when nothing is left."""
    return _reverse(store, session, who, "undo")


def redo(store: Store, session: int, who: str) -> int | None:
    """Decide again what was undone last; answers the case, None when nothing is."""
    return _reverse(store, session, who, "redo")


def history(store: Store, case: int) -> list[CaseDecision]:
    """Every event about one case, oldest first."""
    rows = store.rows(
        "SELECT at, who, kind, reason, undone != 0 AS undone FROM case_decisions"
        " WHERE held_out = ? AND target IS NULL ORDER BY id",
        [case],
    )
    return msgspec.convert(rows, list[CaseDecision], strict=False)


def _reverse(store: Store, session: int, who: str, way: Literal["undo", "redo"]) -> int | None:
    wanted, order = (_CURRENT, "DESC") if way == "undo" else (_UNDONE, "ASC")
    expected, restored = ("after", "before") if way == "undo" else ("before", "after")
    with store.transaction() as db:
        row = store.row(
            "SELECT * FROM case_decisions WHERE session = ? AND who = ? AND undone = ?"
            f" AND target IS NULL ORDER BY id {order} LIMIT 1",
            [session, who, wanted],
        )
        if row is None:
            return None
        _refuse_sealed(store, session)
        _restore(store, row, expected, restored, way)
        db.execute(
            "UPDATE case_decisions SET undone = ? WHERE id = ?",
            [_UNDONE if way == "undo" else _CURRENT, row["id"]],
        )
        event = int(store.value("SELECT max(id) + 1 FROM case_decisions"))
        done = {"event": event, "session": session, "at": now(), "who": who, "kind": way}
        store.insert("case_decisions", {**done, "target": row["event"]})
    return int(row["held_out"])


def _restore(store: Store, row: Row, expected: str, restored: str, way: str) -> None:
    present = _columns(store, row["held_out"])
    found = msgspec.json.decode(row[expected])
    if any(present[key] != value for key, value in found.items()):
        raise StateError(
            "This held-out case has been changed by somebody else since.",
            f"Decide anew instead of {way}.",
        )
    _write(store, row["held_out"], {**present, **msgspec.json.decode(row[restored])})


def _refuse_sealed(store: Store, session: int) -> None:
    sealed = sessions.by_id(store, session).sealed_at
    if sealed is not None:
        raise StateError(
            f"The held-out set was sealed on {sealed}: its cases stay as they are.",
            "New held-out cases need a new session.",
        )


def _columns(store: Store, case: int) -> Row:
    row = store.row(f"SELECT {', '.join(_COLUMNS)} FROM cases WHERE id = ?", [case])
    assert row is not None, "decisions are about stored cases only"
    return row


def _as_columns(before: Row, change: CaseChange, event: int) -> Row:
    columns: Row = {}
    if change.status is not None:
        columns["status"] = change.status
        columns["put_off"] = event if change.status == "later" else 0
    if change.confirmed is not None:
        columns["confirmed"] = msgspec.json.encode(change.confirmed).decode()
    if change.body is not None:
        columns["body"] = msgspec.json.encode(change.body).decode()
        columns["original"] = before["original"] or before["body"]
    return columns


def _write(store: Store, case: int, columns: Row) -> None:
    values = ", ".join(f"{name} = :{name}" for name in _COLUMNS)
    store.db.execute(f"UPDATE cases SET {values} WHERE id = :id", {**columns, "id": case})


def _difference(these: Row, those: Row) -> str:
    """Only the columns in which the two states differ, as JSON."""
    return msgspec.json.encode({k: v for k, v in these.items() if v != those[k]}).decode()

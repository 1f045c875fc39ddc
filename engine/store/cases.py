"""The held-out cases of a session. After the seal they are only read to be answered and judged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from engine.errors import NotFoundError
from engine.records import Assertion, Case, Finding
from engine.store.connection import Row, Store

CaseStatus: TypeAlias = Literal["", "confirmed", "later", "dropped"]
"""What a person made of a case; empty as long as nobody has."""


class StoredCase(msgspec.Struct, frozen=True):
    """A held-out case with what was decided about it."""

    id: int
    case: Case
    """As it stands: its assertions are the ones that judge."""
    original: Case
    """As it came."""
    origin: str
    is_given: bool
    """Somebody wrote it with its assertions: it came in strop's own format for cases."""
    status: CaseStatus
    confirmed: tuple[Assertion, ...]
    """Those of its assertions that a person has confirmed here."""
    put_off: int

    @property
    def is_backed(self) -> bool:
        """Whether a person stands behind something that judges it, and not strop's proposal alone.

        Choices and texts need no assertion.
        """
        case = self.case
        if case.choices or case.text:
            return True
        given = self.original.assertions if self.is_given else ()
        return any(a in self.confirmed or a in given for a in case.assertions)


def add(store: Store, session: int, origin: str, cases: Iterable[Case]) -> tuple[int, int]:
    """Add cases from one origin; answers (added, already there by name)."""
    added = known = 0
    with store.transaction() as db:
        for case in cases:
            cursor = db.execute(
                "INSERT OR IGNORE INTO cases (session, name, origin, body) VALUES (?, ?, ?, ?)",
                [session, case.id, origin, msgspec.json.encode(case).decode()],
            )
            added += cursor.rowcount
            known += 1 - cursor.rowcount
    return added, known


def every(store: Store, session: int) -> list[Case]:
    """All held-out cases that were not dropped, in order of arrival."""
    sql = "SELECT body FROM cases WHERE session = ? AND status != 'dropped' ORDER BY id"
    return [msgspec.json.decode(r["body"], type=Case) for r in store.rows(sql, [session])]


def count(store: Store, session: int) -> int:
    """How many held-out cases there are, those that were dropped left out."""
    sql = "SELECT count(*) FROM cases WHERE session = ? AND status != 'dropped'"
    return int(store.value(sql, [session]))


def stored(store: Store, session: int) -> list[StoredCase]:
    """Every case with what was decided about it, dropped ones too, in order of arrival."""
    return [
        _stored(row) for row in store.rows(f"{_SELECT} WHERE c.session = ? ORDER BY id", [session])
    ]


def get(store: Store, session: int, case: int) -> StoredCase:
    """One case; raises NotFoundError."""
    row = store.row(f"{_SELECT} WHERE c.session = ? AND c.id = ?", [session, case])
    if row is None:
        raise NotFoundError("This held-out case is not there any more.", "Look at the list again.")
    return _stored(row)


def leaks(store: Store, session: int, name: str) -> list[Finding]:
    """What the checks found of examples that ask what a case asks."""
    rows = store.rows(
        "SELECT body FROM findings WHERE session = ? AND check_name = 'leak'"
        " AND json_extract(body, '$.case') = ? ORDER BY id",
        [session, name],
    )
    return [msgspec.json.decode(r["body"], type=Finding) for r in rows]


def remove_origin(store: Store, session: int, origin: str) -> None:
    """Take out the cases of one origin, so that a split can be made anew."""
    with store.transaction() as db:
        db.execute("DELETE FROM cases WHERE session = ? AND origin = ?", [session, origin])


def digest(cases: Iterable[Case]) -> str:
    """SHA-256 over the cases in order of their names, 64 hex digits."""
    ordered = sorted(cases, key=lambda c: c.id)
    return hashlib.sha256(msgspec.json.encode(ordered, order="sorted")).hexdigest()


_SELECT = (
    "SELECT c.*, EXISTS (SELECT 1 FROM sources AS s WHERE s.session = c.session"
    " AND s.name = c.origin AND s.format = 'cases' AND s.held_out = 1) AS is_given FROM cases AS c"
)


def _stored(row: Row) -> StoredCase:
    case = msgspec.json.decode(row["body"], type=Case)
    original = row["original"]
    return StoredCase(
        id=row["id"],
        case=case,
        original=msgspec.json.decode(original, type=Case) if original else case,
        origin=row["origin"],
        is_given=bool(row["is_given"]),
        status=row["status"],
        confirmed=msgspec.json.decode(row["confirmed"], type=tuple[Assertion, ...]),
        put_off=row["put_off"],
    )

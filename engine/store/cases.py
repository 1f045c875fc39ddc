"""The held-out cases of a session. After the seal they are only read to be answered and judged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from engine.records import Case
from engine.store.connection import Store


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
    """All held-out cases, in order of arrival."""
    rows = store.rows("SELECT body FROM cases WHERE session = ? ORDER BY id", [session])
    return [msgspec.json.decode(r["body"], type=Case) for r in rows]


def count(store: Store, session: int) -> int:
    """How many held-out cases there are."""
    return int(store.value("SELECT count(*) FROM cases WHERE session = ?", [session]))


def remove_origin(store: Store, session: int, origin: str) -> None:
    """Take out the cases of one origin, so that a split can be made anew."""
    with store.transaction() as db:
        db.execute("DELETE FROM cases WHERE session = ? AND origin = ?", [session, origin])


def digest(cases: Iterable[Case]) -> str:
    """SHA-256 over the cases in order of their names, 64 hex digits."""
    ordered = sorted(cases, key=lambda c: c.id)
    return hashlib.sha256(msgspec.json.encode(ordered, order="sorted")).hexdigest()

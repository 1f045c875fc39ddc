"""Outcomes of the user's own checks, kept under a hash of the check's file and all it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.records import OwnOutcome
from engine.store.connection import Store, now

CHUNK = 500


def add(store: Store, outcomes: Mapping[str, OwnOutcome]) -> None:
    """Keep outcomes under their keys; an outcome that is there already stays."""
    with store.transaction() as db:
        db.conn.executemany(
            "INSERT OR IGNORE INTO own_checks (key, passed, reason, at) VALUES (?, ?, ?, ?)",
            [(key, one.passed, one.reason, now()) for key, one in outcomes.items()],
        )


def known(store: Store, keys: Sequence[str]) -> dict[str, OwnOutcome]:
    """Those of the keys that have an outcome."""
    found: dict[str, OwnOutcome] = {}
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        marks = ",".join("?" * len(part))
        sql = f"SELECT key, passed, reason FROM own_checks WHERE key IN ({marks})"
        for row in store.rows(sql, part):
            found[row["key"]] = OwnOutcome(bool(row["passed"]), row["reason"])
    return found

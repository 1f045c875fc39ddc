"""What the checks found, with the rows concerned. Replaced whole each time the checks run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from engine.records import Finding
from engine.store.connection import Store

if TYPE_CHECKING:
    from sqlite_utils import Database


def replace(store: Store, session: int, findings: Iterable[Finding]) -> None:
    """Put these findings in the place of all earlier ones of the session."""
    with store.transaction() as db:
        db.execute("DELETE FROM findings WHERE session = ?", [session])
        _add(db, session, findings)


def replace_about(
    store: Store, session: int, example: int, checks: Sequence[str], findings: Iterable[Finding]
) -> None:
    """Put these findings in the place of those that some checks made about one example."""
    marks = ", ".join("?" * len(checks))
    with store.transaction() as db:
        db.execute(
            "DELETE FROM findings WHERE session = ?"
            " AND id IN (SELECT finding FROM finding_examples WHERE example = ?)"
            f" AND check_name IN ({marks})",
            [session, example, *checks],
        )
        _add(db, session, findings)


def _add(db: Database, session: int, findings: Iterable[Finding]) -> None:
    for finding in findings:
        cursor = db.execute(
            "INSERT INTO findings (session, check_name, severity, body) VALUES (?, ?, ?, ?)",
            [session, finding.check, finding.severity, msgspec.json.encode(finding).decode()],
        )
        number = cursor.lastrowid
        db.conn.executemany(
            "INSERT INTO finding_examples (finding, example) VALUES (?, ?)",
            [(number, example) for example in set(finding.examples)],
        )


def every(store: Store, session: int) -> list[Finding]:
    """All findings of a session, in the order the checks made them."""
    rows = store.rows("SELECT body FROM findings WHERE session = ? ORDER BY id", [session])
    return [msgspec.json.decode(r["body"], type=Finding) for r in rows]


def about(store: Store, example: int) -> list[Finding]:
    """The findings that concern one example."""
    rows = store.rows(
        "SELECT f.body FROM findings f JOIN finding_examples e ON e.finding = f.id"
        " WHERE e.example = ? ORDER BY f.id",
        [example],
    )
    return [msgspec.json.decode(r["body"], type=Finding) for r in rows]

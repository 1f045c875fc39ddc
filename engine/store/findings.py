"""What the checks found, with the rows concerned. Replaced whole each time the checks run."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.records import Finding
from engine.store.connection import Store


def replace(store: Store, session: int, findings: Iterable[Finding]) -> None:
    """Put these findings in the place of all earlier ones of the session."""
    with store.transaction() as db:
        db.execute("DELETE FROM findings WHERE session = ?", [session])
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

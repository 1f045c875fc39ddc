"""What the checks found, with the rows concerned. A run of the checks writes only what changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from engine.records import Finding
from engine.store.connection import Store

if TYPE_CHECKING:
    from sqlite_utils import Database


def replace(
    store: Store, session: int, findings: Iterable[Finding], checks: Sequence[str] = ()
) -> None:
    """Put these findings in the place of the session's earlier ones, or those of some checks."""
    marks = ", ".join("?" * len(checks))
    narrowed = f" AND check_name IN ({marks})" if checks else ""
    with store.transaction() as db:
        db.execute(f"DELETE FROM findings WHERE session = ?{narrowed}", [session, *checks])
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


def settle(
    store: Store,
    session: int,
    examples: Collection[int],
    checks: Sequence[str],
    findings: Sequence[Finding],
) -> None:
    """Put these findings in the place of those that some checks made about some examples."""
    marks = ", ".join("?" * len(checks))
    with store.transaction() as db:
        db.execute("CREATE TEMP TABLE IF NOT EXISTS settled (example INTEGER PRIMARY KEY)")
        db.execute("DELETE FROM temp.settled")
        db.conn.executemany("INSERT INTO temp.settled VALUES (?)", [(i,) for i in examples])
        db.execute(
            "DELETE FROM findings WHERE id IN (SELECT fe.finding FROM temp.settled"
            " CROSS JOIN finding_examples AS fe ON fe.example = temp.settled.example)"
            f" AND session = ? AND check_name IN ({marks})",
            [session, *checks],
        )
        _add(db, session, findings)


def update(
    store: Store, session: int, check: str, findings: Iterable[Finding], *, whole: bool = False
) -> None:
    """Make these all that a check has found; what it had found before stays untouched.

    whole: only those that concern no single example.
    """
    wanted = {msgspec.json.encode(f).decode(): f for f in findings}
    none = " AND NOT EXISTS (SELECT 1 FROM finding_examples WHERE finding = f.id)" if whole else ""
    with store.transaction() as db:
        cursor = db.execute(
            f"SELECT id, body FROM findings AS f WHERE session = ? AND check_name = ?{none}",
            [session, check],
        )
        gone = [(number,) for number, body in cursor if wanted.pop(body, None) is None]
        db.conn.executemany("DELETE FROM findings WHERE id = ?", gone)
        _add(db, session, wanted.values())


def forget_sealed(store: Store, session: int, checks: Sequence[str]) -> None:
    """Drop what some checks found about examples that have become held-out cases."""
    marks = ", ".join("?" * len(checks))
    with store.transaction() as db:
        db.execute(
            "DELETE FROM findings WHERE id IN (SELECT fe.finding FROM examples AS e"
            " INDEXED BY examples_sealed JOIN finding_examples AS fe ON fe.example = e.id"
            f" WHERE e.session = ? AND e.part = 'held_out') AND check_name IN ({marks})",
            [session, *checks],
        )


def checks(store: Store, session: int) -> list[str]:
    """Names of the checks that have found something."""
    sql = "SELECT DISTINCT check_name FROM findings WHERE session = ?"
    return [row["check_name"] for row in store.rows(sql, [session])]


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
    """All findings of a session, by check and row: in the same order whichever run found them."""
    rows = store.rows("SELECT body FROM findings WHERE session = ?", [session])
    found = [msgspec.json.decode(r["body"], type=Finding) for r in rows]
    return sorted(found, key=lambda f: (f.check, f.examples, f.detail, f.case))


def about(store: Store, example: int) -> list[Finding]:
    """The findings that concern one example."""
    rows = store.rows(
        "SELECT f.body FROM findings f JOIN finding_examples e ON e.finding = f.id"
        " WHERE e.example = ? ORDER BY f.id",
        [example],
    )
    return [msgspec.json.decode(r["body"], type=Finding) for r in rows]


def about_each(store: Store, examples: Sequence[int]) -> dict[int, list[Finding]]:
    """The findings that concern each of a few examples; an example without any has no entry."""
    marks = ", ".join("?" * len(examples))
    rows = store.rows(
        "SELECT e.example, f.body FROM finding_examples e JOIN findings f ON f.id = e.finding"
        f" WHERE e.example IN ({marks}) ORDER BY f.id",
        list(examples),
    )
    found: dict[int, list[Finding]] = {}
    for row in rows:
        finding = msgspec.json.decode(row["body"], type=Finding)
        found.setdefault(row["example"], []).append(finding)
    return found


def about_the_whole(store: Store, session: int) -> list[Finding]:
    """The findings that concern no single example."""
    rows = store.rows(
        "SELECT body FROM findings AS f WHERE session = ?"
        " AND NOT EXISTS (SELECT 1 FROM finding_examples WHERE finding = f.id) ORDER BY id",
        [session],
    )
    return [msgspec.json.decode(r["body"], type=Finding) for r in rows]


def first_block(store: Store, examples: Iterable[int]) -> tuple[int, Finding] | None:
    """The first of these examples that cannot be accepted as it is, and why."""
    for example in examples:
        row = store.row(
            "SELECT f.body FROM finding_examples e JOIN findings f ON f.id = e.finding"
            " WHERE e.example = ? AND f.severity = 'block' ORDER BY f.id LIMIT 1",
            [example],
        )
        if row is not None:
            return example, msgspec.json.decode(row["body"], type=Finding)
    return None


def any_at_all(store: Store, session: int) -> bool:
    """Whether the checks have found anything in a session."""
    return store.row("SELECT 1 FROM findings WHERE session = ? LIMIT 1", [session]) is not None


def extent(store: Store, session: int) -> tuple[int, int]:
    """How many findings a session has, and about how many examples."""
    row = store.row(
        "SELECT count(DISTINCT f.id) AS found, count(DISTINCT e.example) AS about FROM findings f"
        " LEFT JOIN finding_examples e ON e.finding = f.id WHERE f.session = ?",
        [session],
    )
    return (row["found"], row["about"]) if row else (0, 0)

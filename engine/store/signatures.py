"""What the checks know of each row: its signature, whether it was checked, what was compared.

A change of a row's words, intent or part takes its signature away, by a trigger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from engine.records import Example, NumberedExample
from engine.store.connection import Row, Store

BATCH = 2_000
"""Rows read and written at a time: others get the lock in between."""
_AT_ONCE = 500
"""Ids in one question to SQLite."""


class SignedRow(NamedTuple):
    """A row with its signature."""

    row: NumberedExample
    body: bytes
    is_checked: bool


def sign(
    store: Store, session: int, signer: Callable[[Sequence[NumberedExample]], Sequence[bytes]]
) -> int:
    """Sign every row that has no signature; answers how many that were. Sealed rows have none."""
    signed, after = 0, 0
    while True:
        with store.transaction() as db:
            found = store.rows(
                "SELECT id, body, intent FROM examples AS e"
                " WHERE session = ? AND id > ? AND part != 'held_out'"
                " AND NOT EXISTS (SELECT 1 FROM signatures WHERE example = e.id)"
                " ORDER BY id LIMIT ?",
                [session, after, BATCH],
            )
            if not found:
                return signed
            rows = [_numbered(row) for row in found]
            db.conn.executemany(
                "INSERT INTO signatures (example, session, body) VALUES (?, ?, ?)",
                ((r.id, session, body) for r, body in zip(rows, signer(rows), strict=True)),
            )
        signed, after = signed + len(rows), rows[-1].id


def forget(store: Store, session: int) -> None:
    """Take all signatures away."""
    with store.transaction() as db:
        db.execute("DELETE FROM signatures WHERE session = ?", [session])


def count(store: Store, session: int) -> int:
    """How many rows are signed."""
    return int(store.value("SELECT count(*) FROM signatures WHERE session = ?", [session]))


def bodies(store: Store, session: int) -> Iterator[bytes]:
    """All signatures, by id of their row, joined in batches."""
    cursor = store.db.execute(
        "SELECT body FROM signatures WHERE session = ? ORDER BY example", [session]
    )
    while batch := cursor.fetchmany(BATCH):
        yield b"".join(body for (body,) in batch)


def batches(store: Store, session: int, *, unchecked: bool = False) -> Iterator[list[SignedRow]]:
    """Signed rows by id, all or those that no check has looked at yet, in batches."""
    after = 0
    wanted = " AND s.checked = 0" if unchecked else ""
    while True:
        found = store.rows(
            "SELECT e.id, e.body, e.intent, s.body AS signature, s.checked FROM signatures AS s"
            " JOIN examples AS e ON e.id = s.example"
            f" WHERE s.session = ? AND s.example > ?{wanted} ORDER BY s.example LIMIT ?",
            [session, after, BATCH],
        )
        if not found:
            return
        yield [SignedRow(_numbered(row), row["signature"], bool(row["checked"])) for row in found]
        after = found[-1]["id"]


def rows(store: Store, ids: Sequence[int]) -> list[NumberedExample]:
    """Rows by id, in the order asked for."""
    found: dict[int, NumberedExample] = {}
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT id, body, intent FROM examples WHERE id IN ({marks})"
        found |= {row["id"]: _numbered(row) for row in store.rows(sql, list(some))}
    return [found[i] for i in ids]


def unchanged(store: Store, ids: Sequence[int]) -> set[int]:
    """Those of some rows that still are what was signed."""
    marks = ", ".join("?" * len(ids))
    found = store.rows(f"SELECT example FROM signatures WHERE example IN ({marks})", list(ids))
    return {row["example"] for row in found}


def mark_checked(store: Store, ids: Iterable[int]) -> None:
    """Note that every check has looked at these rows."""
    with store.transaction() as db:
        db.conn.executemany(
            "UPDATE signatures SET checked = 1 WHERE example = ?", [(i,) for i in ids]
        )


def states(store: Store, session: int) -> dict[str, str]:
    """By name, under which conditions a check was last run to its end."""
    found = store.rows("SELECT name, key FROM check_states WHERE session = ?", [session])
    return {row["name"]: row["key"] for row in found}


def page(store: Store, session: int, name: str) -> bytes | None:
    """What was kept under a name."""
    body = store.value(
        "SELECT body FROM check_states WHERE session = ? AND name = ?", [session, name]
    )
    return None if body is None else bytes(body)


def keep(store: Store, session: int, name: str, key: str, body: bytes | None = None) -> None:
    """Keep a state in place of the one before."""
    with store.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO check_states (session, name, key, body) VALUES (?, ?, ?, ?)",
            [session, name, key, body],
        )


def _numbered(row: Row) -> NumberedExample:
    example = msgspec.json.decode(row["body"], type=Example)
    if row["intent"] != example.intent:
        example = msgspec.structs.replace(example, intent=row["intent"])
    return NumberedExample(row["id"], example)

"""The queue of a session's examples, page by page: what is served next, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from engine.store import claims, scores
from engine.store.connection import Row, Store
from engine.store.examples import Key, StoredExample, stored_from
from engine.store.sieve import Sieve, find

Way: TypeAlias = Literal["forward", "backward"]
CHUNK = 5_000
"""Rows given a rank in one transaction: decisions wait for no more than that."""
_UNCLAIMED = (
    "NOT EXISTS (SELECT 1 FROM claims AS claim WHERE claim.example = e.id"
    f" AND claim.holder != ? AND {claims.LIVE})"
)
COUNTED = 10_000
"""Matches are counted up to here; beyond, `more than` is enough."""


def serve(
    store: Store, session: int, holder: str, start: Key | None, way: Way, count: int
) -> list[StoredExample]:
    """The next examples that wait for a decision, claimed for this holder.

    start: the place behind which (or before which) they stand; None for the end they come from.
    What others have claimed is left out. Nearest first, whichever the way.
    """
    with store.transaction():
        rows: list[Row] = []
        for status in ("undecided", "later") if way == "forward" else ("later", "undecided"):
            rows += _waiting(store, session, holder, status, start, way, count - len(rows))
        claims.take(store, session, holder, [row["id"] for row in rows])
    return [stored_from(row) for row in rows]


def take_up(store: Store, session: int, holder: str, example: int) -> StoredExample | None:
    """One example that waits, claimed for this holder; None when it does not, or another has it."""
    with store.transaction():
        row = store.row(
            "SELECT e.* FROM examples AS e WHERE e.id = ? AND e.session = ?"
            f" AND e.status IN ('undecided', 'later') AND e.part != 'held_out' AND {_UNCLAIMED}",
            [example, session, holder],
        )
        claims.take(store, session, holder, [example] if row else [])
    return stored_from(row) if row else None


def _waiting(
    store: Store, session: int, holder: str, status: str, start: Key | None, way: Way, count: int
) -> list[Row]:
    beyond, values, order = _from(start, way)
    sql = (
        "SELECT e.* FROM examples AS e INDEXED BY examples_queue"
        f" WHERE e.session = ? AND e.status = ? AND e.part != 'held_out'{beyond}"
        f" AND {_UNCLAIMED} {order} LIMIT ?"
    )
    return store.rows(sql, [session, status, *values, holder, count]) if count else []


def page(
    store: Store, session: int, sieve: Sieve, start: Key | None, way: Way, count: int
) -> list[StoredExample]:
    """The next examples that pass a filter, whatever was decided about them; see `serve`."""
    found = find(store, session, sieve)
    beyond, values, order = _from(start, way)
    sql = f"SELECT e.* FROM {found.table} WHERE {found.condition}{beyond} {order} LIMIT ?"
    return [stored_from(r) for r in store.rows(sql, [*found.parameters, *values, count])]


def count(store: Store, session: int, sieve: Sieve, before: Key | None = None) -> int:
    """How many pass a filter (before a place, if one is given); COUNTED + 1 stands for all more."""
    found = find(store, session, sieve, whole=True)
    within, values, _ = _from(before, "backward")
    matching = f"SELECT 1 FROM {found.table} WHERE {found.condition}{within} LIMIT ?"
    sql = f"SELECT count(*) FROM ({matching})"
    return int(store.value(sql, [*found.parameters, *values, COUNTED + 1]))


def waiting_ids(store: Store, session: int) -> list[int]:
    """Ids of all that wait for a decision, in the order of the queue."""
    rows = store.rows(
        "SELECT id FROM examples WHERE session = ? AND status IN ('undecided', 'later')"
        " ORDER BY put_off, rank, id",
        [session],
    )
    return [row["id"] for row in rows]


def rank(store: Store, session: int, first: Iterable[int]) -> None:
    """Give every example its place: those named, as they are named; then in turn over the intents.

    Within an intent what the base model finds hardest comes first, as far as it was asked.
    Decisions go on meanwhile: it is written in small steps.
    """
    db = store.db
    db.execute("DROP TABLE IF EXISTS temp.ranked")
    db.execute("CREATE TEMP TABLE ranked (place INTEGER PRIMARY KEY, id INTEGER UNIQUE)")
    named = [(example,) for example in dict.fromkeys(first)]
    db.conn.executemany("INSERT INTO temp.ranked (id) VALUES (?)", named)
    db.execute(_IN_TURN.format(scores=scores.join(store)), [session])
    last = int(store.value("SELECT coalesce(max(place), 0) FROM temp.ranked"))
    for start in range(0, last, CHUNK):
        with store.transaction():
            db.execute(_WRITE_RANKS, [start, start + CHUNK])
    db.execute("DROP TABLE temp.ranked")


_IN_TURN = """
INSERT OR IGNORE INTO temp.ranked (id)
SELECT id FROM (
  SELECT e.id, e.intent,
    row_number() OVER (PARTITION BY e.intent ORDER BY s.loss DESC NULLS LAST, e.id) AS turn
  FROM examples AS e {scores} WHERE e.session = ?
) ORDER BY turn, intent
"""
_WRITE_RANKS = """
UPDATE examples SET rank = ranked.place FROM temp.ranked AS ranked
WHERE ranked.place > ? AND ranked.place <= ? AND examples.id = ranked.id
AND examples.rank != ranked.place
"""


def _from(start: Key | None, way: Way) -> tuple[str, Sequence[object], str]:
    """SQL of `behind this place`, its values, and the order."""
    sign, order = (">", "") if way == "forward" else ("<", " DESC")
    by = f"ORDER BY e.put_off{order}, e.rank{order}, e.id{order}"
    if start is None:
        return "", (), by
    return f" AND (e.put_off, e.rank, e.id) {sign} (?, ?, ?)", start, by

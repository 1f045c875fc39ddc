"""Who is looking at which example just now, so that two curators are never served the same one.

A claim is a courtesy, not a lock: it ends when the example is decided, when its holder leaves, and
a few minutes after a holder was last heard of.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.store.connection import Store

LIFETIME_S = 180
LIVE = f"claim.at > unixepoch() - {LIFETIME_S}"
"""SQL: whether the holder of a claim is still there."""


def take(store: Store, session: int, holder: str, examples: Iterable[int]) -> None:
    """Claim examples, inside the transaction that chose them."""
    store.db.conn.executemany(
        "INSERT OR REPLACE INTO claims (example, session, holder, at)"
        " VALUES (?, ?, ?, unixepoch())",
        [(example, session, holder) for example in examples],
    )


def renew(store: Store, session: int, holder: str) -> None:
    """Say that a holder is still there."""
    with store.transaction() as db:
        db.execute(
            "UPDATE claims SET at = unixepoch() WHERE session = ? AND holder = ?",
            [session, holder],
        )


def release(store: Store, session: int, holder: str) -> None:
    """Give back everything that a holder claims."""
    with store.transaction() as db:
        db.execute("DELETE FROM claims WHERE session = ? AND holder = ?", [session, holder])


def others(store: Store, session: int, holder: str) -> list[str]:
    """Names of those who hold claims just now, this holder left out."""
    rows = store.rows(
        f"SELECT DISTINCT holder FROM claims AS claim WHERE session = ? AND holder != ? AND {LIVE}",
        [session, holder],
    )
    return sorted({name_of(row["holder"]) for row in rows})


def holder_of(who: str, visit: str) -> str:
    """One person at one terminal; `visit` tells two terminals of one person apart."""
    return f"{who}\n{visit}"


def name_of(holder: str) -> str:
    """The person behind a claim."""
    return holder.split("\n", 1)[0]

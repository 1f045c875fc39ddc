"""Second opinions: examples served again, without a word, to see how far reviewers agree."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import TypeAlias

from engine.store.connection import Store
from engine.store.examples import StoredExample, get

Pair: TypeAlias = tuple[str, str, bool, bool]
"""Who decided, who judged again, and whether either of them accepts."""


def candidate(
    store: Store, session: int, who: str, apart: int, avoid: Iterable[int] = ()
) -> StoredExample | None:
    """A decided example worth a second look by this person; None when there is none.

    Somebody else's decision if there is one, else an own one; never one of the last `apart`
    decisions, and nobody sees the same one a third time. The same store answers the same one.
    """
    newest = int(store.value("SELECT coalesce(max(id), 0) FROM decisions")) - apart
    if newest < 1:
        return None
    start = Random(newest).randint(1, newest)
    kept_out = list(avoid)
    for whose in ("!=", "="):
        row = store.row(
            "SELECT d.example FROM decisions AS d JOIN examples AS e ON e.id = d.example"
            f" WHERE d.id BETWEEN ? AND ? AND d.session = ? AND d.undone = 0 AND d.who {whose} ?"
            " AND d.kind IN ('accept', 'reject')"
            " AND e.status IN ('accepted', 'rejected') AND e.part != 'held_out'"
            f" AND e.id NOT IN ({', '.join('?' * len(kept_out))})"
            " AND NOT EXISTS (SELECT 1 FROM decisions AS again WHERE again.example = d.example"
            "   AND again.who = ? AND again.kind IN ('repeat_accept', 'repeat_reject'))"
            " ORDER BY d.id LIMIT 1",
            [start, newest, session, who, *kept_out, who],
        )
        if row is not None:
            return get(store, row["example"])
    return None


def pairs(store: Store, session: int) -> list[Pair]:
    """Every second opinion that stands, beside the decision that stood when it was given."""
    rows = store.rows(
        "SELECT again.who AS second, again.kind AS second_kind,"
        " d.who AS first, d.kind AS first_kind"
        " FROM decisions AS again JOIN decisions AS d ON d.id = ("
        "   SELECT max(id) FROM decisions WHERE example = again.example AND id < again.id"
        "   AND undone = 0 AND kind IN ('accept', 'reject'))"
        " WHERE again.session = ? AND again.undone = 0"
        " AND again.kind IN ('repeat_accept', 'repeat_reject') ORDER BY again.id",
        [session],
    )
    return [
        (r["first"], r["second"], r["first_kind"] == "accept", r["second_kind"] == "repeat_accept")
        for r in rows
    ]


def by_person(store: Store, session: int) -> list[tuple[str, int, int]]:
    """Name, accepted and rejected examples of everybody who decided, most decisions first."""
    rows = store.rows(
        "SELECT who, sum(kind = 'accept') AS accepted, sum(kind = 'reject') AS rejected"
        " FROM decisions WHERE session = ? AND undone = 0 AND kind IN ('accept', 'reject')"
        " GROUP BY who ORDER BY count(*) DESC, who",
        [session],
    )
    return [(r["who"], r["accepted"], r["rejected"]) for r in rows]


def is_due(store: Store, session: int, who: str, every: int) -> bool:
    """Whether this person has decided so many examples since the last one that came again."""
    sql = (
        "SELECT count(*) FROM (SELECT 1 FROM decisions WHERE session = ? AND who = ?"
        " AND undone = 0 AND kind IN ('accept', 'reject') AND id > ("
        "   SELECT coalesce(max(id), 0) FROM decisions WHERE session = ? AND who = ?"
        "   AND kind IN ('repeat_accept', 'repeat_reject')) LIMIT ?)"
    )
    return int(store.value(sql, [session, who, session, who, every])) >= every

"""Held-out cases in a store that was made before anything could be decided about them."""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlite_utils import Database

from engine.records import Assertion, Case
from engine.store import cases
from engine.store.connection import Store
from engine.store.migrations import migrations


def test_cases_of_an_older_store_are_undecided_and_judge_as_before(tmp_path: Path) -> None:
    path = tmp_path / "strop.db"
    older = Database(path)
    migrations.apply(older, stop_before="0004_scores")
    older.execute(
        "INSERT INTO sessions (id, slug, name, created, touched, scope)"
        " VALUES (1, 's', 's', '', '', '{\"name\": \"s\"}')"
    )
    case = Case("c1", reference="Within 45 days.", assertions=(Assertion("number", 45),))
    older.execute(
        "INSERT INTO cases (session, name, origin, body) VALUES (1, 'c1', 'h.jsonl', ?)",
        [msgspec.json.encode(case).decode()],
    )
    older.conn.commit()
    older.close()
    store = Store(path)
    assert cases.every(store, 1) == [case]
    (found,) = cases.stored(store, 1)
    assert (found.status, found.confirmed, found.original) == ("", (), case)
    assert not found.is_backed
    assert list(tmp_path.glob("strop.db.before-*"))
    store.close()

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from engine.errors import StoreError
from engine.scope import Scope
from engine.store import sessions
from engine.store.connection import Store
from engine.store.migrations import back_up, migrations


def test_a_new_store_has_every_migration_and_writes_ahead(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "strop.db")
    assert not migrations.pending(store.db)
    assert store.value("PRAGMA journal_mode") == "wal"
    store.close()


def test_a_failed_transaction_leaves_nothing_behind(store: Store) -> None:
    def fail_half_way() -> None:
        with store.transaction():
            sessions.create(store, Scope(name="Half"))
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        fail_half_way()
    assert sessions.every(store) == []


def test_a_backup_holds_what_the_store_held(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions.create(store, Scope(name="Kept"))
    pending = migrations._migrations[0]
    monkeypatch.setattr(migrations, "pending", lambda _db: [pending])
    back_up(store.db, store.path)
    copy = sqlite3.connect(store.path.with_name(f"strop.db.before-{pending.name}"))
    assert copy.execute("SELECT name FROM sessions").fetchall() == [("Kept",)]
    copy.close()


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "strop.db"
    path.write_text("this is a letter, not a database, and long enough to be read as one" * 20)
    with pytest.raises(StoreError, match="not a database"):
        Store(path)

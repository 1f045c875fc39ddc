"""Opening the store: one SQLite file in WAL mode, a connection per thread, writes that wait."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from engine.errors import StoreError
from engine.store.migrations import migrate

BUSY_TIMEOUT_S = 20
Row = dict[str, Any]


def now() -> str:
    """The moment as UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Store:
    """The opened store. Each thread gets a connection of its own; several processes may be open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: list[Database] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            migrate(self.db, path)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"{path}: {error}", "Check the folder's permissions, or point STROP_HOME elsewhere."
            ) from error

    @property
    def db(self) -> Database:
        """This thread's connection."""
        existing: Database | None = getattr(self._local, "db", None)
        if existing is None:
            existing = self._connect()
            self._local.db = existing
            self._opened.append(existing)
        return existing

    def rows(self, sql: str, params: Sequence[object] | dict[str, object] = ()) -> list[Row]:
        """All rows of a query, as dictionaries by column."""
        return list(self.db.query(sql, params))

    def row(self, sql: str, params: Sequence[object] | dict[str, object] = ()) -> Row | None:
        """The first row of a query, or None."""
        return next(iter(self.db.query(sql, params)), None)

    def value(self, sql: str, params: Sequence[object] | dict[str, object] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, params)
        return None if row is None else next(iter(row.values()))

    def insert(self, table: str, row: Row) -> int:
        """Insert one row inside the current transaction; answers its primary key."""
        key = self.db.table(table).insert(row).last_pk
        assert isinstance(key, int), "tables written here have integer keys"
        return key

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """A write: takes the write lock at once (so that it cannot fail half-way), then commits.

        Nested use joins the outer transaction.
        """
        db = self.db
        if db.conn.in_transaction:
            yield db
            return
        try:
            db.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{self.path}: {error}", "Another strop holds the store; try again."
            ) from error
        try:
            yield db
        except BaseException:
            db.conn.rollback()
            raise
        db.conn.commit()

    def close(self) -> None:
        """Close every connection that any thread opened."""
        for db in self._opened:
            db.conn.close()
        self._opened.clear()
        self._local = threading.local()

    def _connect(self) -> Database:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        db = Database(connection)
        db.enable_wal()
        # Every decision must survive a power cut, not only a crash of the app.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        return db

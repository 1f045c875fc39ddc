"""Rows on their way into the store: set aside without a lock, then brought over in batches.

What was set aside whole is brought over by whoever opens the store next, should this process die
on the way; what was not is thrown away. So an import is there as a whole, or not at all.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from engine.errors import StoreError
from engine.store import examples, sources
from engine.store.connection import Store
from engine.store.sources import Counts, Refused, SourceKey

BATCH = 20_000
"""Rows brought over in one transaction: others wait for the lock for a fraction of a second."""
PAUSE_S = 0.02
"""Time between two batches, in which those who wait for the lock get it."""
CACHE_KB = 32_000
"""Of the store's index on fingerprints, whose pages a batch touches all over."""

Brought = Callable[[int], None]
"""Told how many rows have been brought over."""

_TABLES = """
CREATE TABLE head (body TEXT NOT NULL);
CREATE TABLE rows (
  id INTEGER PRIMARY KEY, line INTEGER NOT NULL, fingerprint TEXT NOT NULL,
  occurrence INTEGER NOT NULL DEFAULT 1, body TEXT NOT NULL, intent TEXT NOT NULL,
  tags TEXT NOT NULL
);
CREATE TABLE refused (
  id INTEGER PRIMARY KEY, line INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,
  hint TEXT NOT NULL, raw TEXT NOT NULL
)
"""
# The same text as often as it stands in the file, numbered without holding the file in memory.
_NUMBER = """
UPDATE rows SET occurrence = counted.n FROM (
  SELECT id, row_number() OVER (PARTITION BY fingerprint ORDER BY id) AS n FROM rows
  WHERE fingerprint IN (SELECT fingerprint FROM rows GROUP BY fingerprint HAVING count(*) > 1)
) AS counted WHERE rows.id = counted.id AND counted.n > 1
"""


class Head(msgspec.Struct, frozen=True):
    """What was set aside: the source it becomes, and the name that its rows go under."""

    source: SourceKey
    file: str
    format: str


class Staging:
    """A file beside the store, held by this process alone until everything is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sealed = False
        self._db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA synchronous=NORMAL")
        # Kept until `seal`: whoever finds the file meanwhile finds it locked.
        self._db.execute("BEGIN EXCLUSIVE")
        for statement in _TABLES.split(";\n"):
            self._db.execute(statement)

    def take(self, rows: list[tuple[int, str, str, str, str]]) -> None:
        """Set rows aside: line, fingerprint, body, intent, tags."""
        self._db.executemany(
            "INSERT INTO rows (line, fingerprint, body, intent, tags) VALUES (?, ?, ?, ?, ?)", rows
        )

    def refuse(self, refused: list[Refused]) -> None:
        """Set aside what was not taken."""
        self._db.executemany(
            "INSERT INTO refused (line, kind, reason, hint, raw) VALUES (?, ?, ?, ?, ?)",
            map(msgspec.structs.astuple, refused),
        )

    def refused(self, most: int) -> list[Refused]:
        """The first rows that were not taken, in the order of the file."""
        sql = "SELECT line, kind, reason, hint, raw FROM refused ORDER BY id LIMIT ?"
        return [Refused(*row) for row in self._db.execute(sql, [most])]

    def seal(self, head: Head) -> None:
        """Everything is here; from now on it will get into the store."""
        self._db.execute("CREATE INDEX by_fingerprint ON rows (fingerprint)")
        self._db.execute(_NUMBER)
        self._db.execute("INSERT INTO head VALUES (?)", [msgspec.json.encode(head).decode()])
        self._db.execute("COMMIT")
        self.sealed = True
        self._db.close()

    def discard(self) -> None:
        """Give up what was never sealed."""
        self._db.close()
        _remove(self.path)


@contextmanager
def staging(store: Store) -> Iterator[Staging]:
    """A new file to set rows aside in; unless it was sealed it is gone afterwards."""
    name = f"{store.path.name}.import-{os.getpid()}-{time.monotonic_ns()}"
    made = Staging(store.path.with_name(name))
    try:
        yield made
    finally:
        if not made.sealed:
            made.discard()


def bring(store: Store, path: Path, brought: Brought = lambda rows: None) -> Counts:
    """Bring over what was sealed, from where it stands in the store already; then remove it.

    An error leaves the file, for `finish_interrupted`.
    """
    with _attached(store, path) as head:
        (taken,) = store.db.execute("SELECT count(*) FROM aside.rows").fetchone()
        (refused,) = store.db.execute("SELECT count(*) FROM aside.refused").fetchone()
        source = sources.begin(store, head.source, head.format, taken + refused)
        while _bring_rows(store, head, source) or _bring_refused(store, source):
            counts = sources.counts_of(store.db, source)
            brought(counts.done)
            time.sleep(PAUSE_S)
        counts = sources.counts_of(store.db, source)
    _remove(path)
    return counts


def finish_interrupted(store: Store) -> None:
    """Bring over what a process that died had sealed; throw away what it had not.

    Files of imports that are going on are locked, and left alone.
    """
    for path in sorted(store.path.parent.glob(f"{store.path.name}.import-*")):
        if path.name.endswith("-journal"):
            continue
        try:
            if _is_sealed(path):
                bring(store, path)
            else:
                _remove(path)
        # Locked, a full disk, a busy store: met again, and said, by whatever is done next.
        except (StoreError, sqlite3.Error):
            continue


def _is_sealed(path: Path) -> bool:
    """Whether a file that nobody uses is whole; raises sqlite3.OperationalError when it is used."""
    db = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        db.execute("BEGIN EXCLUSIVE")
        found = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'head'").fetchone()
        return bool(found[0])
    finally:
        db.close()


def _bring_rows(store: Store, head: Head, source: int) -> bool:
    """One batch of examples; answers whether there was one. Others may bring the same file."""
    with store.transaction() as db:
        counts = sources.counts_of(db, source)
        after = counts.accepted + counts.duplicates_of_earlier
        added, size = examples.insert_from(
            db, (head.source.session, source, head.file), "aside.rows", (after, after + BATCH)
        )
        known = counts.duplicates_of_earlier + size - added
        accepted = counts.accepted + added
        if size:
            made = msgspec.structs.replace(counts, accepted=accepted, duplicates_of_earlier=known)
            sources.set_counts(db, source, made)
    return size > 0


def _bring_refused(store: Store, source: int) -> bool:
    with store.transaction() as db:
        counts = sources.counts_of(db, source)
        after = counts.quarantined + counts.skipped
        sql = "SELECT line, kind, reason, hint, raw FROM aside.refused WHERE id > ? AND id <= ?"
        rows = db.execute(sql, [after, after + BATCH]).fetchall()
        quarantined = counts.quarantined + sum(row[1] == "quarantined" for row in rows)
        skipped = after + len(rows) - quarantined
        if rows:
            sources.refuse(db, source, rows)
            made = msgspec.structs.replace(counts, quarantined=quarantined, skipped=skipped)
            sources.set_counts(db, source, made)
    return bool(rows)


@contextmanager
def _attached(store: Store, path: Path) -> Iterator[Head]:
    """The sealed file as the schema `aside`, and more memory for the pages of the store."""
    db = store.db
    (before,) = db.execute("PRAGMA cache_size").fetchone()
    db.execute("ATTACH ? AS aside", [str(path)])
    try:
        # Reading once in exclusive mode holds the file from here to the end.
        db.execute("PRAGMA aside.locking_mode=EXCLUSIVE")
        (body,) = db.execute("SELECT body FROM aside.head").fetchone()
        db.execute(f"PRAGMA main.cache_size=-{CACHE_KB}")
        yield msgspec.json.decode(body, type=Head)
    finally:
        db.execute(f"PRAGMA main.cache_size={before}")
        db.execute("DETACH aside")


def _remove(path: Path) -> None:
    for name in (path, Path(f"{path}-journal")):
        name.unlink(missing_ok=True)

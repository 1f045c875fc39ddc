"""Imported files and the rows of them that were not taken, with line and reason."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlite_utils import Database

from engine.store.connection import Row, Store, now


class Counts(msgspec.Struct, frozen=True):
    """What became of a file's rows; `rows` is the sum of the others."""

    rows: int
    accepted: int
    quarantined: int
    skipped: int
    duplicates_of_earlier: int

    @property
    def done(self) -> int:
        """Rows of which it is known; less than `rows` while an import is being brought over."""
        return self.accepted + self.quarantined + self.skipped + self.duplicates_of_earlier


class SourceKey(msgspec.Struct, frozen=True):
    """What tells one import from another."""

    session: int
    name: str
    sha256: str
    at: str
    """UTC, ISO 8601, to the microsecond."""


class Refused(msgspec.Struct, frozen=True):
    """A row that was quarantined or skipped."""

    line: int
    kind: str
    """`quarantined` or `skipped`."""
    reason: str
    hint: str = ""
    raw: str = ""


class Source(msgspec.Struct, frozen=True):
    """One import of one file."""

    id: int
    name: str
    format: str
    sha256: str
    at: str
    held_out: bool
    counts: Counts


def add(
    store: Store,
    session: int,
    name: str,
    file_format: str,
    sha256: str,
    held_out: bool,
    *,
    at: str = "",
) -> int:
    """Begin a source, now or at a moment; answers its id. Counts are set by `finish`."""
    with store.transaction():
        return store.insert(
            "sources",
            {
                "session": session,
                "name": name,
                "format": file_format,
                "sha256": sha256,
                "at": at or now(),
                "held_out": int(held_out),
            },
        )


def finish(store: Store, source: int, counts: Counts, refused: Iterable[Refused]) -> None:
    """Write the counts of a source and the rows it did not take."""
    with store.transaction() as db:
        set_counts(db, source, counts)
        refuse(db, source, (msgspec.structs.astuple(r) for r in refused))


def set_counts(db: Database, source: int, counts: Counts) -> None:
    """Write the counts of a source, inside the current transaction."""
    db.execute(
        "UPDATE sources SET rows=?, accepted=?, quarantined=?, skipped=?, duplicates=? WHERE id=?",
        [*msgspec.structs.astuple(counts), source],
    )


def refuse(db: Database, source: int, refused: Iterable[tuple[object, ...]]) -> None:
    """Write rows that were not taken (the fields of Refused), inside the current transaction."""
    db.conn.executemany(
        "INSERT INTO quarantine (source, line, kind, reason, hint, raw) VALUES (?, ?, ?, ?, ?, ?)",
        ((source, *row) for row in refused),
    )


def begin(store: Store, key: SourceKey, file_format: str, rows: int) -> int:
    """The source of an import that is brought over in steps: a new one, or the one begun before."""
    with store.transaction() as db:
        sql = "SELECT id FROM sources WHERE session = ? AND name = ? AND sha256 = ? AND at = ?"
        begun = store.value(sql, msgspec.structs.astuple(key))
        if begun is not None:
            return int(begun)
        source = add(store, key.session, key.name, file_format, key.sha256, False, at=key.at)
        set_counts(db, source, Counts(rows, 0, 0, 0, 0))
    return source


def counts_of(db: Database, source: int) -> Counts:
    """The counts of a source as they stand now."""
    sql = "SELECT rows, accepted, quarantined, skipped, duplicates FROM sources WHERE id = ?"
    return Counts(*db.execute(sql, [source]).fetchone())


def name_of(store: Store, session: int, sha256: str, held_out: bool) -> str | None:
    """The name under which the same content came in first, or None."""
    name: str | None = store.value(
        "SELECT name FROM sources WHERE session = ? AND sha256 = ? AND held_out = ? ORDER BY id",
        [session, sha256, int(held_out)],
    )
    return name


def _counts(row: Row) -> Counts:
    return Counts(
        row["rows"], row["accepted"], row["quarantined"], row["skipped"], row["duplicates"]
    )


def every(store: Store, session: int) -> list[Source]:
    """All imports of a session, oldest first."""
    return [
        Source(
            id=r["id"],
            name=r["name"],
            format=r["format"],
            sha256=r["sha256"],
            at=r["at"],
            held_out=bool(r["held_out"]),
            counts=_counts(r),
        )
        for r in store.rows("SELECT * FROM sources WHERE session = ? ORDER BY id", [session])
    ]


def refused(store: Store, session: int) -> list[tuple[str, Refused]]:
    """Every row not taken, with the name of its file."""
    rows = store.rows(
        "SELECT s.name, q.line, q.kind, q.reason, q.hint, q.raw FROM quarantine q"
        " JOIN sources s ON s.id = q.source WHERE s.session = ? ORDER BY q.id",
        [session],
    )
    return [(r.pop("name"), msgspec.convert(r, Refused)) for r in rows]

"""Imported files and the rows of them that were not taken, with line and reason."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.store.connection import Store, now


class Counts(msgspec.Struct, frozen=True):
    """What became of a file's rows; `rows` is the sum of the others."""

    rows: int
    accepted: int
    quarantined: int
    skipped: int
    duplicates_of_earlier: int


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
    store: Store, session: int, name: str, file_format: str, sha256: str, held_out: bool
) -> int:
    """Begin a source; answers its id. Counts are set by `finish`."""
    with store.transaction():
        return store.insert(
            "sources",
            {
                "session": session,
                "name": name,
                "format": file_format,
                "sha256": sha256,
                "at": now(),
                "held_out": int(held_out),
            },
        )


def finish(store: Store, source: int, counts: Counts, refused: Iterable[Refused]) -> None:
    """Write the counts of a source and the rows it did not take."""
    with store.transaction() as db:
        db.execute(
            "UPDATE sources SET rows=?, accepted=?, quarantined=?, skipped=?, duplicates=?"
            " WHERE id=?",
            [
                counts.rows,
                counts.accepted,
                counts.quarantined,
                counts.skipped,
                counts.duplicates_of_earlier,
                source,
            ],
        )
        db.table("quarantine").insert_all(
            {"source": source, **msgspec.structs.asdict(r)} for r in refused
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
            counts=Counts(
                r["rows"], r["accepted"], r["quarantined"], r["skipped"], r["duplicates"]
            ),
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

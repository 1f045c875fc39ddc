"""Examples in the store: adding, reading, finding. Their decisions live in `decisions`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

import msgspec
from sqlite_utils import Database

from engine.errors import NotFoundError
from engine.records import Example, NumberedExample
from engine.store.connection import Row, Store

Status = Literal["undecided", "accepted", "rejected", "later"]
Part = Literal["", "train", "validation", "held_out"]
Key = tuple[int, int, int]
"""Place in the queue: event that put it off (0 for none), rank, id. Smaller ones come first."""
UNRANKED = 9007199254740991
_COLUMNS = "line, fingerprint, occurrence, body, intent, tags"
"""What an import knows of a row."""


class StoredExample(msgspec.Struct, frozen=True):
    """An example with what was decided about it."""

    id: int
    file: str
    line: int
    example: Example
    original: Example | None
    """As imported, when it has been edited since."""
    status: Status
    flagged: bool
    part: Part
    tags: tuple[str, ...] = ()
    """Words that operators or the import gave it."""
    put_off: int = 0
    rank: int = UNRANKED

    @property
    def key(self) -> Key:
        """Its place in the queue."""
        return self.put_off, self.rank, self.id


class Tally(msgspec.Struct, frozen=True):
    """How many examples of a session there are of what."""

    statuses: dict[Status, int]
    accepted: dict[str, int]
    """Accepted examples per intent; those without one are under the empty name."""
    sealed: int
    """Examples that became held-out cases."""
    unsplit: int
    """Accepted examples that no split has given a part."""


def tag_words(tags: Iterable[str]) -> str:
    """Tags as they are stored: lower case, one word each, a blank on either side."""
    words = dict.fromkeys("-".join(tag.lower().split()) for tag in tags)
    joined = " ".join(word for word in words if word)
    return f" {joined} " if joined else ""


def fingerprint(example: Example) -> str:
    """Hash of roles and text, exactly as they are: equal only for equal rows."""
    content = msgspec.json.encode([(m.role, m.content) for m in example.messages])
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def add(
    store: Store, session: int, source: int, file: str, rows: Iterable[tuple[int, Example]]
) -> tuple[int, int]:
    """Add (line, example) rows of one file; answers (added, already there).

    A row is already there when this file brought it before: the same text, as often as it
    stands in the file. Duplicates inside one file are kept, for the checks to show.
    """
    seen: dict[str, int] = {}

    def numbered_rows() -> Iterator[tuple[object, ...]]:
        for line, example in rows:
            mark, *columns = encoded(example)
            seen[mark] = seen.get(mark, 0) + 1
            yield session, source, file, line, mark, seen[mark], *columns

    with store.transaction() as db:
        cursor = db.conn.executemany(
            f"INSERT OR IGNORE INTO examples (session, source, file, {_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            numbered_rows(),
        )
        added = max(int(cursor.rowcount), 0)
    return added, sum(seen.values()) - added


def encoded(example: Example) -> tuple[str, str, str, str]:
    """Fingerprint, body, intent and tags of an example, as the table holds them."""
    return fingerprint(example), _encode(example), example.intent, tag_words(example.tags)


def insert_from(
    db: Database, whose: tuple[int, int, str], table: str, ids: tuple[int, int]
) -> tuple[int, int]:
    """Add encoded rows of another table inside the current transaction, by ids (after, to).

    whose: session, source and file. Answers (added, rows there were).
    """
    where = f"FROM {table} WHERE id > ? AND id <= ?"
    cursor = db.execute(
        f"INSERT OR IGNORE INTO examples (session, source, file, {_COLUMNS})"
        f" SELECT ?, ?, ?, {_COLUMNS} {where} ORDER BY id",
        [*whose, *ids],
    )
    (size,) = db.execute(f"SELECT count(*) {where}", list(ids)).fetchone()
    return max(int(cursor.rowcount), 0), int(size)


def get(store: Store, example_id: int) -> StoredExample:
    """One example; raises NotFoundError."""
    row = store.row("SELECT * FROM examples WHERE id = ?", [example_id])
    if row is None:
        raise NotFoundError(f"There is no example #{example_id}.", "")
    return stored_from(row)


def every(store: Store, session: int, status: Status | None = None) -> list[StoredExample]:
    """All examples of a session in order of arrival, or those with one status."""
    wanted = "" if status is None else " AND status = ?"
    params: list[object] = [session] if status is None else [session, status]
    rows = store.rows(f"SELECT * FROM examples WHERE session = ?{wanted} ORDER BY id", params)
    return [stored_from(r) for r in rows]


def some(store: Store, ids: Sequence[int]) -> dict[int, StoredExample]:
    """A few examples by id; an id that does not exist has no entry."""
    marks = ", ".join("?" * len(ids))
    rows = store.rows(f"SELECT * FROM examples WHERE id IN ({marks})", list(ids))
    return {r["id"]: stored_from(r) for r in rows}


def numbered(stored: Iterable[StoredExample]) -> list[NumberedExample]:
    """As the checks want them."""
    return [NumberedExample(s.id, s.example) for s in stored]


def find(store: Store, session: int, file: str, line: int) -> StoredExample:
    """The example that stands at a line of an imported file; raises NotFoundError naming both."""
    row = store.row(
        "SELECT * FROM examples WHERE session = ? AND file = ? AND line = ?", [session, file, line]
    )
    if row is None:
        raise NotFoundError(
            f"No example came from {file}, line {line}.", "Check the import's counts."
        )
    return stored_from(row)


def counts(store: Store, session: int) -> dict[Status, int]:
    """How many examples have each status."""
    found = {
        r["status"]: r["n"]
        for r in store.rows(
            "SELECT status, count(*) AS n FROM examples WHERE session = ? GROUP BY status",
            [session],
        )
    }
    return {s: found.get(s, 0) for s in ("undecided", "accepted", "rejected", "later")}


def accepted_by_intent(store: Store, session: int) -> dict[str, int]:
    """Accepted examples per intent; those without one are under the empty name."""
    rows = store.rows(
        "SELECT intent, count(*) AS n FROM examples INDEXED BY examples_intent"
        " WHERE session = ? AND status = 'accepted' GROUP BY intent",
        [session],
    )
    return {r["intent"]: r["n"] for r in rows}


def tally(store: Store, session: int) -> Tally:
    """All counts at once."""
    rows = store.rows(
        "SELECT intent, status, count(*) AS n FROM examples INDEXED BY examples_intent"
        " WHERE session = ? GROUP BY intent, status",
        [session],
    )
    statuses = dict.fromkeys(get_args(Status), 0)
    for row in rows:
        statuses[row["status"]] += row["n"]
    return Tally(
        statuses=statuses,
        accepted={r["intent"]: r["n"] for r in rows if r["status"] == "accepted"},
        sealed=_count(store, session, "part = 'held_out'"),
        unsplit=_count(store, session, "status = 'accepted' AND part = ''"),
    )


def _count(store: Store, session: int, condition: str) -> int:
    sql = f"SELECT count(*) FROM examples WHERE session = ? AND {condition}"
    return int(store.value(sql, [session]))


def set_parts(store: Store, session: int, parts: dict[Part, Sequence[int]]) -> None:
    """Write a split: examples not named belong to no part."""
    with store.transaction() as db:
        db.execute("UPDATE examples SET part = '' WHERE session = ?", [session])
        for part, ids in parts.items():
            db.conn.executemany(
                "UPDATE examples SET part = ? WHERE id = ?", [(part, i) for i in ids]
            )


def set_intents(store: Store, intents: dict[int, str]) -> None:
    """Write proposed intents (id to name)."""
    with store.transaction() as db:
        db.conn.executemany(
            "UPDATE examples SET intent = ? WHERE id = ?", [(v, k) for k, v in intents.items()]
        )


def _encode(example: Example) -> str:
    return msgspec.json.encode(example).decode()


def stored_from(row: Row) -> StoredExample:
    """A row of the table as a struct."""
    example = msgspec.json.decode(row["body"], type=Example)
    if row["intent"] != example.intent:
        example = msgspec.structs.replace(example, intent=row["intent"])
    original = row["original"]
    return StoredExample(
        id=row["id"],
        file=row["file"],
        line=row["line"],
        example=example,
        original=msgspec.json.decode(original, type=Example) if original else None,
        status=row["status"],
        flagged=bool(row["flagged"]),
        part=row["part"],
        tags=tuple(row["tags"].split()),
        put_off=row["put_off"],
        rank=row["rank"],
    )

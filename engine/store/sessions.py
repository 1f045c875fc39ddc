"""Sessions in the store: their scope, where the operator left off, freezes and amendments."""

from __future__ import annotations

import re

import msgspec

from engine.errors import InputError, NotFoundError
from engine.scope import Scope, scope_hash
from engine.store.connection import Row, Store, now


class Session(msgspec.Struct, frozen=True):
    """A session as the store knows it. Times are UTC, ISO 8601."""

    id: int
    slug: str
    name: str
    created: str
    touched: str
    step: int
    """The step the operator was on, 1 to 5."""
    place: dict[str, str | int]
    """Where on that step: screens put in what they need to come back."""
    scope: Scope
    frozen_at: str | None
    frozen_by: str | None
    frozen_hash: str | None
    sealed_at: str | None
    sealed_hash: str | None


class Amendment(msgspec.Struct, frozen=True):
    """A change of the scope after its freeze."""

    at: str
    who: str
    reason: str
    changed: str
    before_hash: str
    after_hash: str


class Look(msgspec.Struct, frozen=True):
    """One counted opening of sealed items."""

    at: str
    who: str
    what: str


def slug_of(name: str) -> str:
    """A name as it stands on the command line: lower case, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def create(store: Store, scope: Scope) -> Session:
    """A new session named by its scope; raises InputError when the name is taken or empty."""
    slug = slug_of(scope.name)
    if not slug:
        raise InputError(f"{scope.name!r} is no name for a session.", "Use letters or digits.")
    with store.transaction():
        if store.row("SELECT 1 FROM sessions WHERE slug = ?", [slug]):
            raise InputError(f"A session named {slug} is there already.", "Choose another name.")
        row = {
            "slug": slug,
            "name": scope.name,
            "created": now(),
            "touched": now(),
            "scope": msgspec.json.encode(scope).decode(),
        }
        store.insert("sessions", row)
    return get(store, slug)


def every(store: Store) -> list[Session]:
    """All sessions, the one touched last first."""
    return [
        _session(r) for r in store.rows("SELECT * FROM sessions ORDER BY touched DESC, id DESC")
    ]


def get(store: Store, slug: str) -> Session:
    """The session with this slug or exact name; raises NotFoundError."""
    row = store.row("SELECT * FROM sessions WHERE slug = ? OR name = ?", [slug, slug])
    if row is None:
        names = ", ".join(r["slug"] for r in store.rows("SELECT slug FROM sessions")) or "none yet"
        raise NotFoundError(f"There is no session {slug!r}.", f"There are: {names}.")
    return _session(row)


def by_id(store: Store, session_id: int) -> Session:
    """The session with this id; raises NotFoundError."""
    row = store.row("SELECT * FROM sessions WHERE id = ?", [session_id])
    if row is None:
        raise NotFoundError(f"There is no session {session_id}.", "It may have been moved.")
    return _session(row)


def save_scope(store: Store, session_id: int, scope: Scope) -> None:
    """Replace the scope of a session. Freezes and amendments are the caller's to keep."""
    with store.transaction() as db:
        db.execute(
            "UPDATE sessions SET scope = ?, name = ?, touched = ? WHERE id = ?",
            [msgspec.json.encode(scope).decode(), scope.name, now(), session_id],
        )


def freeze(store: Store, session_id: int, scope: Scope, who: str) -> None:
    """Note that the scope is frozen as it stands."""
    with store.transaction() as db:
        db.execute(
            "UPDATE sessions SET frozen_at = ?, frozen_by = ?, frozen_hash = ? WHERE id = ?",
            [now(), who, scope_hash(scope), session_id],
        )


def seal(store: Store, session_id: int, digest: str) -> None:
    """Note that the held-out set is sealed; `digest` is the hash over its cases."""
    with store.transaction() as db:
        db.execute(
            "UPDATE sessions SET sealed_at = ?, sealed_hash = ? WHERE id = ?",
            [now(), digest, session_id],
        )


def remember_place(store: Store, session_id: int, step: int, place: dict[str, str | int]) -> None:
    """Note where the operator is, so that the next start comes back here."""
    with store.transaction() as db:
        db.execute(
            "UPDATE sessions SET step = ?, place = ?, touched = ? WHERE id = ?",
            [step, msgspec.json.encode(place).decode(), now(), session_id],
        )


def add_amendment(
    store: Store, session_id: int, who: str, reason: str, changed: str, hashes: tuple[str, str]
) -> None:
    """Append an amendment; `hashes` are the scope's before and after."""
    with store.transaction():
        store.insert(
            "amendments",
            {
                "session": session_id,
                "at": now(),
                "who": who,
                "reason": reason,
                "changed": changed,
                "before_hash": hashes[0],
                "after_hash": hashes[1],
            },
        )


def amendments(store: Store, session_id: int) -> list[Amendment]:
    """Every amendment of a session, oldest first."""
    rows = store.rows(
        "SELECT at, who, reason, changed, before_hash, after_hash FROM amendments"
        " WHERE session = ? ORDER BY id",
        [session_id],
    )
    return msgspec.convert(rows, list[Amendment])


def add_look(store: Store, session_id: int, who: str, what: str) -> None:
    """Count an opening of sealed items; the report prints the count."""
    with store.transaction():
        store.insert("looks", {"session": session_id, "at": now(), "who": who, "what": what})


def has_looked(store: Store, session_id: int, who: str, what: str) -> bool:
    """Whether somebody's opening of these sealed items was counted already."""
    sql = "SELECT 1 FROM looks WHERE session = ? AND who = ? AND what = ?"
    return store.row(sql, [session_id, who, what]) is not None


def looks(store: Store, session_id: int) -> int:
    """How often sealed items were opened."""
    return int(store.value("SELECT count(*) FROM looks WHERE session = ?", [session_id]))


def opened(store: Store, session_id: int) -> list[Look]:
    """Each counted opening of sealed items, oldest first."""
    sql = "SELECT at, who, what FROM looks WHERE session = ? ORDER BY id"
    return msgspec.convert(store.rows(sql, [session_id]), list[Look])


def _session(row: Row) -> Session:
    decoded = {
        **row,
        "place": msgspec.json.decode(row["place"]),
        "scope": msgspec.json.decode(row["scope"], type=Scope),
    }
    return msgspec.convert(decoded, Session)

"""What was frozen beside the scope: the suites and the held-out cases, by their hashes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.store.connection import Store, now

HELD_OUT = "held-out cases"
"""The name under which the session's own cases stand: no suite can be called so."""


class Frozen(msgspec.Struct, frozen=True):
    """One suite as it was when the scope was frozen, or when it was amended."""

    name: str
    digest: str
    cases: int
    at: str = ""
    who: str = ""


def add(store: Store, session: int, who: str, frozen: Iterable[Frozen]) -> None:
    """Note what is frozen from now on."""
    with store.transaction():
        for one in frozen:
            row = {"session": session, "at": now(), "who": who, "name": one.name}
            store.insert("freezes", {**row, "digest": one.digest, "cases": one.cases})


def every(store: Store, session: int) -> list[Frozen]:
    """All that was ever frozen for a session, oldest first."""
    sql = "SELECT name, digest, cases, at, who FROM freezes WHERE session = ? ORDER BY id"
    return msgspec.convert(store.rows(sql, [session]), list[Frozen])

"""Judgements by people, waivers and signed verdicts. Nothing here is ever overwritten."""

from __future__ import annotations

import msgspec

from engine.store.connection import Store, now


class Ruling(msgspec.Struct, frozen=True):
    """What a person said after looking at one case."""

    suite: str
    case_name: str
    at: str
    who: str
    ruling: str
    """`regression`, `acceptable`, or the arm preferred in a blind look."""
    note: str = ""


class Waiver(msgspec.Struct, frozen=True):
    """A gate that an operator let pass, with the reason; it stays in the report for ever."""

    gate: str
    at: str
    who: str
    reason: str
    expires: str


class Signed(msgspec.Struct, frozen=True):
    """A verdict with a name under it."""

    id: int
    run: int
    at: str
    who: str
    role: str
    note: str
    verdict: str
    body: str
    """The verdict as JSON, as it was when signed."""


def rule(store: Store, run: int, ruling: Ruling) -> None:
    """Append a person's ruling; the last one of a case counts."""
    with store.transaction():
        store.insert("judgements", {"run": run, **msgspec.structs.asdict(ruling)})


def rulings(store: Store, run: int) -> list[Ruling]:
    """All rulings of a run, oldest first."""
    rows = store.rows(
        "SELECT suite, case_name, at, who, ruling, note FROM judgements WHERE run = ? ORDER BY id",
        [run],
    )
    return msgspec.convert(rows, list[Ruling])


def waive(store: Store, run: int, waiver: Waiver) -> None:
    """Append a waiver."""
    with store.transaction():
        store.insert("waivers", {"run": run, **msgspec.structs.asdict(waiver)})


def waivers(store: Store, run: int) -> list[Waiver]:
    """All waivers of a run, oldest first."""
    rows = store.rows(
        "SELECT gate, at, who, reason, expires FROM waivers WHERE run = ? ORDER BY id", [run]
    )
    return msgspec.convert(rows, list[Waiver])


def sign(store: Store, run: int, who: str, role: str, note: str, verdict: str, body: str) -> None:
    """Append a signed verdict."""
    with store.transaction():
        store.insert(
            "verdicts",
            {
                "run": run,
                "at": now(),
                "who": who,
                "role": role,
                "note": note,
                "verdict": verdict,
                "body": body,
            },
        )


def signed(store: Store, run: int | None = None) -> list[Signed]:
    """Signed verdicts of one run or of all, oldest first."""
    where, params = ("", []) if run is None else (" WHERE run = ?", [run])
    rows = store.rows(f"SELECT * FROM verdicts{where} ORDER BY id", params)
    return msgspec.convert(rows, list[Signed])

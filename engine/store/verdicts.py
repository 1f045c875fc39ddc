"""Judgements by people, waivers and signed verdicts. Nothing here is ever overwritten."""

from __future__ import annotations

import msgspec

from engine.store.connection import Store, now

TUNED = "tuned"
"""The arm that a verdict is about unless another one is named: the adapter of the run."""


class Ruling(msgspec.Struct, frozen=True):
    """What a person said after looking at one case."""

    suite: str
    case_name: str
    at: str
    who: str
    ruling: str
    """`regression` or `acceptable`."""
    note: str = ""
    arm: str = TUNED
    """The arm whose answer was looked at."""


class Waiver(msgspec.Struct, frozen=True):
    """A gate that an operator let pass, with the reason; it stays in the report for ever."""

    gate: str
    at: str
    who: str
    reason: str
    expires: str
    arm: str = TUNED


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
    arm: str = TUNED


def rule(store: Store, run: int, ruling: Ruling) -> None:
    """Append a person's ruling; the last one of a case and arm counts."""
    with store.transaction():
        store.insert("judgements", {"run": run, **msgspec.structs.asdict(ruling)})


def rulings(store: Store, run: int, arm: str = TUNED) -> list[Ruling]:
    """All rulings on an arm of a run, oldest first."""
    rows = store.rows(
        "SELECT suite, case_name, at, who, ruling, note, arm FROM judgements"
        " WHERE run = ? AND arm = ? ORDER BY id",
        [run, arm],
    )
    return msgspec.convert(rows, list[Ruling])


def waive(store: Store, run: int, waiver: Waiver) -> None:
    """Append a waiver."""
    with store.transaction():
        store.insert("waivers", {"run": run, **msgspec.structs.asdict(waiver)})


def waivers(store: Store, run: int, arm: str = TUNED) -> list[Waiver]:
    """All waivers for an arm of a run, oldest first."""
    rows = store.rows(
        "SELECT gate, at, who, reason, expires, arm FROM waivers"
        " WHERE run = ? AND arm = ? ORDER BY id",
        [run, arm],
    )
    return msgspec.convert(rows, list[Waiver])


def sign(store: Store, signed: Signed) -> None:
    """Append a signed verdict; its number and its moment are given here."""
    with store.transaction():
        row = {**msgspec.structs.asdict(signed), "at": now()}
        del row["id"]
        store.insert("verdicts", row)


def count_said(store: Store, run: int) -> int:
    """How many rulings, waivers, signatures, blind choices and files of answers a run has."""
    tables = ("judgements", "waivers", "verdicts", "blind_choices", "answer_files")
    counts = (f"(SELECT count(*) FROM {table} WHERE run = :run)" for table in tables)
    return int(store.value(f"SELECT {' + '.join(counts)}", {"run": run}))


def signed(store: Store, run: int | None = None, arm: str | None = None) -> list[Signed]:
    """Signed verdicts of one run or of all, of one arm or of all, oldest first."""
    rows = store.rows(
        "SELECT * FROM verdicts WHERE (:run IS NULL OR run = :run)"
        " AND (:arm IS NULL OR arm = :arm) ORDER BY id",
        {"run": run, "arm": arm},
    )
    return msgspec.convert(rows, list[Signed])

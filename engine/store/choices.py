"""Which checkpoint of a run people chose to be judged. Nothing here is ever overwritten."""

from __future__ import annotations

import msgspec

from engine.store.connection import Store, now


class ChosenStep(msgspec.Struct, frozen=True):
    """A person's choice among the checkpoints of a run."""

    step: int
    who: str
    why: str
    rows: int
    """Validation rows that the checkpoints were held against."""
    looked: bool
    """Whether somebody had seen answers to the sealed cases of this session before."""
    at: str = ""


def add(store: Store, run: int, chosen: ChosenStep) -> None:
    """Append a choice; the last one of a run counts."""
    with store.transaction():
        store.insert(
            "checkpoint_choices", {"run": run, **msgspec.structs.asdict(chosen), "at": now()}
        )


def every(store: Store, run: int) -> list[ChosenStep]:
    """All choices on a run, oldest first."""
    rows = store.rows(
        "SELECT step, who, why, rows, looked, at FROM checkpoint_choices WHERE run = ? ORDER BY id",
        [run],
    )
    return [msgspec.convert(row | {"looked": bool(row["looked"])}, ChosenStep) for row in rows]


def last(store: Store, run: int) -> ChosenStep | None:
    """The choice that counts; None while the best adapter of the training does."""
    found = every(store, run)
    return found[-1] if found else None

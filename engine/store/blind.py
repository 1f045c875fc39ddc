"""Choices between two answers by somebody who does not see which arm gave which. Append only."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.store.connection import Store, now

Choice = Literal["left", "right", "same", "neither"]


class BlindChoice(msgspec.Struct, frozen=True):
    """One choice; the last one of a person and case counts."""

    first: str
    """The arms that were compared; which stood left is `left_arm`."""
    second: str
    suite: str
    case_name: str
    left_arm: str
    choice: Choice
    seconds: float
    """From the pair's appearance to the key."""
    at: str
    who: str

    @property
    def preferred(self) -> str:
        """The arm that was chosen; empty for a tie of either kind."""
        right = self.second if self.left_arm == self.first else self.first
        return {"left": self.left_arm, "right": right}.get(self.choice, "")


def add(store: Store, run: int, choice: BlindChoice) -> None:
    """Append a choice; its moment is given here."""
    with store.transaction():
        store.insert("blind_choices", {"run": run, **msgspec.structs.asdict(choice), "at": now()})


def every(store: Store, run: int) -> list[BlindChoice]:
    """All choices about a run, oldest first."""
    rows = store.rows(
        "SELECT first, second, suite, case_name, left_arm, choice, seconds, at, who"
        " FROM blind_choices WHERE run = ? ORDER BY id",
        [run],
    )
    return msgspec.convert(rows, list[BlindChoice])

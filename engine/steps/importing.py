"""What every import shares: how far it is, what it did, and how outcomes are counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Literal

import msgspec

from engine.errors import StateError
from engine.intake.outcomes import Accepted, Outcome, Quarantined, Skipped
from engine.records import Example
from engine.store.sources import Counts, Refused

SHOWN = 1_000
"""Refused rows that are handed back; all of them are in the store."""
_EVERY_S = 0.2


class Progress(msgspec.Struct, frozen=True):
    """How far an import is."""

    phase: Literal["reading", "writing"]
    """While it reads, it can be stopped, and nothing was added; writing is brought to its end."""
    rows: int
    total: int = 0
    """Rows in the file; 0 while they are being read."""


Watch = Callable[[Progress], bool]
"""Told how far an import is, a few times a second; answers whether to go on."""


class Imported(msgspec.Struct, frozen=True):
    """What an import did; `counts.rows` is the sum of the others."""

    file: str
    format: str
    held_out: bool
    counts: Counts
    refused: tuple[Refused, ...]
    """Rows not taken, the first 1,000 of them."""
    skipped_as: dict[str, int] = {}
    """Skipped rows by the rule that skipped them."""
    same_as: str = ""
    """The name under which the same content came in before; its rows keep that name."""


class Meter:
    """Counts rows, tells the watcher now and then, and stops when it says so."""

    def __init__(self, name: str, watch: Watch | None) -> None:
        self.name = name
        self.rows = 0
        self._watch = watch
        self._next = time.monotonic() + _EVERY_S

    def read(self, rows: int) -> None:
        """More rows were read; raises StateError when the import is to stop."""
        self.rows += rows
        if self._watch is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        if not self._watch(Progress("reading", self.rows)):
            raise StateError(
                f"The import of {self.name} was stopped after {self.rows:,} rows.",
                "Nothing of it was added.",
            )

    def written(self, rows: int) -> None:
        """So many rows are in the store."""
        if self._watch is not None:
            self._watch(Progress("writing", rows, self.rows))


def with_intent(example: Example, propose: Callable[[Example], str]) -> Example:
    """The example with the intent that fits best, where it comes without one."""
    intent = example.intent or propose(example)
    return example if intent == example.intent else msgspec.structs.replace(example, intent=intent)


def refused_row(item: Quarantined | Skipped) -> Refused:
    """A row that was not taken, as the store keeps it."""
    if isinstance(item, Skipped):
        return Refused(item.line, "skipped", item.reason)
    return Refused(item.line, "quarantined", item.reason, item.hint, item.raw)


def kind_of(item: Outcome) -> str:
    """`accepted`, `quarantined` or `skipped`."""
    if isinstance(item, Accepted):
        return "accepted"
    return "skipped" if isinstance(item, Skipped) else "quarantined"


def sum_up(added: int, known: int, kinds: Counter[str]) -> Counts:
    """Counts whose rows are the sum of the others."""
    quarantined, skipped = kinds["quarantined"], kinds["skipped"]
    return Counts(added + known + quarantined + skipped, added, quarantined, skipped, known)

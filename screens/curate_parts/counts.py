"""How many examples are what, kept up to date in memory decision by decision."""

from __future__ import annotations

from collections import Counter

from engine.store.examples import Status, StoredExample, Tally

WAITING: tuple[Status, ...] = ("undecided", "later")


class Counts:
    """All examples of a session by status, and the accepted ones by intent."""

    def __init__(self, tally: Tally) -> None:
        self.statuses: Counter[str] = Counter(tally.statuses)
        self.accepted: Counter[str] = Counter(tally.accepted)
        """Accepted examples by intent."""
        self.unsplit = tally.unsplit
        """Accepted examples that no split has given a part."""

    @property
    def total(self) -> int:
        """All examples."""
        return sum(self.statuses.values())

    @property
    def decided(self) -> int:
        """Accepted and rejected together."""
        return self.statuses["accepted"] + self.statuses["rejected"]

    @property
    def waiting(self) -> int:
        """Examples that wait for a decision, whatever a filter hides."""
        return sum(self.statuses[status] for status in WAITING)

    def add(self, row: StoredExample, by: int) -> None:
        """Count an example in (1) or out (-1)."""
        self.statuses[row.status] += by
        if row.status == "accepted":
            self.accepted[row.example.intent] += by
            self.unsplit += by if not row.part else 0

    def decide_unseen(self, status: Status) -> None:
        """Count a decision about an undecided example of which no more is known."""
        self.statuses["undecided"] -= 1
        self.statuses[status] += 1

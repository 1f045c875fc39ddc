"""The cases in memory: which one is shown, which comes next, how many there are of what."""

from __future__ import annotations

from engine.steps.held_out import HeldOut, Line
from engine.store.cases import CaseStatus


class Shelf:
    """The list as it was read, kept in its order while the operator goes through it."""

    def __init__(self, read: HeldOut) -> None:
        self.session = read.session
        self.is_sealed = read.is_sealed
        self.lines = list(read.lines)
        self.at = 0
        """Index of the case that is shown."""

    @property
    def current(self) -> Line | None:
        """The case that is shown."""
        return self.lines[self.at] if self.lines else None

    def count(self, status: CaseStatus) -> int:
        """How many have a status."""
        return sum(line.status == status for line in self.lines)

    @property
    def waiting(self) -> int:
        """Cases that nobody has decided about, those put off among them."""
        return self.count("") + self.count("later")

    @property
    def unbacked(self) -> int:
        """Cases that rest on proposals alone, or on nothing."""
        return sum(not line.is_backed for line in self.lines if line.status != "dropped")

    def put(self, line: Line) -> None:
        """Take over a case as it is now; one that was put off goes behind all others."""
        index = next((i for i, known in enumerate(self.lines) if known.id == line.id), None)
        if index is None:
            return
        self.lines[index] = line
        if line.status == "later":
            self.lines.append(self.lines.pop(index))

    def move_to(self, index: int) -> None:
        """Show the case at an index, or the nearest there is."""
        self.at = max(min(index, len(self.lines) - 1), 0)

    def show(self, case: int) -> None:
        """Show one case, wherever it is."""
        self.move_to(next((i for i, line in enumerate(self.lines) if line.id == case), self.at))

    def after(self, case: int) -> int:
        """Id of the case to look at after one: the next that waits, else one that was put off.

        The case itself when no other waits.
        """
        start = next((i for i, line in enumerate(self.lines) if line.id == case), 0)
        turned = [*self.lines[start + 1 :], *self.lines[:start]]
        for status in ("", "later"):
            for line in turned:
                if line.status == status:
                    return line.id
        return case

"""What threads tell the screen of held-out cases. Past tense, frozen contents."""

from __future__ import annotations

from textual.message import Message

from engine.steps.held_out import HeldOut, Line, Sight


class CasesRead(Message):
    """The list was read, and the first of it."""

    def __init__(self, read: HeldOut, first: Sight | None) -> None:
        super().__init__()
        self.read = read
        self.first = first


class CaseSeen(Message):
    """A case was read; `changed` is another one that was decided about before it."""

    def __init__(self, sight: Sight, changed: Line | None = None) -> None:
        super().__init__()
        self.sight = sight
        self.changed = changed


class NothingReversed(Message):
    """There was nothing to take back, or to decide again."""

    def __init__(self, undone: bool) -> None:
        super().__init__()
        self.undone = undone

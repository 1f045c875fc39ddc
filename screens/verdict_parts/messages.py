"""What threads tell the verdict screen. Past tense, frozen contents."""

from __future__ import annotations

from pathlib import Path

from textual.message import Message

from engine.evaluation.evidence import GateName
from engine.steps.history import History
from engine.steps.review import Reading
from engine.store.verdicts import Signed


class VerdictReached(Message):
    """The gates were asked, or there is nothing to ask them of."""

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self.reading = reading


class Stamped(Message):
    """It was looked whether anything is new."""

    def __init__(self, stamp: tuple[int, ...]) -> None:
        super().__init__()
        self.stamp = stamp


class VerdictSigned(Message):
    """A name stands under the verdict."""

    def __init__(self, signed: Signed) -> None:
        super().__init__()
        self.signed = signed


class GateWaived(Message):
    """A gate was let pass."""

    def __init__(self, gate: GateName) -> None:
        super().__init__()
        self.gate = gate


class ReportWritten(Message):
    """The report is there."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path


class HistoryRead(Message):
    """The verdicts of the session were read."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self.history = history

"""What threads tell the compare screen. Past tense, frozen contents."""

from __future__ import annotations

from textual.message import Message

from engine.steps.candidates import Candidates
from engine.steps.review import CaseKey, Review, Teachers
from engine.steps.slices import Part
from engine.store.examples import StoredExample
from engine.store.verdicts import Ruling
from screens.compare_parts.parts import By


class Reviewed(Message):
    """Answers were taken over and judged."""

    def __init__(self, read: tuple[Review, tuple[int, ...]]) -> None:
        super().__init__()
        self.review, self.stamp = read


class Stamped(Message):
    """It was looked whether anything is new."""

    def __init__(self, stamp: tuple[int, ...]) -> None:
        super().__init__()
        self.stamp = stamp


class TeachersFound(Message):
    """The training rows of a case were looked for."""

    def __init__(self, found: tuple[Teachers, CaseKey, tuple[StoredExample, ...]]) -> None:
        super().__init__()
        self.teachers, self.key, self.rows = found


class Ruled(Message):
    """A ruling was kept."""

    def __init__(self, rulings: dict[CaseKey, Ruling]) -> None:
        super().__init__()
        self.rulings = rulings


class CheckpointsRead(Message):
    """The checkpoints of a run were read; None where they were never measured."""

    def __init__(self, found: Candidates | None) -> None:
        super().__init__()
        self.found = found


class JobStarted(Message):
    """A run was started for this screen, or there was nothing to start."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class PartsCounted(Message):
    """The cases were counted by rule or by intent."""

    def __init__(self, found: tuple[By, tuple[Part, ...], str]) -> None:
        super().__init__()
        self.by, self.parts, self.of = found

"""What threads tell the curation screen. Past tense, frozen contents."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from engine.errors import ColumnError, StropError
from engine.steps.cards import Card, Deck, Page
from engine.steps.curate import Dossier
from engine.steps.intake import Imported, Look, Progress
from engine.steps.rework import Reviewed
from engine.steps.split import Foreseen, SplitMade
from engine.store.queue import Way


class DeckDealt(Message):
    """The session was read; `stamp` is how many changes had been made when it was asked for."""

    def __init__(self, deck: Deck, stamp: int) -> None:
        super().__init__()
        self.deck = deck
        self.stamp = stamp


class PageRead(Message):
    """Some cards were read."""

    def __init__(self, page: Page, way: Way, generation: int) -> None:
        super().__init__()
        self.page = page
        self.way = way
        self.generation = generation


class FirstFound(Message):
    """The card was found at which a filter begins, if there is one."""

    def __init__(self, cards: tuple[Card, ...], generation: int) -> None:
        super().__init__()
        self.cards = cards
        self.generation = generation


class MatchesCounted(Message):
    """It was counted how many examples pass the filter."""

    def __init__(self, matches: int, before: int, generation: int) -> None:
        super().__init__()
        self.matches = matches
        self.before = before
        self.generation = generation


class WordsIndexed(Message):
    """The index of words is up to date."""

    def __init__(self, examples: int) -> None:
        super().__init__()
        self.examples = examples


class Checked(Message):
    """All checks ran."""

    def __init__(self, found: int, rows: int) -> None:
        super().__init__()
        self.found = found
        self.rows = rows


class ExampleReviewed(Message):
    """An example was edited or redacted, and checked again."""

    def __init__(self, reviewed: Reviewed, *, redacted: bool = False) -> None:
        super().__init__()
        self.reviewed = reviewed
        self.redacted = redacted


class DecisionReversed(Message):
    """A decision was undone or done again."""

    def __init__(self, reviewed: Reviewed, *, undone: bool) -> None:
        super().__init__()
        self.reviewed = reviewed
        self.undone = undone


class AllWritten(Message):
    """Everything that was decided is in the store; now something else can follow."""

    def __init__(self, then: Callable[[], object]) -> None:
        super().__init__()
        self.then = then


class Explained(Message):
    """All that is known about one example."""

    def __init__(self, dossier: Dossier) -> None:
        super().__init__()
        self.dossier = dossier


class FileLookedAt(Message):
    """A file was read without importing it, or could not be."""

    def __init__(self, look: Look | ColumnError) -> None:
        super().__init__()
        self.look = look


class ImportAdvanced(Message):
    """A long import is further."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress


class FileImported(Message):
    """A file was imported, or could not be, or not any more."""

    def __init__(self, imported: Imported | StropError) -> None:
        super().__init__()
        self.imported = imported


class SplitForeseen(Message):
    """What a split would do."""

    def __init__(self, foreseen: Foreseen) -> None:
        super().__init__()
        self.foreseen = foreseen


class Split(Message):
    """The examples were divided."""

    def __init__(self, made: SplitMade) -> None:
        super().__init__()
        self.made = made

"""A stretch of the queue around the card that is shown, never all of it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.steps.cards import Card, Page
from engine.store.examples import Key
from engine.store.queue import Way

AHEAD = 6
"""With fewer cards than this beyond the one that is shown, more are fetched."""
MOST = 400
"""Cards kept; those farthest behind are let go."""


class Stretch:
    """Cards in the order of the queue, where one stands among them, and how more are fetched."""

    def __init__(self) -> None:
        self.order: list[int] = []
        """Names of the cards in hand, first to last."""
        self.at = 0
        """Index of the card that is shown; the number of cards when all are decided."""
        self.before: int | None = 0
        """How many pass the filter before the first card in hand; None when nobody knows."""
        self._cards: dict[int, Card] = {}
        self._edge: dict[Way, Key | None] = {"forward": None, "backward": None}
        self._is_end: dict[Way, bool] = {"forward": False, "backward": True}

    @property
    def place(self) -> int | None:
        """Which of the matches is shown, from 1; None when nobody knows."""
        return None if self.before is None else self.before + self.at + 1

    def move_to(self, index: int) -> None:
        """Show the card at an index, or the nearest there is."""
        self.at = max(min(index, len(self.order) - 1), 0)

    def finish(self) -> None:
        """Nothing waits any more: behind the last card."""
        self.at = len(self.order)

    @property
    def wants(self) -> Way | None:
        """Which way more cards are wanted before the operator gets there."""
        if not self._is_end["forward"] and len(self.order) - self.at <= AHEAD:
            return "forward"
        if not self._is_end["backward"] and self.at < AHEAD:
            return "backward"
        return None

    def edge(self, way: Way) -> Key | None:
        """Behind which place the next page begins."""
        return self._edge[way]

    def is_end(self, way: Way) -> bool:
        """Whether the queue has no more cards that way."""
        return self._is_end[way]

    @property
    def has_repeat(self) -> bool:
        """Whether a card that comes again is in hand."""
        return any(name < 0 for name in self.order)

    def start_over(self, way: Way = "forward", keep: int = 0) -> None:
        """Let go of all but the first `keep` cards; the next page begins at an end of the queue."""
        other: Way = "backward" if way == "forward" else "forward"
        self.order = self.order[:keep]
        self._cards = {name: self._cards[name] for name in self.order}
        self._edge = {"forward": None, "backward": None}
        self._is_end[way], self._is_end[other] = False, True
        self.before = 0 if way == "forward" else None
        self.at = min(self.at, len(self.order))

    def hold(self, cards: Sequence[Card]) -> None:
        """Take cards in hand behind all others."""
        for card in cards:
            self._cards[card.name] = card
            self.order.append(card.name)

    def keep_shown(self) -> None:
        """Let go of all cards but the one that is shown."""
        self.order = self.order[self.at : self.at + 1]
        self.at = 0

    def keep_none(self) -> None:
        """Let go of all cards."""
        self.order, self.at = [], 0

    def stay(self) -> None:
        """Keep the last card in hand alone, and read on from there both ways."""
        self.order = self.order[-1:]
        self.at = 0
        key = self._cards[self.order[0]].stored.key
        self._edge = {"forward": key, "backward": key}
        self._is_end = {"forward": False, "backward": False}
        self.before = None

    def add(self, page: Page, way: Way) -> None:
        """Take a page in hand, at the end it was asked for."""
        self._is_end[way] = page.is_last
        self._edge[way] = page.edge or self._edge[way]
        new = [card for card in page.cards if card.name not in self.order]
        for card in new:
            self._cards[card.name] = card
        names = [card.name for card in new]
        if way == "forward":
            self.order += names
        else:
            self.order[:0] = names
            self.at += len(names)
            self.before = None if self.before is None else self.before - len(names)
        self._let_go(way)

    def _let_go(self, way: Way) -> None:
        """Of too many cards, those at the far end; they can be fetched again."""
        surplus = len(self.order) - MOST
        if surplus <= 0:
            return
        if way == "forward":
            gone, self.order = self.order[:surplus], self.order[surplus:]
            self.at -= surplus
            self.before = None if self.before is None else self.before + surplus
            self._let_go_of(gone, "backward")
        else:
            gone, self.order = self.order[-surplus:], self.order[:-surplus]
            self._let_go_of(gone, "forward")

    def _let_go_of(self, gone: Sequence[int], way: Way) -> None:
        for name in gone:
            del self._cards[name]
        inwards = self.order if way == "backward" else reversed(self.order)
        # A card that comes again does not stand where it belongs.
        outermost = next(name for name in inwards if name > 0)
        self._edge[way] = self._cards[outermost].stored.key
        self._is_end[way] = False

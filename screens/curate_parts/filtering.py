"""Which cards are read: the filter, and the place that a restart comes back to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import InputError
from engine.steps import cards as steps
from engine.steps import sieve
from engine.store.examples import StoredExample
from engine.store.sieve import Sieve
from screens.curate_parts.counts import WAITING
from screens.curate_parts.helpers import HelpedScreen
from screens.curate_parts.messages import WordsIndexed
from screens.curate_parts.words import FILTER_HINT


class FilteredScreen(HelpedScreen):
    """The cards that pass the filter are read, from the head of the queue or the place."""

    def __init__(self, session: str, *, words: str = "") -> None:
        super().__init__(session)
        self.words = ""
        """The filter as it was typed."""
        self._first_words = words
        self._place: tuple[int, str] = (0, "")
        self._place_waits = False

    def read_cards(self) -> None:
        """From the card that is in hand under a filter, from the head of the queue without one."""
        cards = self.dealt
        if cards.sieve == Sieve():
            waits = cards.current is not None and cards.current.status in WAITING
            self.start_reading(keep=len(cards.order), then="seek" if not waits else "stay")
            return
        if cards.order:
            cards.stay()
            self.resume_reading()
        else:
            self.start_where_it_waits()

    # The filter

    def do_filter(self) -> None:
        """Ask for the words."""
        value = f"{self.words} " if self.words else ""
        self.ask_text("Show only", self.filter, value=value, hint=FILTER_HINT)

    def filter(self, words: str) -> None:
        """Show only what passes these words; raises InputError."""
        shown = self.dealt.current
        self.take_filter(words)
        self.dealt.matches = None
        self._read_under_filter(shown)

    def _read_under_filter(self, shown: StoredExample | None) -> None:
        """The card that is shown stays where nothing filters; else from the first match."""
        if self.dealt.sieve == Sieve():
            is_waiting = shown is not None and shown.status in WAITING and not self.is_repeat
            self.dealt.keep_shown() if is_waiting else self.dealt.keep_none()
        else:
            self.dealt.keep_none()
        self.read_cards()

    def on_words_indexed(self, message: WordsIndexed) -> None:
        """More may pass a filter by words now."""
        shown = self.cards.sieve if self.cards is not None else Sieve()
        if message.examples and (shown.words or shown.either):
            self.filter(self.words)

    def do_show_all(self) -> None:
        """Take the filter off."""
        self.filter("")

    def take_filter(self, words: str, *, strict: bool = True) -> None:
        """Raises InputError, or takes no filter when it need not be strict."""
        scope = self.dealt.deck.session.scope
        try:
            parsed = sieve.parse(words, [intent.name for intent in scope.intents], scope.rules)
        except InputError:
            if strict:
                raise
            return
        self.words = words.strip()
        self.dealt.sieve = parsed

    # The place, so that a restart comes back to it

    def come_back(self, place: Mapping[str, Any]) -> None:
        """Take up the card and the filter of the last time, or the filter that one came with."""
        kept = self._first_words or str(place.get("filter", ""))
        self._place = int(place.get("example", 0)), kept
        self.write(self._write_place)
        self.take_filter(self._place[1], strict=False)

    def keep_place(self) -> None:
        """Note the card and the filter, unless that is under way already."""
        current = self.dealt.current
        place = (current.id if current else 0, self.words)
        if place == self._place:
            return
        self._place = place
        if not self._place_waits:
            self._place_waits = True
            self.write(self._write_place)

    def _write_place(self) -> None:
        self._place_waits = False
        steps.keep_place(self.workspace, self.session, *self._place)

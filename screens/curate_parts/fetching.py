"""Fetching cards: a page before the operator gets there, and keys that wait where one is late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias
from uuid import uuid4

from textual.message import Message

from engine.steps import cards as steps
from engine.store.claims import holder_of
from engine.store.queue import COUNTED, Way
from engine.store.sieve import Sieve
from screens.curate_parts.cards import Cards
from screens.curate_parts.messages import FirstFound, MatchesCounted, PageRead
from screens.curate_parts.replay import PatientScreen
from screens.curate_parts.writer import Writer

Then: TypeAlias = Literal["", "stay", "seek", "next", "previous", "first", "last"]
"""What to do once the page is there: nothing, stay, show what waits, one on, one back, an end."""
RENEW_S = 60.0


def _same(message: MatchesCounted) -> Message:
    return message


class FetchingScreen(PatientScreen):
    """Holds a stretch of the queue, and gets more of it through the same line as decisions.

    What is read comes after what was decided before, so that nothing read is older than a decision.
    """

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.cards: Cards | None = None
        self.writer = Writer(self)
        self._visit = uuid4().hex
        self._generation = 0
        """Pages that were asked for under another filter are of no use."""
        self._asked = False
        self._then: Then = ""
        self._looked_again = False

    def show_card(self) -> None:
        """Paint the card that is shown, and the figures around it."""
        raise NotImplementedError

    @property
    def holder(self) -> str:
        """This person at this terminal."""
        return holder_of(self.workspace.who, self._visit)

    @property
    def dealt(self) -> Cards:
        """The cards; `why_not` sees to it that nothing asks before they are there."""
        assert self.cards is not None, "no action is permitted before the cards are there"
        return self.cards

    # The store

    def write(self, job: Callable[[], object]) -> None:
        """Do something in the store after everything before it."""

        def done() -> Message | None:
            answered = job()
            return answered if isinstance(answered, Message) else None

        self.writer.submit(done)

    def on_mount(self) -> None:
        """Others may have what a curator who is gone had in hand."""
        self.every(RENEW_S, self._renew)

    def _renew(self) -> None:
        workspace, slug, holder = self.workspace, self.session, self.holder
        self.write(lambda: steps.renew_claims(workspace, slug, holder))

    def on_unmount(self) -> None:
        """Let others have what is in hand."""
        workspace, slug, holder = self.workspace, self.session, self.holder
        self.write(lambda: steps.release_claims(workspace, slug, holder))

    # Pages

    def start_reading(self, way: Way = "forward", *, keep: int = 0, then: Then = "seek") -> None:
        """Let go of the cards but for the first `keep`, and read from an end of the queue."""
        self._generation += 1
        self._asked = False
        self._looked_again = False
        self.dealt.start_over(way, keep)
        if self.dealt.sieve != Sieve() and way == "forward":
            self.count_matches()
        self.fetch(way, then)

    def resume_reading(self) -> None:
        """Read on from the card in hand, which stays."""
        self._generation += 1
        self._asked = False
        self.count_matches()
        self.fetch("forward", "stay")

    def start_where_it_waits(self) -> None:
        """Under a filter, begin at the first match that waits, and at the first if none does."""
        self._generation += 1
        self.hold_keys()
        workspace, slug, sieve = self.workspace, self.session, self.dealt.sieve
        generation = self._generation
        self.write(lambda: FirstFound(steps.first_waiting(workspace, slug, sieve), generation))

    def on_first_found(self, message: FirstFound) -> None:
        """Read from there both ways."""
        if message.generation != self._generation:
            return
        if message.cards:
            self.dealt.hold(message.cards)
            self.dealt.stay()
            self.resume_reading()
        else:
            self.start_reading(then="first")

    def look_again(self) -> None:
        """Ask once more whether anything waits."""
        self.dealt.finish()
        self._looked_again = True
        self.dealt.start_over(keep=len(self.dealt.order))
        self.fetch("forward", "seek")

    def fetch(self, way: Way, then: Then = "") -> None:
        """Read one page more. Keys wait if something is to be done once it is there."""
        if then:
            self._then = then
            self.hold_keys()
        if self._asked:
            return
        self._asked = True
        workspace, slug, holder = self.workspace, self.session, self.holder
        cards, generation = self.dealt, self._generation
        sieve, start, may_repeat = cards.sieve, cards.edge(way), not cards.has_repeat

        def read() -> PageRead:
            if sieve == Sieve():
                page = steps.serve(workspace, slug, holder, start, way, may_repeat=may_repeat)
            else:
                page = steps.look(workspace, slug, sieve, start, way)
            return PageRead(page, way, generation)

        self.write(read)

    def count_matches(self) -> None:
        """Ask how many pass the filter, and how many of them before what is in hand."""
        workspace, slug, sieve = self.workspace, self.session, self.dealt.sieve
        generation, start = self._generation, self.dealt.edge("backward")

        def count() -> MatchesCounted:
            return MatchesCounted(*steps.count(workspace, slug, sieve, start), generation)

        self.load(count, _same, group="count")

    def on_matches_counted(self, message: MatchesCounted) -> None:
        """Show it."""
        if message.generation == self._generation:
            self.dealt.matches = message.matches
            self.dealt.before = message.before if message.before <= COUNTED else None
            self.show_card()

    async def on_page_read(self, message: PageRead) -> None:
        """Take it in hand, do what waited for it."""
        if message.generation != self._generation:
            return
        self._asked = False
        was_shown = self.dealt.current is not None
        self.dealt.add(message.page, message.way)
        if not self._then:
            if not was_shown:
                self.show_card()
            self.fetch_ahead()
            return
        if self._go_on():
            self._then = ""
            self.show_card()
            self.fetch_ahead()
            await self.release_keys()

    def _go_on(self) -> bool:
        """Do what waited for a page; answers False when it has to wait for another one."""
        cards, then = self.dealt, self._then
        if then == "seek":
            return self._seek()
        if then in ("next", "previous"):
            cards.move_to(cards.at + (1 if then == "next" else -1))
        elif then != "stay":
            cards.move_to(0 if then == "first" else len(cards.order) - 1)
        return True

    def _seek(self) -> bool:
        cards = self.dealt
        if cards.advance(cards.at):
            return True
        if not cards.is_end("forward"):
            self.fetch("forward", "seek")
            return False
        if cards.sieve == Sieve() and not self._looked_again:
            # What was skipped, has come back, or was let go by somebody else.
            self.look_again()
            return False
        cards.finish()
        return True

    def fetch_ahead(self) -> None:
        """Read what will be wanted soon."""
        way = self.dealt.wants
        if way is not None:
            self.fetch(way)

    def move_on(self, start: int | None = None) -> None:
        """To the next card that waits, or keys wait until it is there."""
        if self.dealt.advance(start):
            self.show_card()
            self.fetch_ahead()
        else:
            self._looked_again = False
            self.fetch("forward", "seek")

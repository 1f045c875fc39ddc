"""The cards in hand, and the decisions about them: at once here, a moment later in the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from engine.records import Finding
from engine.steps.cards import Card, Deck, Page
from engine.store.examples import Status, StoredExample, Tally
from engine.store.queue import Way
from engine.store.sieve import Sieve
from screens.curate_parts.counts import WAITING, Counts
from screens.curate_parts.stretch import AHEAD, Stretch

DUPLICATES = ("near_duplicate", "exact_duplicate")


def is_cluster(finding: Finding) -> bool:
    """Whether a finding names rows that say the same or nearly, and not only similar ones."""
    return finding.check in DUPLICATES and not finding.detail.startswith("similar")


class Cards(Stretch):
    """A stretch of cards that decisions are made on at once; the store hears a moment later."""

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self.deck = deck
        self.sieve = Sieve()
        self.matches: int | None = None
        """How many pass the filter; None while nobody knows."""
        self.counts = Counts(deck.tally)
        self._unseen: dict[int, Status] = {}
        """Decided as parts of a cluster without having been in hand."""
        self.hold(deck.kept)
        self.move_to(len(self.order) - 1)

    # Reading

    @property
    def current(self) -> StoredExample | None:
        """The example that is shown."""
        card = self.card
        return card.stored if card is not None else None

    @property
    def card(self) -> Card | None:
        """The card that is shown."""
        return self._cards[self.order[self.at]] if self.at < len(self.order) else None

    @property
    def is_idle(self) -> bool:
        """Whether no card in hand waits."""
        return not any(self._cards[name].stored.status in WAITING for name in self.order)

    @property
    def is_settled(self) -> bool:
        """Whether the order means something: not before the checks have run."""
        return self.deck.is_checked

    def recent(self) -> list[int]:
        """Ids of the card that is shown and of some before it, first to last."""
        shown = self.order[max(self.at - AHEAD, 0) : self.at + 1]
        return [name for name in shown if name > 0]

    def row(self, example_id: int) -> StoredExample:
        """One example in hand, or beside a card in hand."""
        found = self._find(example_id)
        assert found is not None, "only what is shown is asked for"
        return found

    def is_known(self, example_id: int) -> bool:
        """Whether an example is in hand, or beside a card in hand."""
        return self._find(example_id) is not None

    def found(self, example_id: int) -> Sequence[Finding]:
        """What was found about a card in hand, or a row beside the one that is shown."""
        if example_id in self._cards:
            return self._cards[example_id].findings
        against = self.card.against if self.card is not None else ()
        return tuple(f for f in against if example_id in f.examples)

    def rival(self, row: StoredExample) -> StoredExample | None:
        """The first other answer to the same question that is still in the running."""
        if row.status == "rejected":
            return None
        conflicts = (f for f in self.found(row.id) if f.check == "conflict")
        others = (self._find(i) for f in conflicts for i in f.examples if i != row.id)
        running = (o for o in others if o is not None and o.status != "rejected")
        rival = next(running, None)
        return None if rival is None or rival.part == "held_out" else rival

    def cluster(self, row: StoredExample) -> list[int]:
        """The example and those that say the same or nearly; itself alone when none does."""
        ids = [row.id]
        for finding in self.found(row.id):
            if is_cluster(finding):
                ids += finding.examples
        sealed = {i for i in ids if self.is_known(i) and self.row(i).part == "held_out"}
        return [i for i in dict.fromkeys(ids) if i not in sealed]

    def blocked_by(self, example_id: int) -> Finding | None:
        """What keeps an example from being accepted as it is, as far as it is known here."""
        return next((f for f in self.found(example_id) if f.severity == "block"), None)

    # Deciding

    def set_status(self, ids: Iterable[int], status: Status) -> None:
        """Decide, in memory."""
        for i in ids:
            before = self._find(i)
            if before is None:
                self._unseen[i] = status
                self.counts.decide_unseen(status)
            else:
                self.counts.add(before, -1)
                after = msgspec.structs.replace(before, status=status)
                self.counts.add(after, 1)
                self._put(after)

    def forget(self, name: int) -> None:
        """Take a card out of hand: it was a repeat, and has been judged."""
        index = self.order.index(name)
        del self.order[index], self._cards[name]
        self.at -= index < self.at

    def put_off(self, example_id: int) -> None:
        """Decide later: the card goes behind all others."""
        self.set_status([example_id], "later")
        index = self.order.index(example_id)
        self.order.pop(index)
        if self._is_end["forward"]:
            self.order.append(example_id)
        else:
            # It comes back with the last page.
            del self._cards[example_id]
        self.at = index

    def replace(self, row: StoredExample) -> None:
        """Put another version of an example in the place of the present one."""
        self.counts.add(self.row(row.id), -1)
        self.counts.add(row, 1)
        self._put(row)

    def review(self, cards: Sequence[Card]) -> None:
        """Take over cards as they are now, with all findings about them."""
        for card in cards:
            before = self._find(card.stored.id)
            if before is not None:
                self.counts.add(before, -1)
                self.counts.add(card.stored, 1)
        for card in cards:
            self._cards[card.name] = card
            self._put(card.stored)

    # Moving

    def show(self, example_id: int) -> None:
        """Show one example in hand, wherever it stands."""
        if example_id not in self.order:
            self.order.insert(self.at, example_id)
        self.at = self.order.index(example_id)

    def advance(self, start: int | None = None) -> bool:
        """Show the next card that waits: first what nobody has decided, then what was put off.

        Answers False when none is in hand: then more have to be fetched, or this is the end.
        Under a filter that leaves none waiting, simply the next card.
        """
        start = min(self.at + 1 if start is None else start, len(self.order))
        ahead, behind = range(start, len(self.order)), range(start)
        turns: list[tuple[Status, Sequence[int]]] = [("undecided", ahead)]
        if self._is_end["forward"]:
            turns += [("undecided", behind), ("later", ahead), ("later", behind)]
        for status, indexes in turns:
            for index in indexes:
                if self._cards[self.order[index]].stored.status == status:
                    self.at = index
                    return True
        if self.sieve != Sieve() and (start < len(self.order) or self._is_end["forward"]):
            self.move_to(start)
            return True
        self.at = len(self.order)
        return False

    def add(self, page: Page, way: Way) -> None:
        """Take a page in hand, with what was decided meanwhile about rows that were not."""
        new = [self._as_decided(card) for card in page.cards if card.name not in self.order]
        super().add(msgspec.structs.replace(page, cards=tuple(new)), way)

    def _as_decided(self, card: Card) -> Card:
        status = self._unseen.pop(card.stored.id, None)
        if status is None or card.is_repeat:
            return card
        return msgspec.structs.replace(
            card, stored=msgspec.structs.replace(card.stored, status=status)
        )

    # Finding

    def recount(self, tally: Tally) -> None:
        """Take over what the store counted."""
        self.counts = Counts(tally)
        self._unseen.clear()

    def _find(self, example_id: int) -> StoredExample | None:
        """In hand, or beside the card that is shown."""
        if example_id in self._cards:
            return self._cards[example_id].stored
        related = self.card.related if self.card is not None else ()
        return next((row for row in related if row.id == example_id), None)

    def _put(self, row: StoredExample) -> None:
        if row.id in self._cards:
            card = self._cards[row.id]
            self._cards[row.id] = msgspec.structs.replace(card, stored=row)
        for name in self.order[max(self.at - AHEAD, 0) : self.at + AHEAD]:
            card = self._cards[name]
            if any(other.id == row.id for other in card.related):
                related = tuple(row if other.id == row.id else other for other in card.related)
                self._cards[name] = msgspec.structs.replace(card, related=related)

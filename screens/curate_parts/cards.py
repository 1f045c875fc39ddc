"""The cards in memory: which one is shown, what comes next, how many there are of what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from engine.records import Finding
from engine.steps.cards import Deck
from engine.steps.sieve import Sieve
from engine.store.examples import Status, StoredExample

WAITING: tuple[Status, ...] = ("undecided", "later")
DUPLICATES = ("near_duplicate", "exact_duplicate")


def is_cluster(finding: Finding) -> bool:
    """Whether a finding names rows that say the same or nearly, and not only similar ones."""
    return finding.check in DUPLICATES and not finding.detail.startswith("similar")


class Cards:
    """A deck that decisions are made on at once; the store hears of them a moment later."""

    def __init__(self, deck: Deck) -> None:
        self.deck = deck
        self.sieve = Sieve()
        self.order: list[int] = []
        """Ids of the cards that can be reached, first to last."""
        self.at = 0
        """Index of the card that is shown; the number of cards when all are decided."""
        self._rows: dict[int, StoredExample] = {}
        self._found: dict[int, list[Finding]] = defaultdict(list)
        self.statuses: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        """Accepted examples by intent."""
        for row in deck.rows:
            self._put(row)
        for finding in deck.findings:
            self._note(finding)
        self.order = [i for i in deck.queue if not self._is_sealed(i)]

    # Reading

    @property
    def current(self) -> StoredExample | None:
        """The example that is shown."""
        return self._rows[self.order[self.at]] if self.at < len(self.order) else None

    @property
    def total(self) -> int:
        """All examples of the session."""
        return len(self._rows)

    @property
    def decided(self) -> int:
        """Accepted and rejected together."""
        return self.statuses["accepted"] + self.statuses["rejected"]

    @property
    def waiting(self) -> int:
        """Examples that wait for a decision, whatever the filter hides."""
        return sum(self.statuses[status] for status in WAITING)

    @property
    def hidden(self) -> int:
        """Examples that became held-out cases and are sealed: no card shows them."""
        return sum(self._is_sealed(i) for i in self._rows)

    @property
    def unsplit(self) -> int:
        """Accepted examples that no split has given a part."""
        return sum(row.status == "accepted" and not row.part for row in self._rows.values())

    def row(self, example_id: int) -> StoredExample:
        """One example."""
        return self._rows[example_id]

    def is_known(self, example_id: int) -> bool:
        """Whether the deck holds an example."""
        return example_id in self._rows

    def found(self, example_id: int) -> list[Finding]:
        """What was found about an example."""
        return self._found.get(example_id, [])

    def rival(self, row: StoredExample) -> StoredExample | None:
        """The first other answer to the same question that is still in the running."""
        for finding in self.found(row.id):
            if finding.check == "conflict" and row.status != "rejected":
                for i in finding.examples:
                    if i != row.id and i in self._rows and self._rows[i].status != "rejected":
                        return None if self._is_sealed(i) else self._rows[i]
        return None

    def cluster(self, row: StoredExample) -> list[int]:
        """The example and those that say the same or nearly; itself alone when none does."""
        ids = [row.id]
        for finding in self.found(row.id):
            if is_cluster(finding):
                ids += [i for i in finding.examples if i in self._rows and not self._is_sealed(i)]
        return list(dict.fromkeys(ids))

    def blocked_by(self, example_id: int) -> Finding | None:
        """What keeps an example from being accepted as it is."""
        return next((f for f in self.found(example_id) if f.severity == "block"), None)

    # Deciding

    def set_status(self, ids: Iterable[int], status: Status) -> None:
        """Decide, in memory."""
        for i in ids:
            self._put(msgspec.structs.replace(self._rows[i], status=status))

    def put_off(self, example_id: int) -> None:
        """Decide later: the card goes behind all others."""
        self.set_status([example_id], "later")
        if example_id in self.order:
            index = self.order.index(example_id)
            self.order.append(self.order.pop(index))
            self.at = min(index, len(self.order) - 1)

    def replace(self, row: StoredExample) -> None:
        """Put another version of an example in the place of the present one."""
        self._put(row)

    def review(self, rows: Sequence[StoredExample], found: Sequence[Finding]) -> None:
        """Take over examples as they are now, with all findings about them."""
        stale = {row.id for row in rows}
        for i, about in list(self._found.items()):
            kept = [f for f in about if not stale.intersection(f.examples)]
            if len(kept) != len(about):
                self._found[i] = kept
        for finding in found:
            self._note(finding)
        for row in rows:
            self._put(row)

    # Moving

    def move_to(self, index: int) -> None:
        """Show the card at an index, or the nearest there is."""
        self.at = max(min(index, len(self.order) - 1), 0)

    def show(self, example_id: int) -> None:
        """Show one example, wherever it is."""
        if example_id not in self.order:
            self.order.insert(self.at, example_id)
        self.at = self.order.index(example_id)

    def advance(self, start: int | None = None) -> None:
        """Show the next card that waits: first what nobody has decided, then what was put off.

        When none is left, the end; under a filter simply the next card.
        """
        start = self.at + 1 if start is None else start
        turned = [*range(start, len(self.order)), *range(min(start, len(self.order)))]
        for status in WAITING:
            for index in turned:
                if self._rows[self.order[index]].status == status:
                    self.at = index
                    return
        if self.sieve == Sieve():
            self.at = len(self.order)
        else:
            self.move_to(start)

    def filter(self, sieve: Sieve) -> None:
        """Show only what passes; the card that is shown stays, if it does."""
        shown = self.current
        self.sieve = sieve
        rest = [i for i in self._rows if i not in set(self.deck.queue)]
        ordered = [i for i in (*self.deck.queue, *rest) if not self._is_sealed(i)]
        if sieve == Sieve():
            self.order = [i for i in ordered if self._rows[i].status in WAITING]
        else:
            self.order = [i for i in ordered if sieve.lets(self._rows[i], self.found(i))]
        self._find(shown)

    def take_over(self, earlier: Cards) -> None:
        """Go on where another reading of the deck was: its filter, its cards, its place."""
        if earlier.sieve != Sieve():
            self.sieve = earlier.sieve
        mine = set(self._rows)
        passed = [i for i in earlier.order[: earlier.at + 1] if i in mine]
        rest = self.order if self.sieve == Sieve() else earlier.order[earlier.at + 1 :]
        self.order = list(dict.fromkeys([*passed, *rest]))
        self._find(earlier.current)

    def _find(self, shown: StoredExample | None) -> None:
        if shown is not None and shown.id in self.order:
            self.at = self.order.index(shown.id)
        else:
            self.at = 0
            if self.sieve == Sieve():
                self.advance(0)

    # Keeping count

    def _put(self, row: StoredExample) -> None:
        before = self._rows.get(row.id)
        if before is not None:
            self._count(before, -1)
        self._rows[row.id] = row
        self._count(row, 1)

    def _count(self, row: StoredExample, by: int) -> None:
        self.statuses[row.status] += by
        if row.status == "accepted":
            self.accepted[row.example.intent] += by

    def _note(self, finding: Finding) -> None:
        for i in dict.fromkeys(finding.examples):
            self._found[i].append(finding)

    def _is_sealed(self, example_id: int) -> bool:
        return self._rows[example_id].part == "held_out"

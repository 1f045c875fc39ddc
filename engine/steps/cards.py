"""The cards of step 2: pages of examples with what was found about them, ready to be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from engine.records import Finding
from engine.steps import sessions
from engine.store import (
    cases,
    claims,
    decisions,
    examples,
    findings,
    opinions,
    queue,
    scores,
    words,
)
from engine.store import sessions as stored_sessions
from engine.store.connection import Store
from engine.store.decisions import Reason
from engine.store.examples import Key, StoredExample, Tally
from engine.store.queue import Way
from engine.store.scores import Score
from engine.store.sessions import Session
from engine.store.sieve import Sieve
from engine.workspace import Workspace

Decided: TypeAlias = Literal["accepted", "rejected"]
PAGE = 12
"""Cards read at once. Small: what one curator has in hand, another one is not served."""
RELATED = 12
"""Rows shown beside a card at the most; a cluster may name thousands."""
REPEAT_EVERY = 25
"""Decisions between two cards that were decided before and come again, without a word."""
REPEAT_APART = 50
"""Events that must lie between a decision and its repeat, so that nobody remembers it."""


class Card(msgspec.Struct, frozen=True):
    """An example with what was found about it, and the rows that this concerns."""

    stored: StoredExample
    findings: tuple[Finding, ...] = ()
    related: tuple[StoredExample, ...] = ()
    """The other rows of its findings, nearest first."""
    against: tuple[Finding, ...] = ()
    """What was found about the related rows."""
    score: Score | None = None
    """What the base model makes of it, where it was asked."""
    is_repeat: bool = False
    """It was decided before, and is shown once more as if it had not been."""

    @property
    def name(self) -> int:
        """What tells it from all other cards: its id, negative for a repeat."""
        return -self.stored.id if self.is_repeat else self.stored.id

    @property
    def words(self) -> int:
        """How much there is to read: words of question and answer."""
        return len(self.stored.example.prompt.split()) + len(self.stored.example.answer.split())


class Page(msgspec.Struct, frozen=True):
    """Some cards in the order of the queue."""

    cards: tuple[Card, ...]
    """In the order of the queue, whichever way they were asked for."""
    edge: Key | None
    """Place of the last one in the way they were asked for; None when there was none."""
    is_last: bool
    """Whether none lies beyond."""


class Deck(msgspec.Struct, frozen=True):
    """What curation shows of a session besides the cards."""

    session: Session
    tally: Tally
    notes: tuple[Finding, ...]
    """Findings about the whole set."""
    is_checked: bool
    """Whether the checks have found anything yet."""
    cases: int
    """Held-out cases there are."""
    last_reason: Reason | None
    """Why this operator rejected an example the last time."""
    others: tuple[str, ...]
    """Who else is deciding just now."""
    kept: tuple[Card, ...] = ()
    """Cards that were asked for by id."""


def deal(
    workspace: Workspace, slug: str, holder: str = "", keep: Sequence[int] | None = None
) -> Deck:
    """Read what stands around the cards.

    keep: cards that are wanted again; None stands for the one of the last visit, if it still waits
    and nobody else has it in hand.
    """
    store = workspace.store
    session = stored_sessions.get(store, slug)
    if keep is None:
        last = int(session.place.get("example", 0))
        row = queue.take_up(store, session.id, holder, last)
        kept = [row] if row else []
    else:
        kept = in_order(examples.some(store, keep), keep)
    return Deck(
        session=session,
        tally=examples.tally(store, session.id),
        notes=tuple(findings.about_the_whole(store, session.id)),
        is_checked=findings.any_at_all(store, session.id),
        cases=cases.count(store, session.id),
        last_reason=decisions.last_reason(store, session.id, workspace.who),
        others=tuple(claims.others(store, session.id, holder)),
        kept=with_findings(store, kept),
    )


def serve(
    workspace: Workspace,
    slug: str,
    holder: str,
    start: Key | None,
    way: Way = "forward",
    *,
    may_repeat: bool = False,
) -> Page:
    """The next cards that wait for a decision and that nobody else has in hand.

    may_repeat: whether one that was decided long ago may come among them, as if it had not been.
    """
    store = workspace.store
    session = stored_sessions.get(store, slug)
    rows = queue.serve(store, session.id, holder, start, way, PAGE)
    page = _page(store, rows, way)
    if may_repeat and opinions.is_due(store, session.id, workspace.who, REPEAT_EVERY):
        return _with_repeat(store, session.id, workspace.who, page)
    return page


def look(
    workspace: Workspace, slug: str, sieve: Sieve, start: Key | None, way: Way, most: int = PAGE
) -> Page:
    """The next cards that pass a filter, whatever was decided about them."""
    if (sieve.words or sieve.either) and words.missing(workspace.store) <= words.CHUNK:
        words.catch_up(workspace.store)
    session = stored_sessions.get(workspace.store, slug)
    rows = queue.page(workspace.store, session.id, sieve, start, way, most)
    return _page(workspace.store, rows, way)


def first_waiting(workspace: Workspace, slug: str, sieve: Sieve) -> tuple[Card, ...]:
    """The first card that passes a filter and waits for a decision; empty when none does."""
    if sieve.values("status"):
        return ()
    still = msgspec.structs.replace(sieve, wanted=(*sieve.wanted, ("status", "waiting")))
    return look(workspace, slug, still, None, "forward", 1).cards


def index_words(workspace: Workspace, is_cancelled: Callable[[], bool] = lambda: False) -> int:
    """Bring the index of words up to date; answers how many examples were added to it."""
    return words.catch_up(workspace.store, is_cancelled)


def count(
    workspace: Workspace, slug: str, sieve: Sieve, start: Key | None = None
) -> tuple[int, int]:
    """How many cards pass a filter, and how many of them before a place; see `queue.count`."""
    session = stored_sessions.get(workspace.store, slug).id
    before = 0 if start is None else queue.count(workspace.store, session, sieve, start)
    return queue.count(workspace.store, session, sieve), before


def _page(store: Store, rows: list[StoredExample], way: Way) -> Page:
    edge = rows[-1].key if rows else None
    ordered = rows if way == "forward" else rows[::-1]
    return Page(with_findings(store, ordered), edge, is_last=len(rows) < PAGE)


def _with_repeat(store: Store, session: int, who: str, page: Page) -> Page:
    served = [card.stored.id for card in page.cards]
    row = opinions.candidate(store, session, who, REPEAT_APART, served)
    if row is None or not page.cards:
        return page
    masked = msgspec.structs.replace(row, status="undecided", original=None)
    (card,) = with_findings(store, [masked])
    middle = len(page.cards) // 2
    repeat = msgspec.structs.replace(card, is_repeat=True)
    return msgspec.structs.replace(page, cards=(*page.cards[:middle], repeat, *page.cards[middle:]))


def with_findings(store: Store, rows: Sequence[StoredExample]) -> tuple[Card, ...]:
    """Examples as cards, in their order."""
    found = findings.about_each(store, [row.id for row in rows])
    beside = {row.id: _others(row.id, found.get(row.id, [])) for row in rows}
    wanted = list(dict.fromkeys(i for ids in beside.values() for i in ids))
    others = examples.some(store, wanted)
    against = findings.about_each(store, wanted)
    known = scores.of_some(store, [row.id for row in rows])
    return tuple(
        Card(
            row,
            tuple(found.get(row.id, ())),
            tuple(others[i] for i in beside[row.id] if i in others),
            tuple(dict.fromkeys(f for i in beside[row.id] for f in against.get(i, ()))),
            known.get(row.id),
        )
        for row in rows
    )


def in_order(rows: Mapping[int, StoredExample], ids: Sequence[int]) -> list[StoredExample]:
    """Those of the rows that have these ids, in their order."""
    return [rows[i] for i in ids if i in rows]


def _others(example: int, about: Sequence[Finding]) -> list[int]:
    """The other rows of its findings, those to decide about before those that are alike."""
    graver = sorted(about, key=lambda f: f.severity not in ("block", "decide"))
    ids = dict.fromkeys(i for f in graver for i in f.examples if i != example)
    return list(ids)[:RELATED]


def keep_place(workspace: Workspace, slug: str, example_id: int, words: str) -> None:
    """Note the card that is shown, and the filter, so that the next start comes back here."""
    session = stored_sessions.get(workspace.store, slug)
    place = {**session.place, "example": example_id, "filter": words}
    sessions.remember_place(workspace, slug, 2, place)


def renew_claims(workspace: Workspace, slug: str, holder: str) -> None:
    """Say that this curator is still there."""
    claims.renew(workspace.store, stored_sessions.get(workspace.store, slug).id, holder)


def release_claims(workspace: Workspace, slug: str, holder: str) -> None:
    """Let others have what this curator had in hand."""
    claims.release(workspace.store, stored_sessions.get(workspace.store, slug).id, holder)

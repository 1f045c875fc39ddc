"""Deciding: a key changes the cards in memory at once, and the store right after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from textual import events
from textual.message import Message

from engine.steps import cards as steps
from engine.steps import curate
from engine.store.decisions import REASONS, Reason
from engine.store.examples import StoredExample
from screens.curate_parts.cards import WAITING, Cards
from screens.curate_parts.messages import (
    AllWritten,
    DecisionReversed,
    DeckDealt,
)
from screens.curate_parts.pace import Pace
from screens.curate_parts.replay import PatientScreen
from screens.curate_parts.words import counted, reason_name
from screens.curate_parts.writer import Writer, WritingFailed
from screens.text import safe
from screens.widgets.dialog import Choice
from screens.widgets.footer import Footer
from screens.widgets.lines import Lines
from screens.widgets.rail import Step


class DecidingScreen(PatientScreen):
    """Accepting, rejecting, putting off, undoing. What is shown is the subclass's to draw."""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.cards: Cards | None = None
        self.writer = Writer(self)
        self.pace = Pace()
        self.last_reason: Reason | None = None
        self._changes = 0

    def show_card(self) -> None:
        """Paint the card that is shown, and the figures around it."""
        raise NotImplementedError

    def say(self, text: str, *, warn: bool = False) -> None:
        """One notice at a time: a key held down does not paper the card over."""
        self.app.clear_notifications()
        super().say(text, warn=warn)

    @property
    def dealt(self) -> Cards:
        """The cards; `why_not` sees to it that nothing asks before they are there."""
        assert self.cards is not None, "no action is permitted before the cards are there"
        return self.cards

    @property
    def example(self) -> StoredExample:
        """The example that is shown; as above."""
        current = self.dealt.current
        assert current is not None, "no action on a card is permitted without one"
        return current

    # The store

    def write(self, job: Callable[[], object]) -> None:
        """Do something in the store after everything before it."""

        def done() -> Message | None:
            answered = job()
            return answered if isinstance(answered, Message) else None

        self.writer.submit(done)

    def deal(self) -> None:
        """Read everything again, after what is still being written."""
        stamp, workspace, slug = self._changes, self.workspace, self.session
        self.write(lambda: DeckDealt(steps.deal(workspace, slug), stamp))

    def is_stale(self, message: DeckDealt) -> bool:
        """Whether something was decided after a reading was asked for: it is asked for again."""
        if message.stamp == self._changes:
            return False
        self.deal()
        return True

    def on_writing_failed(self, message: WritingFailed) -> None:
        """Say it, and show what the store holds."""
        self.drop_keys()
        self._changes += 1
        self.shell.show_error(message.error)
        if message.dropped:
            self.say(f"{counted(message.dropped, 'later step')} not written either.", warn=True)
        self.deal()

    # Decisions

    def decide(self, ids: Sequence[int], status: steps.Decided, job: Callable[[], object]) -> None:
        """Decide about examples now, in the store right after, and show the next card."""
        self._changes += 1
        self.pace.note(len(ids))
        self.dealt.set_status(ids, status)
        self.write(job)
        self.dealt.advance()
        self.show_card()

    def do_accept(self) -> None:
        """This one."""
        self._accept([self.example.id])

    def do_accept_cluster(self) -> None:
        """This one and all that say nearly the same."""
        self._accept(self.dealt.cluster(self.example))

    def _accept(self, ids: list[int]) -> None:
        self.decide(ids, "accepted", partial(curate.accept, self.workspace, self.session, ids))

    def do_reject(self) -> None:
        """This one, for a reason."""
        self._ask_reason("reject", [self.example.id])

    def do_reject_cluster(self) -> None:
        """This one and all that say nearly the same."""
        ids = self.dealt.cluster(self.example)
        self._ask_reason(f"reject all {len(ids)}", ids)

    def _ask_reason(self, question: str, ids: list[int]) -> None:
        choices: list[Choice | str] = [Choice(str(n), t, r) for n, (r, t) in enumerate(REASONS, 1)]
        again = ""
        if self.last_reason is not None:
            choices.append(Choice("x", "again", self.last_reason))
            again = f"   x {reason_name(self.last_reason)}, again"
        self.query_one("#reasons", Lines).display = True
        self.ask_key(question, choices, partial(self._reject, ids))
        asked = safe(f" {question}: 1 to 9 for the reason{again}   esc leave it")
        self.query_one(Footer).set_question(asked)

    def _reject(self, ids: list[int], choice: Choice) -> None:
        reason = next(name for name, _ in REASONS if name == choice.value)
        self.last_reason = reason
        job = partial(curate.reject, self.workspace, self.session, ids, reason)
        self.decide(ids, "rejected", job)

    def take(self, event: events.Key) -> bool:
        """The reasons stand there only as long as they are asked for."""
        try:
            return super().take(event)
        finally:
            if self._question is None:
                self.query_one("#reasons", Lines).display = False

    def do_later(self) -> None:
        """Behind all others."""
        self._changes += 1
        example = self.example.id
        self.write(partial(curate.later, self.workspace, self.session, [example]))
        self.dealt.put_off(example)
        self.dealt.advance(self.dealt.at)
        self.show_card()

    def do_flag(self) -> None:
        """Turn the flag over."""
        self._changes += 1
        shown = self.example
        self.write(partial(curate.flag, self.workspace, self.session, shown.id))
        self.dealt.replace(msgspec.structs.replace(shown, flagged=not shown.flagged))
        self.show_card()

    # Two answers to one question

    def do_left(self) -> None:
        """This answer, not the other one."""
        self._settle([self.example.id], [self._rival.id])

    def do_right(self) -> None:
        """The other answer, not this one."""
        self._settle([self._rival.id], [self.example.id])

    def do_neither(self) -> None:
        """Reject both."""
        self._settle([], [self.example.id, self._rival.id])

    def do_both(self) -> None:
        """Keep both, and note why they do not contradict each other."""
        ids = [self.example.id, self._rival.id]
        hint = "Kept in the history of both: an entity, a condition, a date. May be left empty."
        self.ask_text("What tells the two apart?", partial(self._settle, ids, []), hint=hint)

    @property
    def _rival(self) -> StoredExample:
        rival = self.dealt.rival(self.example)
        assert rival is not None, "these actions apply only where there is a rival"
        return rival

    def _settle(self, keep: list[int], drop: list[int], note: str = "") -> None:
        job = partial(curate.settle, self.workspace, self.session, keep, drop, note.strip())
        self.dealt.set_status(drop, "rejected")
        self.pace.note(len(drop))
        self.decide(keep, "accepted", job)

    # Undo and redo: the store knows what comes back, and keys wait for it

    def do_undo(self) -> None:
        """Take back the last decision."""
        self._reverse(steps.undo, undone=True)

    def do_redo(self) -> None:
        """Decide again."""
        self._reverse(steps.redo, undone=False)

    def _reverse(self, reverse: Callable[..., steps.Reviewed], *, undone: bool) -> None:
        self.hold_keys()
        workspace, slug = self.workspace, self.session
        self.write(lambda: DecisionReversed(reverse(workspace, slug), undone=undone))

    async def on_decision_reversed(self, message: DecisionReversed) -> None:
        """Show what came back; after a redo go on to what waits."""
        rows = message.reviewed.rows
        if rows:
            self._take_back(message)
        else:
            self.say(f"There is nothing to {'undo' if message.undone else 'decide again'}.")
        await self.release_keys()

    def _take_back(self, message: DecisionReversed) -> None:
        rows, dealt = message.reviewed.rows, self.dealt
        self._changes += 1
        waited = sum(dealt.row(row.id).status in WAITING for row in rows)
        dealt.review(rows, message.reviewed.findings)
        self.pace.note(waited - sum(row.status in WAITING for row in rows))
        dealt.show(rows[0].id)
        if not message.undone and rows[0].status != "undecided":
            dealt.advance()
        self.show_card()

    # Leaving: what was decided is in the store before another screen reads it

    def go(self, step: Step) -> None:
        """To another step."""
        self._when_written(partial(super().go, step))

    def do_back(self) -> None:
        """To the list of sessions."""
        self._when_written(super().do_back)

    def _when_written(self, then: Callable[[], None]) -> None:
        if self.writer.is_idle:
            then()
        else:
            self.write(lambda: AllWritten(then))

    def on_all_written(self, message: AllWritten) -> None:
        """Go."""
        message.then()

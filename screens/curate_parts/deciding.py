"""Deciding: a key changes the cards in memory at once, and the store right after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from textual import events

from engine.steps import cards as steps
from engine.steps import curate, rework
from engine.store.decisions import REASONS, Reason
from engine.store.examples import Status, StoredExample, tag_words
from screens.curate_parts.fetching import FetchingScreen
from screens.curate_parts.messages import (
    AllWritten,
    DecisionReversed,
    DeckDealt,
)
from screens.curate_parts.pace import Pace
from screens.curate_parts.words import counted, reason_name
from screens.curate_parts.writer import WritingFailed
from screens.text import safe
from screens.widgets.dialog import Choice
from screens.widgets.footer import Footer
from screens.widgets.lines import Lines
from screens.widgets.rail import Step


class DecidingScreen(FetchingScreen):
    """Accepting, rejecting, putting off, undoing. What is shown is the subclass's to draw."""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.pace = Pace()
        self.last_reason: Reason | None = None
        self._changes = 0

    def say(self, text: str, *, warn: bool = False) -> None:
        """One notice at a time: a key held down does not paper the card over."""
        self.app.clear_notifications()
        super().say(text, warn=warn)

    @property
    def example(self) -> StoredExample:
        """The example that is shown; `why_not` sees to it that there is one."""
        current = self.dealt.current
        assert current is not None, "no action on a card is permitted without one"
        return current

    @property
    def is_repeat(self) -> bool:
        """Whether the card that is shown was decided before, and is judged once more."""
        card = self.dealt.card
        return card is not None and card.is_repeat

    # The store

    def deal(self) -> None:
        """Read everything again, after what is still being written."""
        stamp, workspace, slug, holder = self._changes, self.workspace, self.session, self.holder
        keep = None if self.cards is None else self.cards.recent() if self.cards.is_settled else ()
        self.write(lambda: DeckDealt(steps.deal(workspace, slug, holder, keep), stamp))

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
        card = self.dealt.card
        warning = self.pace.note(len(ids), status == "accepted", card.words if card else 0)
        self.dealt.set_status(ids, status)
        self.write(job)
        self.move_on()
        if warning:
            self.say(warning, warn=True)

    def _judge_again(self, reason: Reason | None) -> None:
        """A second opinion: noted, and the card is gone."""
        self._changes += 1
        shown = self.example.id
        self.pace.note(1, reason is None, 0)
        self.dealt.forget(-shown)
        self.write(partial(curate.judge_again, self.workspace, self.session, shown, reason))
        self.move_on(self.dealt.at)

    def do_accept(self) -> None:
        """This one."""
        if self.is_repeat:
            self._judge_again(None)
        else:
            self._accept([self.example.id], self.example.status)

    def do_accept_cluster(self) -> None:
        """This one and all that say nearly the same."""
        self._accept(self.dealt.cluster(self.example))

    def _accept(self, ids: list[int], seen: Status | None = None) -> None:
        job = partial(curate.accept, self.workspace, self.session, ids, seen)
        self.decide(ids, "accepted", job)

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
        if self.is_repeat:
            self._judge_again(reason)
            return
        seen = self.example.status if len(ids) == 1 else None
        job = partial(curate.reject, self.workspace, self.session, ids, reason, seen)
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
        if self.is_repeat:
            self.dealt.forget(-self.example.id)
        else:
            example = self.example.id
            self.write(partial(curate.later, self.workspace, self.session, [example]))
            self.dealt.put_off(example)
        self.move_on(self.dealt.at)

    def do_tag(self) -> None:
        """Ask for the tags."""
        shown = self.example
        value = " ".join(shown.tags)
        hint = "Words that you find again with / tag:word. Empty takes all off."
        self.ask_text("Tags", partial(self._tag, shown.id), value=value, hint=hint)

    def _tag(self, example: int, words: str) -> None:
        self._changes += 1
        tags = tuple(tag_words(words.split()).split())
        self.write(partial(curate.tag, self.workspace, self.session, example, tags))
        self.dealt.replace(msgspec.structs.replace(self.dealt.row(example), tags=tags))
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
        seen = {i: self.dealt.row(i).status for i in (*keep, *drop)}
        job = partial(curate.settle, self.workspace, self.session, keep, drop, note.strip(), seen)
        self.dealt.set_status(drop, "rejected")
        self.decide(keep, "accepted", job)

    # Undo and redo: the store knows what comes back, and keys wait for it

    def do_undo(self) -> None:
        """Take back the last decision."""
        self._reverse(rework.undo, undone=True)

    def do_redo(self) -> None:
        """Decide again."""
        self._reverse(rework.redo, undone=False)

    def _reverse(self, reverse: Callable[..., rework.Reviewed], *, undone: bool) -> None:
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
        self.pace.take_back(len(rows))
        dealt.review(message.reviewed.cards)
        dealt.show(rows[0].id)
        if not message.undone and rows[0].status != "undecided":
            self.move_on()
        else:
            self.show_card()

    # Leaving: what was decided is in the store before another screen reads it

    def go(self, step: Step) -> None:
        """To another step."""
        self.after_writing(partial(super().go, step))

    def do_back(self) -> None:
        """To the list of sessions."""
        self.after_writing(super().do_back)

    def after_writing(self, then: Callable[[], object]) -> None:
        """Do something once everything that was decided is in the store."""
        if self.writer.is_idle:
            then()
        else:
            self.write(lambda: AllWritten(then))

    def on_all_written(self, message: AllWritten) -> None:
        """Go."""
        message.then()

"""Deciding about a held-out case: the store first, then the screen, while keys wait."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual import events

from engine.records import Assertion
from engine.steps import held_out
from engine.steps import held_out_deciding as deciding
from engine.steps.held_out import CaseCard
from engine.steps.held_out_deciding import DROP_REASONS
from screens.base import Choice
from screens.curate_parts.replay import PatientScreen
from screens.curate_parts.writer import Writer
from screens.held_out_parts.messages import CaseSeen, NothingReversed
from screens.held_out_parts.shelf import Shelf
from screens.text import safe
from screens.widgets.footer import Footer
from screens.widgets.lines import Lines

DIGITS = frozenset("123456789")


class DecidingScreen(PatientScreen):
    """Confirming, dropping, putting off, undoing. What is shown is the subclass's to draw."""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.writer = Writer(self)
        self.shelf: Shelf | None = None
        self.card: CaseCard | None = None
        """The case that is shown; None while it is sealed, or when there is none."""
        self._digit = 0

    def say(self, text: str, *, warn: bool = False) -> None:
        """One notice at a time."""
        self.app.clear_notifications()
        super().say(text, warn=warn)

    @property
    def _shelf(self) -> Shelf:
        assert self.shelf is not None, "nothing is permitted before the cases are there"
        return self.shelf

    @property
    def _card(self) -> CaseCard:
        assert self.card is not None, "no action on a case is permitted without one"
        return self.card

    # Deciding

    def take(self, event: events.Key) -> bool:
        """Note which digit it is; the reasons stand there only as long as they are asked for."""
        pressed = event.character or ""
        self._digit = int(pressed) if pressed in set("123456789") else 0
        try:
            return super().take(event)
        finally:
            if self._question is None:
                self.query_one("#reasons", Lines).display = False

    def _decide(self, job: Callable[[int], object], *, moves_on: bool = False) -> None:
        """Change the case that is shown in the store, and show it, or the next, as it is then."""
        workspace, slug = self.workspace, self.session
        case = self._card.stored.id
        shown = self._shelf.after(case) if moves_on else case

        def decide() -> CaseSeen:
            job(case)
            changed = held_out.look(workspace, slug, case)
            sight = changed if shown == case else held_out.look(workspace, slug, shown)
            return CaseSeen(sight, changed.line if moves_on else None)

        self.hold_keys()
        self.writer.submit(decide)

    def do_confirm(self) -> None:
        """All that has a mark."""
        self._decide(partial(deciding.confirm, self.workspace, self.session), moves_on=True)

    def do_later(self) -> None:
        """Behind all others."""
        self._decide(partial(deciding.later, self.workspace, self.session), moves_on=True)

    def do_toggle(self) -> None:
        """The assertion with the number that was pressed."""
        if self._digit:
            self._toggle(self._digit)
        else:
            self._ask_number("take or leave", self._toggle)

    def _toggle(self, number: int) -> None:
        assertion = self._numbered(number)
        if assertion is not None:
            toggle = partial(deciding.toggle, self.workspace, self.session)
            self._decide(lambda case: toggle(case, assertion))

    def _numbered(self, number: int) -> Assertion | None:
        items = self._card.items
        if number > len(items):
            self.say(f"There is no assertion {number}.", warn=True)
            return None
        return items[number - 1].assertion

    def _ask_number(self, question: str, then: Callable[[int], None]) -> None:
        choices: list[Choice | str] = [
            Choice(str(n), "") for n in range(1, min(len(self._card.items), 9) + 1)
        ]
        self.ask_key(question, choices, lambda choice: then(int(choice.key)))

    def do_drop(self) -> None:
        """For a reason."""
        choices: list[Choice | str] = [
            Choice(str(n), said, name) for n, (name, said) in enumerate(DROP_REASONS, 1)
        ]
        self.query_one("#reasons", Lines).display = True
        self.ask_key("drop", choices, self._drop)
        asked = " drop: a digit for the reason   esc leave it"
        self.query_one(Footer).set_question(safe(asked))

    def _drop(self, choice: Choice) -> None:
        reason = next(name for name, _ in DROP_REASONS if name == choice.value)
        drop = partial(deciding.drop, self.workspace, self.session)
        self._decide(lambda case: drop(case, reason), moves_on=True)

    def do_undo(self) -> None:
        """Take back the last decision."""
        self._reverse(deciding.undo, undone=True)

    def do_redo(self) -> None:
        """Decide again."""
        self._reverse(deciding.redo, undone=False)

    def _reverse(self, reverse: Callable[..., int | None], *, undone: bool) -> None:
        workspace, slug = self.workspace, self.session

        def job() -> CaseSeen | NothingReversed:
            case = reverse(workspace, slug)
            if case is None:
                return NothingReversed(undone)
            return CaseSeen(held_out.look(workspace, slug, case))

        self.hold_keys()
        self.writer.submit(job)

    async def on_nothing_reversed(self, message: NothingReversed) -> None:
        """Say so."""
        self.say(f"There is nothing to {'undo' if message.undone else 'decide again'}.")
        await self.release_keys()

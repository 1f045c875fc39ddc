"""What the scope screen knows: read in threads, shown when it comes, remembered when it goes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.message import Message

from engine.steps import scope as scope_step
from engine.steps.advice import advice_line
from screens.background import is_cancelled, run_in_background
from screens.base import StepScreen
from screens.scope_parts import describe
from screens.scope_parts.planning import WAITING, plan_line, plan_text
from screens.scope_parts.view import ScopeView
from screens.widgets.reading import ReadDialog

if TYPE_CHECKING:
    from engine.scope import Scope
    from engine.steps.advice import Advice
    from engine.steps.plan import CasePlan
    from engine.steps.scope import Seen
    from engine.store.sessions import Session

PLACE = "scope_at"


class ScopeReading(StepScreen):
    """The scope of a session, seen."""

    STEP = "scope"

    class Read(Message):
        """The scope was read."""

        def __init__(self, saves: int, seen: Seen) -> None:
            super().__init__()
            self.saves = saves
            """Saves of this screen that had come back when it was begun."""
            self.seen = seen

    class Saved(Message):
        """The scope was saved or frozen, and read again; `before` is what it was."""

        def __init__(self, before: Scope, seen: Seen) -> None:
            super().__init__()
            self.before = before
            self.seen = seen

    class Planned(Message):
        """It is known what the cases can show, and what speaks against training."""

        def __init__(self, found: tuple[CasePlan, tuple[Advice, ...]]) -> None:
            super().__init__()
            self.plan, self.advice = found

    class Counted(Message):
        """It is known how many examples touch each rule; None when nobody waited for it."""

        def __init__(self, counts: dict[str, int] | None) -> None:
            super().__init__()
            self.counts = counts

    class Remembered(Message):
        """The place was noted."""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.plan: CasePlan | None = None
        self.advice: tuple[Advice, ...] = ()
        self.saves = 0
        """Saves that came back: what was begun to be read before the last of them may be old."""
        self._remembered = ""

    def compose_body(self) -> ComposeResult:
        """Everything between rail and footer."""
        yield ScopeView()

    @property
    def view(self) -> ScopeView:
        """The body."""
        return self.query_one(ScopeView)

    @property
    def seen(self) -> Seen | None:
        """The scope as it was read last."""
        return self.view.seen if self.is_mounted else None

    def on_shown(self) -> None:
        """It may have changed while the screen was away."""
        see = partial(scope_step.see, self.workspace, self.session)
        self.load(see, partial(self.Read, self.saves), group="read")

    def on_scope_reading_read(self, message: Read) -> None:
        """Show it, unless a save came back meanwhile."""
        if message.saves == self.saves:
            self._see(message.seen)

    def on_scope_reading_saved(self, message: Saved) -> None:
        """Go on to what is missing still, or to the rule that is new."""
        scope = message.seen.session.scope
        self.take_saved(message.seen)
        added = [rule.id for rule in scope.rules if message.before.rule(rule.id) is None]
        if scope_step.blockers(scope):
            self.view.go_to_gap()
        elif added:
            self.view.go_to_rule(added[0])

    def take_saved(self, seen: Seen) -> None:
        """Show what this screen has saved."""
        self.saves += 1
        self._see(seen)
        self.refresh_road()

    def begin(self) -> None:
        """A scope with nothing in it was opened."""

    def _see(self, seen: Seen) -> None:
        """Show a scope; count and plan again where that could differ."""
        before = self.seen
        if before == seen:
            return
        self.set_session(seen.session.name)
        self.set_figures(describe.header(seen))
        self.view.show(seen)
        if before is None:
            self._come_back(seen.session)
        if before is None or _differs(before, seen):
            self._compute()
        self.refresh_actions()

    def on_scope_reading_planned(self, message: Planned) -> None:
        """Show it; in the dialog too, if it waits for it."""
        self.plan, self.advice = message.plan, message.advice
        self.view.show_plan(plan_line(self.plan), advice_line(self.advice))
        texts = {"plan": plan_text(self.plan), "advice": describe.advice_text(self.advice)}
        self.view.show_changed(self.plan.changed)
        self.refresh_actions()
        for screen in self.app.screen_stack:
            if isinstance(screen, ReadDialog) and screen.topic in texts:
                screen.show(texts[screen.topic])

    def on_scope_reading_counted(self, message: Counted) -> None:
        """Show it."""
        if message.counts is not None:
            self.view.show_accepted(message.counts)

    def on_scope_view_moved(self) -> None:
        """Other keys may apply."""
        self.refresh_actions()

    def on_screen_suspend(self) -> None:
        """Note the place, for the next time."""
        self._remember()

    def _compute(self) -> None:
        if self.plan is None:
            self.view.show_plan(WAITING, WAITING)
        workspace, slug = self.workspace, self.session

        def plan() -> tuple[CasePlan, tuple[Advice, ...]]:
            from engine.steps.advising import advise_session
            from engine.steps.plan import plan_cases

            return plan_cases(workspace, slug), advise_session(workspace, slug)

        def count() -> dict[str, int] | None:
            from engine.steps import figures

            return figures.count_apart(workspace, slug, is_cancelled)

        self.load(plan, self.Planned, group="plan")
        self.load(count, self.Counted, group="figures")

    def _come_back(self, session: Session) -> None:
        """Select what was selected last; what is missing, in a new scope."""
        kind, _, name = str(session.place.get(PLACE, "")).partition(" ")
        if scope_step.blockers(session.scope):
            self.view.go_to_gap()
            if not (session.scope.task or session.scope.intents or session.scope.rules):
                self.begin()
        elif kind == "field":
            self.view.go_to_field(name)
        else:
            self.view.go_to_rule(name)
        self._remember()

    def _remember(self) -> None:
        if self.seen is None:
            return
        rule = self.view.rule
        place = f"rule {rule.id}" if rule else f"field {self.view.field}"
        if place == self._remembered:
            return
        self._remembered = place
        self.remember({PLACE: place})

    def remember(self, place: dict[str, str | int]) -> None:
        """Note something for the next time."""
        remember = partial(scope_step.remember, self.workspace, self.session, place)
        # The app asks for it: a screen that goes takes its threads with it.
        run_in_background(self.app, remember, lambda _: self.Remembered())


def _differs(before: Seen, seen: Seen) -> bool:
    """Whether counts and plan could be others."""
    # An amended suite is an amendment, too.
    return (before.session.scope, before.cases, before.amendments) != (
        seen.session.scope,
        seen.cases,
        seen.amendments,
    )

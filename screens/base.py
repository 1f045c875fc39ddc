"""The base of every screen: header, rail, footer, one way from a key to a method.

How a screen is made:

    class CurateScreen(StepScreen):
        STEP = "curate"
        CSS_PATH = "curate.tcss"
        ACTIONS = (
            Action("curate.accept", ("a",), "accept", "Accept the answer and move on.", priority=2),
            Action("curate.keep_left", ("1",), "left", "Keep the left answer.", contextual=True),
        )

        class CardsLoaded(Message): ...             # past tense, carries a frozen struct

        def compose_body(self) -> ComposeResult:    # what stands between rail and footer
            yield Prose(id="answer")

        def on_shown(self) -> None:                 # on screen, first or again: load
            self.load(partial(read_cards, self.workspace, self.session), self.CardsLoaded)

        def on_curate_screen_cards_loaded(self, message: CardsLoaded) -> None:
            self.query_one("#answer", Prose).show(message.cards[0].answer)
            self.set_figures("182/412   148/h")
            self.refresh_actions()                  # footer: what can be done has changed

        def do_accept(self) -> None: ...            # the verb of `curate.accept`
        def why_not(self, action_id: str) -> str | None:    # dims it, and says so when pressed
            return None if self.card else "Nothing left to decide."
        def applies(self, action_id: str) -> bool:  # only for contextual actions
            return self.card.is_conflict

The engine is called through `load` only, which runs it in a thread; what it returns comes back as
a message. StropError may be raised anywhere, in a thread or in a handler: the app shows it. Words
from outside go through `screens.text.safe` or `visible`, or into widgets that do it (Prose, Table,
Lines, dialogs take plain strings and never parse markup). `Static` and `notify` parse markup: use
`Static(safe(text))` and `self.say(text)`.

Asking: `confirm`, `ask_text`, `choose` (dialogs) and `ask_key` (the footer asks, the next key
answers, nothing else is painted). Timers: `every`, which runs only while the screen is visible.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.message import Message

from screens.actions import COMMON, GO, Action
from screens.screen import StropScreen
from screens.widgets.dialog import Choice
from screens.widgets.header import Header
from screens.widgets.rail import Rail, Step, Stop

__all__ = ["Action", "Choice", "StepScreen", "Stop", "StropScreen"]


class StepScreen(StropScreen):
    """One of the five steps of one session."""

    STEP: ClassVar[Step]
    SHARED = (*GO, *COMMON)

    class RoadRead(Message):
        """How far the session is, read from the store."""

        def __init__(self, stops: tuple[Stop, ...]) -> None:
            super().__init__()
            self.stops = stops

    def __init__(self, session: str) -> None:
        super().__init__()
        self.session = session
        """Slug of the session."""

    def compose_top(self) -> ComposeResult:
        """Header and rail."""
        yield Header()
        yield Rail(self.STEP)

    def on_mount(self) -> None:
        """Name the session until the screen knows better."""
        self.set_session(self.session)

    def on_screen_resume(self) -> None:
        """The road may have changed while the screen was away."""
        self.refresh_road()

    def set_session(self, title: str) -> None:
        """The session's name in line 1."""
        self.query_one(Header).describe(session=title)

    def refresh_road(self) -> None:
        """Read again how far the session is."""
        self.load(lambda: self.shell.road(self.session), self.RoadRead, group="road")

    def on_step_screen_road_read(self, message: RoadRead) -> None:
        """Show it."""
        self.query_one(Rail).set_stops(message.stops)

    def go(self, step: Step) -> None:
        """Go to a step of this session, or say what blocks it."""
        stop = self.query_one(Rail).stop(step)
        if stop.state == "blocked":
            self.say(stop.why or f"{step.title()} is not open yet.", warn=True)
        elif step != self.STEP:
            self.shell.go(step, self.session)

    def do_scope(self) -> None:
        """Step 1."""
        self.go("scope")

    def do_curate(self) -> None:
        """Step 2."""
        self.go("curate")

    def do_train(self) -> None:
        """Step 3."""
        self.go("train")

    def do_compare(self) -> None:
        """Step 4."""
        self.go("compare")

    def do_verdict(self) -> None:
        """Step 5."""
        self.go("verdict")

    def do_back(self) -> None:
        """Back to the list of sessions."""
        self.shell.go_home()

"""The verdict on screen: reading it, the word, the gates, what stands below them."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult

from engine.delivery.contents import Reached
from engine.evaluation.evidence import BASE_AND_TUNED, Arms
from engine.steps import review, sessions
from engine.steps.days import short_day
from engine.steps.review import Reading
from engine.workspace import Workspace
from screens.base import StepScreen
from screens.symbols import symbols_of
from screens.text import safe
from screens.verdict_parts import words
from screens.verdict_parts.actions import ACTIONS
from screens.verdict_parts.board import GateBoard
from screens.verdict_parts.messages import Stamped, VerdictReached
from screens.verdict_parts.rest import draw_rest
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose

LOOK_S = 3.0
AROUND = 5
"""Lines of header, rail, word, the blank line below the gates, footer."""
REST = 7
"""Lines below the gates that sentences must not take."""


class GatesScreen(StepScreen):
    """Shows a verdict; what can be done with it, its subclass knows."""

    STEP = "verdict"
    AUTO_FOCUS = "#board"

    def __init__(
        self, session: str, *, run: int | None = None, arms: Arms = BASE_AND_TUNED
    ) -> None:
        super().__init__(session)
        self.run = run
        """The run that the operator chose; None is the newest."""
        self.arms = arms
        """What is compared: the second arm is judged."""
        self.reading: Reading | None = None

    def compose_body(self) -> ComposeResult:
        """The word, the gates, what stands below them."""
        yield Lines(" Asking the gates ...", id="word")
        yield GateBoard(id="board")
        yield Prose(id="rest", can_focus=False)

    def on_mount(self) -> None:
        """Answers, rulings and waivers may come in while the screen is shown."""
        self.every(LOOK_S, self._look)

    # Reading

    @property
    def reached(self) -> Reached | None:
        """The verdict; None while there is none."""
        return self.reading.reached if self.reading else None

    def on_shown(self) -> None:
        """Read at first; later only what is new."""
        if self.reading is None:
            self.read()
        else:
            self._look()

    def read(self) -> None:
        """Ask the gates again."""
        job = partial(read_verdict, self.workspace, self.session, self.run, self.arms)
        self.load(job, VerdictReached, group="verdict")

    def _look(self) -> None:
        if self.reading is not None:
            job = partial(review.stamp, self.workspace, self.session)
            self.load(job, Stamped, group="stamp")

    def on_stamped(self, message: Stamped) -> None:
        """Ask again when something is new."""
        if self.reading is not None and message.stamp != self.reading.stamp:
            self.read()

    def on_verdict_reached(self, message: VerdictReached) -> None:
        """Show it."""
        self.reading = message.reading
        if message.reading.reached is not None:
            # A checkpoint that somebody chose may stand in for `tuned`.
            self.arms = message.reading.reached.verdict.arms
        self.set_session(message.reading.session.name)
        self.set_figures(self._figures())
        self._draw()
        self.refresh_actions()

    def _figures(self) -> str:
        """`run 3   frozen 3 Nov, 1 amendment`."""
        reached = self.reached
        if reached is None:
            return ""
        at, count = reached.session.frozen_at, len(reached.amendments)
        frozen = f"frozen {short_day(at)}" if at else "not frozen"
        amended = f", {count} amendment{'' if count == 1 else 's'}" if count else ""
        arms = "" if self.arms == BASE_AND_TUNED else f": {self.arms[1]} against {self.arms[0]}"
        return f"run {reached.run.id}{arms}   {frozen}{amended}"

    def on_resize(self) -> None:
        """More room for the same things."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        if self.reading is None:
            return
        reached = self.reached
        self.set_class(reached is None, "-empty")
        if reached is None:
            self.query_one("#word", Lines).show("")
            self.query_one("#rest", Prose).show(safe(self._empty_text(self.reading)))
            return
        name, symbols = reached.verdict.verdict, symbols_of(self)
        word = f"{words.verdict_sign(name, symbols)}  {words.LETTERS[name]}"
        shown = safe(word.center(self.size.width).rstrip(), style=words.STYLES[name])
        self.query_one("#word", Lines).show(shown)
        board, room = self.query_one(GateBoard), self.size.height - AROUND
        board.set_gates(reached.verdict.gates, room - REST)
        self.call_after_refresh(self._draw_rest)

    def _draw_rest(self) -> None:
        reached = self.reached
        if reached is not None:
            room = self.size.height - AROUND - len(self.query_one(GateBoard).lines)
            keys = self._key("evidence"), self._key("sign"), self._key("cases")
            rest = draw_rest(reached, self.size.width - 3, room, keys)
            self.query_one("#rest", Prose).show(rest)

    def _key(self, verb: str) -> str:
        return self.key_of(next(action for action in ACTIONS if action.verb == verb))

    def _empty_text(self, reading: Reading) -> str:
        if reading.trouble is not None:
            return f"{reading.trouble.message}\n\n{reading.trouble.hint}"
        return self.empty("There is nothing to judge: no run yet.", "go.train")


def read_verdict(workspace: Workspace, slug: str, run: int | None, arms: Arms) -> Reading:
    """Ask the gates, remember the place."""
    reading = review.read_verdict(workspace, slug, run, arms)
    sessions.remember_place(workspace, slug, 5, reading.session.place)
    return reading

"""The half of the training screen that follows one run and tells its worker what is wanted.

It reads the run folder once a second, in a thread, and speaks to the worker through files; it
never waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import msgspec

from engine.errors import StropError
from engine.runs import launch
from engine.runs.folder import RunFolder
from engine.steps import follow
from engine.steps.follow import Follower, Sight
from screens.background import WorkFailed
from screens.base import Choice, StepScreen
from screens.train_parts.actions import View
from screens.train_parts.curves import NAMES, draw_curves
from screens.train_parts.live import LivePane, Seen, Watching
from screens.train_parts.messages import RunChosen, RunSeen, WorkerTold
from screens.train_parts.permits import cost_of_stopping, view_of
from screens.train_parts.preflight import PreflightPane
from screens.train_parts.samples import Place, at_place, by_question
from screens.train_parts.words import header_text
from screens.widgets.prose import Prose

ARMS = (
    Choice("1", "tuned: the best adapter so far", "tuned"),
    Choice("2", "prompted: the base model with your rules in its prompt", "prompted"),
)


class RunScreen(StepScreen):
    """Follows one run; the screen built on it knows the views."""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.view: View = "arriving"
        self.follower: Follower | None = None
        self.seen: Seen | None = None
        self.watching = Watching()
        self.busy = ""
        """What is under way and must not be begun twice, a sentence; empty when nothing is."""
        self._looking = False
        self._troubled = False
        """Whether the last look failed; the sentence above the page says why."""
        self._said = ("", 0)

    @property
    def sight(self) -> Sight | None:
        """The run as it was seen last."""
        return self.seen.sight if self.seen else None

    def show_view(self, view: View) -> None:
        """Put one page in view."""
        raise NotImplementedError

    def key_for(self, action_id: str) -> str:
        """The key of an action by its id, as people read it."""
        return next((self.key_of(a) for a in self.actions if a.id == action_id), "")

    def say_above(self, text: str) -> None:
        """One sentence above the page, until it is taken away with an empty one."""
        notice = self.query_one("#notice", Prose)
        notice.show(text)
        notice.display = bool(text)

    # Looking

    def attach(self, follower: Follower) -> None:
        """Watch this run from now on."""
        self.follower, self.seen, self.watching = follower, None, Watching()
        self.set_busy("")
        self.look()

    def on_run_chosen(self, message: RunChosen) -> None:
        """Watch it."""
        self.show_view("arriving")
        self.attach(message.follower)

    def on_worker_told(self, message: WorkerTold) -> None:
        """See what it makes of it."""
        self.set_busy("")
        self.look()

    def look(self) -> None:
        """Read what is new of the run, unless that is going on."""
        if self.follower is not None and not self._looking:
            self._looking = True
            log = bool(self.watching.log)
            self.load(partial(see, self.follower, self.seen, with_log=log), RunSeen)

    def on_run_seen(self, message: RunSeen) -> None:
        """Show it, unless another run is watched by now."""
        self._looking = False
        if message.follower is not self.follower:
            self.look()
        elif isinstance(message.seen, StropError):
            self._troubled = True
            self.say_above(f"Run {message.follower.run}: {message.seen}")
        else:
            if self._troubled:
                self._troubled = False
                self.say_above(self.busy)
            self.seen = message.seen
            self._spread_the_word(message.seen.sight)
            if self.view in ("arriving", "preflight", "live"):
                self.show_view(view_of(message.seen.sight))
                self.present()

    def _spread_the_word(self, sight: Sight) -> None:
        """Line 1 says what is running; the road may have moved when the phase changed."""
        text = header_text(sight)
        ours = self.shell.running.startswith(f"run {sight.run} ")
        if text != self.shell.running and (text or ours):
            self.shell.set_running(text)
        if (sight.phase, sight.run) != self._said:
            self._said = (sight.phase, sight.run)
            self.refresh_road()

    def present(self) -> None:
        """Give the page in view what was seen last."""
        if self.seen is not None and self.view == "preflight":
            self.query_one(PreflightPane).present(self.seen.sight, self.key_for)
        elif self.seen is not None and self.view == "live":
            self.query_one(LivePane).present(self.seen, self.watching, self.key_for)
        self.refresh_actions()

    def on_work_failed(self, message: WorkFailed) -> None:
        """The app shows the error; what was under way no longer is."""
        self._looking = False
        self.set_busy("")

    # Telling the worker

    def set_busy(self, sentence: str) -> None:
        """Say what is under way; the keys that would begin it again are off meanwhile."""
        self.busy = sentence
        self.say_above(sentence)
        self.refresh_actions()

    def begin(self, busy: str, begin: Callable[[], int]) -> None:
        """Start a run in a thread, then watch it."""
        self.set_busy(busy)
        workspace = self.workspace
        self.load(lambda: Follower(workspace, begin()), RunChosen, group="begin")

    def tell(self, command: Callable[[RunFolder], object]) -> None:
        """Ask something of the run's worker, in a thread."""
        if self.follower is not None:
            self.load(partial(command, self.follower.folder), WorkerTold, group="begin")

    def do_start(self) -> None:
        """Base answers, training, tuned answers."""
        self._start(preflight_only=False)

    def do_resume(self) -> None:
        """Go on from the last checkpoint; a run that was only prepared gets its preflight."""
        prepared = self.sight is not None and self.sight.phase == "prepared"
        self._start(preflight_only=prepared)

    def _start(self, *, preflight_only: bool) -> None:
        if self.follower is not None:
            self.set_busy("The worker is being started.")
            start = partial(self.follower.start, preflight_only=preflight_only)
            self.load(start, WorkerTold, group="begin")

    def do_pause(self) -> None:
        """Ask for it; the worker does so after this step."""
        self.tell(launch.pause)

    def do_checkpoint(self) -> None:
        """Ask for it; the worker does so after this step."""
        self.tell(launch.checkpoint)

    def do_stop(self) -> None:
        """Ask in numbers first."""
        if self.sight is not None:
            title = f"Stop run {self.sight.run} for good?"
            stop = partial(self.tell, launch.stop)
            self.confirm(title, cost_of_stopping(self.sight), "stop it", stop)

    def do_answers(self) -> None:
        """Ask for the arm, then answer every case with it."""
        self.ask_key("answer every case with", ARMS, self._begin_answers)

    def _begin_answers(self, arm: Choice) -> None:
        if self.sight is not None:
            begin = partial(
                follow.begin_answers, self.workspace, self.session, self.sight.run, arm.value
            )
            self.begin("The answers are being prepared.", begin)

    # Looking closer

    def _watch(self, watching: Watching) -> None:
        self.watching = watching
        self.present()

    def do_next_row(self) -> None:
        """Another rendered row."""
        self.query_one(PreflightPane).next_row()

    def do_by_token(self) -> None:
        """Where one token ends and the next begins."""
        self.query_one(PreflightPane).part_tokens()

    def do_charts(self) -> None:
        """Another chart."""
        at = NAMES.index(self.watching.chart) + 1
        self._watch(msgspec.structs.replace(self.watching, chart=NAMES[at % len(NAMES)]))

    def do_log(self) -> None:
        """The end of the log, or the answers and events again."""
        if self.sight is None:
            return
        shown = self.watching.wants_log(self.sight)
        self._watch(msgspec.structs.replace(self.watching, log=not shown))
        self.set_focus(self.query_one("#answer" if shown else "#log-text"))
        self.look()

    def do_next_prompt(self) -> None:
        """Another pinned question."""
        self._move(self.watching.place.next_question())

    def do_earlier(self) -> None:
        """The answer one look before."""
        self._move_look(1)

    def do_later(self) -> None:
        """The answer one look later."""
        self._move_look(-1)

    def _move_look(self, back: int) -> None:
        if self.sight is None:
            return
        place = self.watching.place
        found = at_place(by_question(self.sight.snapshot.events), place)
        self._move(place.moved(back, found[3] if found else 0))

    def _move(self, place: Place) -> None:
        self._watch(msgspec.structs.replace(self.watching, place=place))


def see(
    follower: Follower, before: Seen | None, *, with_log: bool
) -> tuple[Follower, Seen | StropError]:
    """One look at a run; curves are drawn up anew only when there is something new on them."""
    try:
        sight = follower.look(with_log=with_log)
    except StropError as error:
        return follower, error
    known = before.sight if before is not None and before.sight.run == sight.run else None
    same = known is not None and (known.snapshot.metrics, known.steps) == (
        sight.snapshot.metrics,
        sight.steps,
    )
    curves = before.curves if before is not None and same else draw_curves(sight)
    return follower, Seen(sight, curves, time.time())

"""Choosing a checkpoint from the compare screen: measuring in the background, table, choice."""

from __future__ import annotations

from functools import partial

from engine.errors import NotFoundError
from engine.steps import choosing, train
from engine.steps.candidates import Candidates
from engine.workspace import Workspace
from screens.compare_parts.checkpoints import CheckpointsDialog, Wish
from screens.compare_parts.counting import CountingScreen
from screens.compare_parts.messages import CheckpointsRead, JobStarted

MEASURE = (
    "Each checkpoint that the run has kept answers the validation rows, in the background. No"
    " sealed case is asked."
)


class ChoosingScreen(CountingScreen):
    """Shows the checkpoints of the run that is looked at, and takes a choice among them."""

    def do_checkpoints(self) -> None:
        """The table; where nothing was measured yet, ask whether to."""
        run = self.review.run if self.review else None
        if run is not None:
            job = partial(read_checkpoints, self.workspace, self.session, run)
            self.load(job, CheckpointsRead, group="checkpoints")

    def on_checkpoints_read(self, message: CheckpointsRead) -> None:
        """Show them, or offer to measure them."""
        if message.found is None:
            title = "The checkpoints were not measured yet"
            self.confirm(title, MEASURE, "measure them", self._measure)
        else:
            self.app.push_screen(CheckpointsDialog(message.found), self._wished)

    def _wished(self, wish: Wish | None) -> None:
        if wish is None:
            return
        if wish.what == "measure":
            self._measure()
            return
        self.ask_text(
            f"Why is step {wish.step} to be judged?",
            lambda why: self._choose(wish.step, why),
            hint="It stands in the report, with your name. Verdicts are about it from then on.",
        )

    def _measure(self) -> None:
        run = self.review.run if self.review else None
        self.load(partial(measure, self.workspace, self.session, run), JobStarted)

    def _choose(self, step: int, why: str) -> None:
        run = self.review.run if self.review else None
        self.load(partial(choose, self.workspace, self.session, run, step, why), JobStarted)

    def on_job_started(self, message: JobStarted) -> None:
        """Say so; with another checkpoint judged, other arms are shown."""
        self.say(message.said)
        self.begin_again()


def read_checkpoints(workspace: Workspace, slug: str, run: int) -> Candidates | None:
    """The table of a run; None where nobody has measured its checkpoints."""
    try:
        return choosing.candidates(workspace, slug, run)
    except NotFoundError:
        return None


def measure(workspace: Workspace, slug: str, run: int | None) -> str:
    """Start measuring; what to say of it."""
    folder = choosing.prepare(workspace, slug, run)
    train.start(folder)
    return f"Run {folder.job().run} answers the validation rows with each checkpoint."


def choose(workspace: Workspace, slug: str, run: int | None, step: int, why: str) -> str:
    """Record the choice and start what it needs; what to say of it."""
    folder = choosing.choose(workspace, slug, run, step, why)
    if folder is None:
        return f"Step {step} is judged from now on."
    train.start(folder)
    return f"Step {step} is judged from now on: run {folder.job().run} answers every case with it."

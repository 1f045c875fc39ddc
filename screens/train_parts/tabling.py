"""The half of the training screen that lists runs: the table, two held together, the queue."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.steps import queue, status
from engine.steps.follow import Arrival, Proposal
from engine.steps.queue import Series
from engine.steps.runs import Tabulator, hold_together
from engine.workspace import Workspace
from screens.base import Choice
from screens.train_parts.actions import View
from screens.train_parts.messages import PairRead, QueueMoved, RunsListed
from screens.train_parts.pair import PairPane
from screens.train_parts.plan import Draft
from screens.train_parts.queueing import choices, first_wish, what_comes
from screens.train_parts.runs import Listed, RunsPane
from screens.train_parts.watching import RunScreen
from screens.widgets.prose import Prose
from screens.widgets.table import Table


class TableScreen(RunScreen):
    """Lists the runs of a session; the screen built on it plans them."""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self._arrival: Arrival | None = None
        self._draft = Draft()
        self._proposal: Proposal | None = None
        self._tabulator: Tabulator | None = None
        self._beneath: View = "plan"
        """The view that the list of runs covers."""

    def do_runs(self) -> None:
        """List every run of the session."""
        self._beneath = self.view
        self._list_runs()

    def _list_runs(self) -> None:
        if self._arrival is not None:
            if self._tabulator is None:
                self._tabulator = Tabulator(self.workspace, self.session)
            session, tabulator = self._arrival.session_id, self._tabulator
            self.load(
                partial(list_runs, self.workspace, session, tabulator), RunsListed, group="runs"
            )

    def on_runs_listed(self, message: RunsListed) -> None:
        """Show them; the cursor begins on the run that was looked at."""
        pane = self.query_one(RunsPane)
        at = pane.chosen if self.view in ("runs", "pair") else None
        watched = self.follower.run if self.follower else None
        self.show_view("runs")
        pane.present(message.listed, at or watched)
        self._describe_chosen()

    def on_table_highlighted(self, message: Table.Highlighted) -> None:
        """Another run is under the cursor."""
        self._describe_chosen()

    def _describe_chosen(self) -> None:
        self.query_one("#run-detail", Prose).show(self.query_one(RunsPane).draw_chosen())
        self.refresh_actions()

    def do_sort(self) -> None:
        """Order by the next column."""
        self.query_one(RunsPane).sort_by_next()

    def do_mark(self) -> None:
        """Mark the run under the cursor."""
        self.query_one(RunsPane).mark()
        self.refresh_actions()

    def do_pair(self) -> None:
        """Hold the two marked runs together."""
        pair = self.query_one(RunsPane).pair
        if pair is not None:
            read = partial(hold_together, self.workspace, self.session, *pair)
            self.load(read, PairRead, group="runs")

    def on_pair_read(self, message: PairRead) -> None:
        """Show them."""
        self.show_view("pair")
        self.query_one(PairPane).present(message.pair)

    def do_close_pair(self) -> None:
        """Back to the table."""
        self._list_runs()

    # The queue

    def do_vary(self) -> None:
        """Ask which setting, then which values."""
        self.choose("Vary one setting; all else stays alike", choices(), self._ask_values)

    def _ask_values(self, chosen: Choice) -> None:
        if self._proposal is not None:
            self.ask_text(
                "Which values, one run each?",
                self._wish_series,
                value=first_wish(chosen, self._proposal.plan.recipe),
                hint="setting=value,value,... They go one after another.",
            )

    def _wish_series(self, text: str) -> None:
        if self._proposal is None:
            return
        series = queue.vary(self._proposal.plan.recipe, text)
        make = partial(begin_queue, self.workspace, self.session, series, self._draft.cases)
        title = f"Queue {len(series.recipes)} runs?"
        self.confirm(title, what_comes(series), "queue them", lambda: self._move_queue(make))

    def _move_queue(self, change: Callable[[], str]) -> None:
        self.set_busy("The queue is being changed.")
        self.load(change, QueueMoved, group="queue")

    def on_queue_moved(self, message: QueueMoved) -> None:
        """Say it and show the table."""
        self.set_busy("")
        if message.said:
            self.say(message.said)
            self._beneath = self.view if self.view != "runs" else self._beneath
            self._list_runs()

    def do_take_out(self) -> None:
        """Take the run under the cursor out of its queue."""
        run = self.query_one(RunsPane).chosen
        if run is not None:
            self._move_queue(partial(take_out, self.workspace, run))


def list_runs(workspace: Workspace, session_id: int, tabulator: Tabulator) -> Listed:
    """Every run, and the table of those that train."""
    return Listed(tuple(status.run_lines(workspace, session_id)), tabulator.table())


def begin_queue(workspace: Workspace, session: str, series: Series, cases: int | None) -> str:
    """Make the runs and send them into the line; answers what to say."""
    folders = queue.prepare(workspace, session, series, cases=cases)
    queue.start(folders)
    return f"{len(folders)} runs stand in line; they go one after another without strop."


def take_out(workspace: Workspace, run: int) -> str:
    """Take one out; answers what to say."""
    queue.take_out(workspace, run)
    return f"Run {run} is taken out of the queue; the others go on."

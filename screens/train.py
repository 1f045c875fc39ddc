"""Step 3, Train: plan a run, read its preflight, watch it, and come back to it at any time."""

from __future__ import annotations

from functools import partial

import msgspec
from textual.app import ComposeResult

from engine.errors import InputError, NotFoundError, RunError
from engine.recipe import Recipe
from engine.steps import follow, queue
from engine.steps.follow import Arrival, Follower, Proposal
from engine.workspace import Workspace
from screens.train_parts.actions import ACTIONS, BY_VIEW, View
from screens.train_parts.live import LivePane
from screens.train_parts.messages import (
    Arrived,
    Planned,
    QueueMoved,
    RunChosen,
)
from screens.train_parts.pair import PairPane
from screens.train_parts.permits import is_its_turn, why_no_preflight, why_not_now
from screens.train_parts.plan import Draft, PlanPane
from screens.train_parts.preflight import PreflightPane
from screens.train_parts.runs import RunsPane
from screens.train_parts.tabling import TableScreen
from screens.widgets.prose import Prose
from screens.widgets.table import Table

PAGES: dict[str, View] = {
    "plan": "plan",
    "preflight": "preflight",
    "live": "live",
    "runs": "runs",
    "run-detail": "runs",
    "pair": "pair",
}
"""Which widget belongs to which view."""
FOCUS: dict[View, str] = {
    "plan": "#plan",
    "preflight": "#row",
    "live": "#answer",
    "runs": "#runs",
    "pair": "#pair-said",
}


class TrainScreen(TableScreen):
    """One session's runs: the views, and the plan of the next run."""

    STEP = "train"
    CSS_PATH = "train.tcss"
    ACTIONS = ACTIONS
    AUTO_FOCUS = ""

    def compose_body(self) -> ComposeResult:
        """One pane a view; the notice says what none of them can."""
        yield Prose(id="notice", can_focus=False)
        yield PlanPane(id="plan")
        yield PreflightPane(id="preflight")
        yield LivePane(id="live")
        yield RunsPane(id="runs")
        yield Prose(id="run-detail", can_focus=False)
        yield PairPane(id="pair")

    def on_mount(self) -> None:
        """Look once a second while anybody looks at the screen."""
        self.say_above("")
        self.show_view("arriving")
        self.every(1, self._tick)

    def on_shown(self) -> None:
        """Find the run to show, or look at it again."""
        if self._arrival is None:
            self.load(partial(arrive, self.workspace, self.session), Arrived, group="arrive")
        else:
            self._tick()

    def on_arrived(self, message: Arrived) -> None:
        """Attach to the newest run, or plan the first."""
        self._arrival = message.arrival
        go_on = partial(queue.try_to_go_on, self.workspace, message.arrival.session_id)
        self.load(go_on, QueueMoved, group="queue")
        self.set_session(message.arrival.title)
        if message.follower is None:
            self.make_plan(self._draft)
        else:
            self.attach(message.follower)

    def _tick(self) -> None:
        if self.view == "runs":
            self._list_runs()
        # From the plan, too: line 1 goes on saying what is running.
        self.look()

    def show_view(self, view: View) -> None:
        """Put one pane in view; the keys go to what scrolls in it."""
        if view == self.view and view != "arriving":
            return
        self.view = view
        for name, page in PAGES.items():
            self.query_one(f"#{name}").display = page == view
        self.set_focus(self.query_one(FOCUS[view]) if view in FOCUS else None)
        self.refresh_actions()

    def applies(self, action_id: str) -> bool:
        """Only what belongs to the view, and has a meaning for the run or the plan."""
        if action_id == "train.unset" and not self._draft.settings:
            return False
        return action_id in BY_VIEW[self.view] and is_its_turn(action_id, self.view, self.sight)

    def why_not(self, action_id: str) -> str | None:
        """What keeps an action from being done now."""
        if not action_id.startswith("train."):
            return None
        if self.busy:
            return self.busy
        if action_id == "train.preflight":
            return why_no_preflight(self._proposal)
        if action_id == "train.runs" and self.view == "plan" and not self._has_run():
            return "There is no run yet: the preflight makes the first."
        if action_id == "train.vary":
            return why_no_preflight(self._proposal)
        if action_id == "train.pair" and self.query_one(RunsPane).pair is None:
            return "Mark one training run with space and stand on another."
        if self.view in ("preflight", "live"):
            return why_not_now(action_id, self.sight)
        return None

    def _has_run(self) -> bool:
        return self._proposal is not None and self._proposal.has_runs

    # The plan

    def make_plan(self, draft: Draft) -> None:
        """Work a plan out and show it."""
        self.load(partial(propose, self.workspace, self.session, draft), Planned, group="plan")

    def on_planned(self, message: Planned) -> None:
        """Show the plan."""
        self._draft, self._proposal = message.draft, message.proposal
        self.show_view("plan")
        self.query_one(PlanPane).present(message.draft, message.proposal)
        self.refresh_actions()

    def do_preset(self) -> None:
        """The next preset."""
        self.make_plan(self._draft.turned(1))

    def do_preset_back(self) -> None:
        """The preset before."""
        self.make_plan(self._draft.turned(-1))

    def do_set(self) -> None:
        """Ask for a setting."""
        self.ask_text(
            "Set one thing yourself",
            lambda text: self.make_plan(self._draft.with_setting(text)),
            hint="key=value, for example epochs=2 or learning_rate=5e-4",
        )

    def do_unset(self) -> None:
        """Take the last setting back."""
        self.make_plan(self._draft.without_last())

    def do_cases(self) -> None:
        """Ask for how many cases of each suite."""
        self.ask_text(
            "How many cases of each suite?",
            self._set_cases,
            value=str(self._draft.cases or ""),
            hint="A number for a quick look; nothing for all of them, as a verdict needs.",
        )

    def _set_cases(self, text: str) -> None:
        number = text.strip()
        if number and not (number.isdecimal() and int(number)):
            raise InputError(f"{number!r} is no number of cases.", "Give 1 or more, or nothing.")
        cases = int(number) if number else None
        self.make_plan(msgspec.structs.replace(self._draft, cases=cases))

    def do_preflight(self) -> None:
        """Make the run folder and check it."""
        if self._proposal is not None:
            recipe, cases = self._proposal.plan.recipe, self._draft.cases
            begin = partial(follow.begin_preflight, self.workspace, self.session, recipe, cases)
            self.begin("The run is being prepared.", begin)

    def do_new_run(self) -> None:
        """Plan another run, from the standard preset."""
        self.make_plan(Draft())

    def do_edit_plan(self) -> None:
        """Plan again with the settings of the run whose preflight is shown."""
        if self.sight is not None:
            recipe = self.sight.job.recipe
            read = partial(draft_of, self.workspace, self.session, recipe, self._draft.cases)
            self.load(read, Planned, group="plan")

    # The run under the cursor

    def do_choose(self) -> None:
        """Look at the run under the cursor."""
        run = self.query_one(RunsPane).chosen
        if run is not None:
            workspace = self.workspace
            self.load(lambda: Follower(workspace, run), RunChosen, group="begin")

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """enter on a run."""
        self.do_choose()

    def do_close_runs(self) -> None:
        """Back to what the list covers."""
        if self._beneath == "plan" or self.seen is None:
            self.make_plan(self._draft)
        else:
            self.show_view(self._beneath)
            self.present()


def arrive(workspace: Workspace, session: str) -> tuple[Arrival, Follower | None]:
    """The run to show; a session whose newest run is out of reach begins with its plan."""
    arrival = follow.arrive(workspace, session)
    if arrival.run is None:
        return arrival, None
    try:
        return arrival, Follower(workspace, arrival.run)
    except (NotFoundError, RunError):
        return arrival, None


def propose(workspace: Workspace, session: str, draft: Draft) -> tuple[Draft, Proposal]:
    """The plan of a draft; raises InputError when a setting in it is none."""
    return draft, follow.propose(workspace, session, draft.preset, draft.settings)


def draft_of(
    workspace: Workspace, session: str, recipe: Recipe, cases: int | None
) -> tuple[Draft, Proposal]:
    """The draft that gives a recipe again, and its plan."""
    settings = follow.settings_of(workspace, session, recipe)
    return propose(workspace, session, Draft(recipe.preset, settings, cases))

"""Following one run from a screen: everything there is to see of it, read in one look."""

from __future__ import annotations

import os

import msgspec

from engine import recipe as recipes
from engine.recipe import Preset, Recipe
from engine.runs.feed import RunFeed, Snapshot
from engine.runs.folder import ENDED, Command, Job, Preflight, State
from engine.runs.reckoning import Reckoning, reckon
from engine.steps import compare, score, sessions, status, train
from engine.steps.health import Health, assess
from engine.store import sessions as session_store
from engine.store.runs import Run
from engine.workspace import Workspace

BADLY = ("failed", "blocked")
LOG_LINES = 200


class Sight(msgspec.Struct, frozen=True):
    """A run at one moment, with what explains it."""

    run: int
    job: Job
    snapshot: Snapshot
    preflight: Preflight | None
    health: Health
    log: tuple[str, ...]
    """The end of the worker's log, oldest line first; empty unless asked for or ended badly."""
    asked: Command | None
    """What the worker was asked for and has not done yet."""
    starting: bool
    """A worker holds the lock and has not said anything yet; the state is of an earlier one."""
    forgetting_limit: float
    reckoning: Reckoning | None
    """The estimate, and what the run took once it is through; None before a preflight."""

    @property
    def phase(self) -> str:
        """Phase of the worker, `starting` before its first word, `died` when it ended without."""
        if self.starting:
            return "starting"
        return "died" if self.snapshot.died else self.snapshot.state.phase

    @property
    def steps(self) -> tuple[int, int | None]:
        """Optimizer steps done, and how many there are when that is known yet."""
        state, last = self.snapshot.state, self.snapshot.last
        if state.phase == "training" and state.total:
            return state.step, state.total
        if last is None:
            return 0, None
        if not last.epoch:
            return last.step, None
        return last.step, round(self.job.recipe.epochs * last.step / last.epoch)


class Follower:
    """Looks at one run again and again; each look reads only what is new."""

    def __init__(self, workspace: Workspace, run_id: int) -> None:
        """Raises NotFoundError when the run or its folder is not there."""
        self.run = run_id
        self._workspace = workspace
        self.folder = train.folder_of(workspace, run_id)
        self._feed = RunFeed(self.folder)
        self._job = self.folder.job()
        session = session_store.get(workspace.store, self._job.session)
        self._limit = session.scope.criteria.forgetting_limit
        self._taken_over = False
        self._stale: float | None = None
        """Heartbeat of the state that stood when this follower started a worker."""

    def start(self, *, preflight_only: bool = False) -> None:
        """Start a worker, or resume; until it speaks, looks say that it is starting."""
        heartbeat = self.folder.state().heartbeat
        train.start(self.folder, preflight_only=preflight_only)
        self._stale = heartbeat

    def look(self, *, with_log: bool = False) -> Sight:
        """The run as it is now; raises RunError when its files are damaged.

        The answers or scores of a run that is done are taken over into the store, once.
        """
        snapshot = self._feed.poll()
        phase = snapshot.state.phase
        if phase == "done" and not self._taken_over:
            self._take_over()
            self._taken_over = True
        explain = with_log or snapshot.died or phase in BADLY
        recipe, preflight = self._job.recipe, self.folder.preflight()
        return Sight(
            run=self.run,
            job=self._job,
            snapshot=snapshot,
            preflight=preflight,
            health=assess(
                snapshot.metrics,
                limit=self._limit,
                general_limit=recipe.general_limit,
                first_look=recipe.evaluate_every,
            ),
            log=tuple(self.folder.log_tail(LOG_LINES)) if explain else (),
            asked=self._asked() if snapshot.alive else None,
            starting=snapshot.alive and self._is_old(snapshot.state),
            forgetting_limit=self._limit,
            reckoning=reckon(preflight, self.folder.outcome()),
        )

    def _take_over(self) -> None:
        if self._job.kind == "score":
            score.take_over(self._workspace, self._job.session)
        else:
            compare.take_over(self._workspace, self.run)

    def _is_old(self, state: State) -> bool:
        return state.heartbeat == self._stale or _is_of_an_earlier_worker(state)

    def _asked(self) -> Command | None:
        names: tuple[Command, ...] = ("stop", "pause", "checkpoint")
        return next((name for name in names if (self.folder.control / name).exists()), None)


def _is_of_an_earlier_worker(state: State) -> bool:
    """Whether a state says an end while somebody holds the lock, and not who wrote it."""
    if state.phase == "prepared":
        return True
    if state.phase not in ENDED:
        return False
    try:
        os.kill(state.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return state.pid == 0


class Arrival(msgspec.Struct, frozen=True):
    """What an operator finds on arriving at step 3."""

    title: str
    """Name of the session, for people."""
    session_id: int
    run: int | None
    """The newest run of the session, the one that is alive before all others."""


def arrive(workspace: Workspace, slug: str) -> Arrival:
    """Note that the operator is on step 3, and find the run to show."""
    session = session_store.get(workspace.store, slug)
    sessions.remember_place(workspace, slug, 3, session.place)
    lines = status.run_lines(workspace, session.id)
    # Scoring belongs to step 2; here line 1 says enough of it.
    alive = [line.run for line in lines if line.alive and line.kind != "score"]
    trained = [line.run for line in lines if line.kind == "train" and line.phase != "damaged"]
    return Arrival(session.name, session.id, next(reversed(alive or trained), None))


def settings_of(workspace: Workspace, slug: str, recipe: Recipe) -> tuple[str, ...]:
    """The `key=value` that make a plan of the recipe's preset give the same recipe again."""
    planned = train.plan(workspace, slug, preset=recipe.preset).recipe
    return tuple(f"{name}={getattr(recipe, name)}" for name in recipes.changed(planned, recipe))


class Proposal(msgspec.Struct, frozen=True):
    """What the next run would be, what keeps it from starting, and the run before it."""

    plan: train.Plan
    settings: tuple[str, ...]
    """What the operator has set, `key=value`."""
    blockers: tuple[str, ...]
    has_runs: bool
    """Whether the session has a training run, if only a prepared one."""

    @property
    def before(self) -> Run | None:
        """The newest run that has trained, which this one is held against."""
        return self.plan.before


def propose(workspace: Workspace, slug: str, preset: Preset, settings: tuple[str, ...]) -> Proposal:
    """Plan a run; raises InputError when a setting is none."""
    session = session_store.get(workspace.store, slug)
    return Proposal(
        plan=train.plan(workspace, slug, preset=preset, settings=settings),
        settings=settings,
        blockers=tuple(train.blockers(workspace, slug)),
        has_runs=train.last_training(workspace, session.id) is not None,
    )


def begin_preflight(
    workspace: Workspace, slug: str, recipe: Recipe, cases: int | None = None
) -> int:
    """Make a run folder and start its preflight; answers the number of the run.

    Raises StateError, ModelError or RunError when it cannot be.
    """
    folder = train.prepare(workspace, slug, recipe, cases=cases)
    train.start(folder, preflight_only=True)
    return folder.job().run


def begin_answers(workspace: Workspace, slug: str, run_id: int, arm: str) -> int:
    """Start answering every case of a training run with one more arm; answers the new run."""
    run = train.chosen(workspace, slug, run_id)
    folder = train.answer(workspace, slug, run, arm)
    train.start(folder)
    return folder.job().run

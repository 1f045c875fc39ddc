"""The table of a session's training runs, side by side, and two of them held against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from engine import recipe as recipes
from engine.errors import InputError, RunError
from engine.recipe import Recipe
from engine.runs.feed import RunFeed, Snapshot
from engine.runs.folder import ENDED, RunFolder
from engine.runs.reckoning import Reckoning, reckon, training_seconds
from engine.runs.standing import stand
from engine.steps import differences, train
from engine.steps.differences import Difference
from engine.store import runs, sessions, verdicts
from engine.store.runs import Run
from engine.workspace import Workspace

SortBy = Literal["run", "best", "last", "general", "time", "steps"]
SORTS: tuple[SortBy, ...] = ("run", "best", "last", "general", "time", "steps")


class RunRow(msgspec.Struct, frozen=True):
    """One training run in the table; None where nothing was measured."""

    run: int
    phase: str
    alive: bool
    exit: str | None
    """How it ended; None while it goes on."""
    recipe: Recipe
    steps: int
    """Optimizer steps done."""
    seconds: float
    """In training, over all lives of the worker."""
    base: float | None
    """Validation loss of the base model, nats a token."""
    best: float | None
    best_step: int | None
    last: float | None
    general: float | None
    """Loss on general texts above the base model's at the best look, nats."""
    series: int
    varies: str
    verdict: str
    """The last that was signed for it; empty when none was."""
    reckoning: Reckoning | None
    message: str = ""


class RunTable(msgspec.Struct, frozen=True):
    """The training runs of a session, oldest first, and the settings in which they differ."""

    rows: tuple[RunRow, ...]
    differing: tuple[str, ...]

    def settings_of(self, row: RunRow) -> dict[str, str]:
        """Of one run, only the settings that are not alike in all runs."""
        return {name: str(getattr(row.recipe, name)) for name in self.differing}

    def sorted_by(self, column: SortBy) -> tuple[RunRow, ...]:
        """The newest run first, else the lowest figure first and what was not measured last."""
        if column == "run":
            return tuple(reversed(self.rows))
        figure = FIGURES[column]
        return tuple(sorted(self.rows, key=lambda row: _low_first(figure(row))))


FIGURES: dict[SortBy, Callable[[RunRow], float | None]] = {
    "run": lambda row: row.run,
    "best": lambda row: row.best,
    "last": lambda row: row.last,
    "general": lambda row: row.general,
    "time": lambda row: row.seconds or None,
    "steps": lambda row: row.steps or None,
}


def _low_first(figure: float | None) -> tuple[bool, float]:
    return figure is None, figure or 0.0


class Tabulator:
    """Makes the table again and again; what has not changed on disk is not read again."""

    def __init__(self, workspace: Workspace, slug: str) -> None:
        """Raises NotFoundError when the session is not there."""
        self._workspace = workspace
        self._session = sessions.get(workspace.store, slug).id
        self._known: dict[int, tuple[object, RunRow]] = {}

    def table(self) -> RunTable:
        """The table as it is now; a damaged folder says so in its row."""
        found = [r for r in runs.every(self._workspace.store, self._session) if r.kind == "train"]
        rows = tuple(self._row(run) for run in found)
        return RunTable(rows, _differing([row.recipe for row in rows]))

    def _row(self, run: Run) -> RunRow:
        folder = RunFolder(runs.folder_of(run, self._workspace.runs))
        signed = verdicts.signed(self._workspace.store, run.id)
        verdict = signed[-1].verdict if signed else ""
        stamp = (_stamp(folder), verdict)
        known = self._known.get(run.id)
        if known is None or known[0] != stamp:
            known = stamp, _read(run, folder, verdict)
            self._known[run.id] = known
        return known[1]


def tabulate(workspace: Workspace, slug: str) -> RunTable:
    """The table, once; raises NotFoundError when the session is not there."""
    return Tabulator(workspace, slug).table()


def _stamp(folder: RunFolder) -> tuple[object, ...]:
    files = (folder.state_file, folder.metrics_file, folder.preflight_file, folder.outcome_file)
    sizes = [(f.stat().st_mtime_ns, f.stat().st_size) if f.exists() else None for f in files]
    return (*sizes, folder.is_alive())


def _read(run: Run, folder: RunFolder, verdict: str) -> RunRow:
    try:
        job, snapshot = folder.job(), RunFeed(folder).poll()
        preflight, outcome = folder.preflight(), folder.outcome()
    except RunError as error:
        return _damaged(run, verdict, str(error))
    looks = snapshot.looks()
    standing = stand(snapshot.metrics, job.recipe.general_limit)
    best = standing.best
    phase = "died" if snapshot.died else snapshot.state.phase
    return RunRow(
        run=run.id,
        phase=phase,
        alive=snapshot.alive,
        exit=phase if phase in ENDED or phase == "died" else None,
        recipe=job.recipe,
        steps=_steps(snapshot),
        seconds=_seconds(snapshot),
        base=next((m.validation_loss for m in looks if not m.step), None),
        best=best.validation if best else None,
        best_step=best.step if best else None,
        last=standing.looks[-1].validation if standing.looks else None,
        general=best.rise if best else None,
        series=job.series,
        varies=job.varies,
        verdict=verdict,
        reckoning=reckon(preflight, outcome),
        message=snapshot.state.message,
    )


def _steps(snapshot: Snapshot) -> int:
    return snapshot.last.step if snapshot.last is not None else 0


def _seconds(snapshot: Snapshot) -> float:
    now = snapshot.state.heartbeat if snapshot.alive else None
    return training_seconds(snapshot.events, snapshot.metrics, now)


def _damaged(run: Run, verdict: str, message: str) -> RunRow:
    return RunRow(
        run=run.id,
        phase="damaged",
        alive=False,
        exit="failed",
        recipe=run.recipe,
        steps=0,
        seconds=0.0,
        base=None,
        best=None,
        best_step=None,
        last=None,
        general=None,
        series=0,
        varies="",
        verdict=verdict,
        reckoning=None,
        message=message,
    )


def _differing(found: Sequence[Recipe]) -> tuple[str, ...]:
    """Settings that are not alike in all runs, in the order of the recipe."""
    if not found:
        return ()
    changed = {name for other in found for name in recipes.changed(found[0], other)}
    return tuple(name for name in Recipe.__struct_fields__ if name in changed)


class Pair(msgspec.Struct, frozen=True):
    """Two runs: what differs between them, and both curves."""

    first: RunRow
    second: RunRow
    differences: tuple[Difference, ...]
    first_curve: tuple[tuple[int, float], ...]
    """Step and validation loss of every look, the base model's at step 0 among them."""
    second_curve: tuple[tuple[int, float], ...]


def hold_together(workspace: Workspace, slug: str, first: int, second: int) -> Pair:
    """Two runs of a session, the earlier one first.

    Raises InputError when they are one run or none of training, NotFoundError, RunError.
    """
    if first == second:
        raise InputError(f"Run {first} does not differ from itself.", "Name two runs.")
    table = tabulate(workspace, slug)
    rows = {row.run: row for row in table.rows}
    ordered = sorted((first, second))
    for run in ordered:
        if run not in rows:
            raise InputError(f"Run {run} is no training run of this session.", "See `strop runs`.")
    folders = [train.folder_of(workspace, run) for run in ordered]
    before, after = map(differences.basis_of, folders)
    curves = [_curve(folder) for folder in folders]
    return Pair(
        first=rows[ordered[0]],
        second=rows[ordered[1]],
        differences=differences.compare(before, after),
        first_curve=curves[0],
        second_curve=curves[1],
    )


def _curve(folder: RunFolder) -> tuple[tuple[int, float], ...]:
    looks = RunFeed(folder).poll().looks()
    return tuple((m.step, m.validation_loss) for m in looks if m.validation_loss is not None)

"""A queue of runs that differ in one setting, for a controlled comparison.

Each entry is a run folder with a worker of its own that stands in line for the device, so the queue
needs nobody to drive it: it goes on when the app is closed and when a worker is killed. After a
reboot nobody stands in line; `go_on` sends those back who had not begun.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from engine import recipe as recipes
from engine.errors import InputError, RunError, StateError, StropError
from engine.recipe import Recipe
from engine.runs import launch
from engine.runs.folder import Event, Job, RunFolder, State, held_lock, write_atomically
from engine.steps import train
from engine.store import runs
from engine.store.runs import Run
from engine.workspace import Workspace

MOST = 16
"""Entries of a queue: each waits as a process of its own."""
SAME = ("scope", "sealed", "train", "validation", "guard")
"""What must be alike in all runs of a queue, by the names of their hashes."""
OUT = "Taken out of the queue."


class Series(msgspec.Struct, frozen=True):
    """Settings of several runs that differ in one of them and in nothing else."""

    setting: str
    recipes: tuple[Recipe, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the setting, as people read them."""
        return tuple(str(getattr(recipe, self.setting)) for recipe in self.recipes)


class Entry(msgspec.Struct, frozen=True):
    """One run of a queue."""

    run: int
    series: int
    """Number of the first run of its queue."""
    setting: str
    value: str
    phase: str
    """Phase of the worker; `left` when it had not begun and nobody stands in line for it."""
    alive: bool

    @property
    def is_left(self) -> bool:
        """Whether it waits for somebody to send it back into the line."""
        return self.phase == "left"


def vary(recipe: Recipe, wish: str) -> Series:
    """The series that `learning_rate=3e-4,1e-3` asks for; `;` parts values that have commas.

    Raises InputError when it is no setting, a value cannot be, or there are not two different ones.
    """
    setting, _, listed = (part.strip() for part in wish.partition("="))
    if setting == "preset":
        raise InputError("A preset sets many things at once.", "Vary one setting, such as rank.")
    words = listed.split(";" if ";" in listed else ",")
    found = [recipes.with_setting(recipe, f"{setting}={w.strip()}") for w in words if w.strip()]
    series = Series(setting, tuple(found))
    if len(found) < 2 or len(set(series.values)) < len(found):
        example = f"{setting or 'learning_rate'}=A,B,C"
        raise InputError(f"{wish!r} does not name two different values.", f"Write {example}.")
    if len(found) > MOST:
        raise InputError(f"{len(found)} runs are too many for one queue.", f"At most {MOST}.")
    return series


def prepare(
    workspace: Workspace,
    slug: str,
    series: Series,
    *,
    cases: int | None = None,
    processes: int = 1,
) -> list[RunFolder]:
    """Make the folder of every run; starts nothing. Raises StateError when they are not alike."""
    if any(
        set(recipes.changed(series.recipes[0], other)) != {series.setting}
        for other in series.recipes[1:]
    ):
        raise StateError("The runs of a queue must differ in one setting.", "Vary one.")
    folders = [
        train.prepare(workspace, slug, recipe, cases=cases, processes=processes)
        for recipe in series.recipes
    ]
    jobs = [folder.job() for folder in folders]
    _check_alike(jobs)
    for folder, job in zip(folders, jobs, strict=True):
        entry = msgspec.structs.replace(job, series=jobs[0].run, varies=series.setting)
        write_atomically(folder.job_file, msgspec.json.format(msgspec.json.encode(entry)))
    return folders


def _check_alike(jobs: Sequence[Job]) -> None:
    """Somebody else may have decided or split while the folders were written."""
    for name in SAME:
        if len({job.hashes.get(name) for job in jobs}) > 1:
            raise StateError(
                f"The runs are not alike: {name} changed while they were prepared.",
                "None was started. Ask for the queue again.",
            )


def start(folders: Sequence[RunFolder]) -> None:
    """Send the runs into the line, in order of their numbers; each goes when it is its turn."""
    for folder in folders:
        if not folder.is_alive():
            launch.launch(folder)


def entries(workspace: Workspace, session_id: int | None = None) -> list[Entry]:
    """Every run that was made in a queue, oldest first; damaged folders are left out."""
    found = (_entry(workspace, run) for run in runs.every(workspace.store, session_id))
    return [entry for entry in found if entry is not None]


def _entry(workspace: Workspace, run: Run) -> Entry | None:
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    try:
        job = folder.job() if run.kind == "train" else None
        if job is None or not job.series:
            return None
        alive, phase = folder.is_alive(), folder.state().phase
    except RunError:
        return None
    left = not alive and phase in ("prepared", "waiting")
    return Entry(
        run=run.id,
        series=job.series,
        setting=job.varies,
        value=str(getattr(job.recipe, job.varies)),
        phase="left" if left else "died" if folder.has_died() else phase,
        alive=alive,
    )


def go_on(workspace: Workspace, session_id: int | None = None) -> list[int]:
    """Send back into the line who was left out of it by a reboot or a kill; answers the runs.

    A run that had begun is not among them: whether to resume what died is for people to say.
    """
    back = [e.run for e in entries(workspace, session_id) if e.is_left]
    start([train.folder_of(workspace, run) for run in back])
    return back


def take_out(workspace: Workspace, run_id: int) -> None:
    """Take a run out of its queue before it begins; the others go on.

    Raises StateError when it is in none or has begun.
    """
    folder = train.folder_of(workspace, run_id)
    entry = _entry(workspace, runs.get(workspace.store, run_id))
    if entry is None:
        raise StateError(f"Run {run_id} is in no queue.", "`strop runs SESSION` lists them.")
    if entry.phase not in ("left", "waiting"):
        raise StateError(
            f"Run {run_id} has begun: it is {entry.phase}.", f"`strop stop {run_id}` ends it."
        )
    if entry.alive:
        launch.stop(folder)
        return
    with held_lock(folder.lock_file):
        _write_out(folder)


def _write_out(folder: RunFolder) -> None:
    """The last word of a run that has no worker to say it."""
    moment = time.time()
    with folder.events_file.open("ab") as handle:
        handle.write(msgspec.json.encode(Event(moment, "phase", f"stopped: {OUT}")) + b"\n")
    state = State("stopped", message=OUT, heartbeat=moment)
    write_atomically(folder.state_file, msgspec.json.encode(state))


def in_words(found: Sequence[Entry]) -> str:
    """Where the newest queue stands: `learning_rate: run 4 0.0003 done, run 5 0.001 training`."""
    if not found:
        return ""
    newest = [e for e in found if e.series == found[-1].series]
    words = ", ".join(f"run {e.run} {e.value} {e.phase}" for e in newest)
    return f"{newest[0].setting}: {words}"


def try_to_go_on(workspace: Workspace, session_id: int) -> str:
    """`go_on`, and what came of it in a sentence; empty when nobody was left."""
    try:
        back = go_on(workspace, session_id)
    except StropError as error:
        return f"The queue could not go on: {error}"
    if not back:
        return ""
    runs_named = f"run{'s' * (len(back) > 1)} {', '.join(map(str, back))}"
    return f"The queue goes on: {runs_named} stood in line when everything stopped, and do again."

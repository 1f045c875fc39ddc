"""What is running anywhere, and where a session stands on the road."""

from __future__ import annotations

import os
from typing import Literal

import msgspec

from engine.errors import RunError
from engine.runs.feed import RunFeed, Snapshot
from engine.runs.folder import ENDED, RunFolder
from engine.runs.reckoning import Reckoning, reckon
from engine.steps import scope as scope_step
from engine.steps import train
from engine.store import cases, examples, runs, sessions, verdicts
from engine.store.runs import Run
from engine.workspace import Workspace

StepName = Literal["scope", "curate", "train", "compare", "verdict"]
STEPS: tuple[StepName, ...] = ("scope", "curate", "train", "compare", "verdict")


class RunLine(msgspec.Struct, frozen=True):
    """One run in the list; the fields up to `exit` are for scripts to rely on."""

    run: int
    kind: str
    phase: str
    """Phase of the worker, or `died` when it ended without saying so."""
    step: int
    total: int
    alive: bool
    eta_s: float | None
    exit: str | None
    """How it ended: done, paused, stopped, blocked, failed, died; None while it goes on."""
    session: str
    folder: str
    message: str
    reckoning: Reckoning | None = None
    """The preflight's estimate, and what the run took once it is through."""


def run_lines(workspace: Workspace, session_id: int | None = None) -> list[RunLine]:
    """Every run, oldest first; a folder that is gone or damaged says so instead of its phase."""
    slugs = {s.id: s.slug for s in sessions.every(workspace.store)}
    return [_line(workspace, r, slugs[r.session]) for r in runs.every(workspace.store, session_id)]


def _line(workspace: Workspace, run: Run, slug: str) -> RunLine:
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    try:
        state, alive = folder.state(), folder.is_alive()
        reckoning = reckon(folder.preflight(), folder.outcome())
    except RunError as error:
        return RunLine(
            run.id, run.kind, "damaged", 0, 0, False, None, "failed", slug, run.folder, str(error)
        )
    phase = "died" if folder.has_died() else state.phase
    ended = phase if phase in ENDED or phase == "died" else None
    message = died_words(folder, run.id) if phase == "died" else state.message
    return RunLine(
        run=run.id,
        kind=run.kind,
        phase=phase,
        step=state.step,
        total=state.total,
        alive=alive,
        eta_s=state.eta_s,
        exit=ended,
        session=slug,
        folder=str(folder.path),
        message=message,
        reckoning=reckoning,
    )


def died_words(folder: RunFolder, run: int) -> str:
    """What there is to say of a worker that ended without a word."""
    if not os.access(folder.path, os.W_OK):
        return f"The worker ended: {folder.path} cannot be written. What is in it is kept."
    return f"Killed, out of memory or power lost. `strop resume {run}` goes on where it was."


def feed(workspace: Workspace, run_id: int) -> RunFeed:
    """A feed that follows one run."""
    return RunFeed(train.folder_of(workspace, run_id))


def running(workspace: Workspace) -> RunLine | None:
    """The run that works now, else the first that waits; None when nothing goes on."""
    alive = [line for line in run_lines(workspace) if line.alive]
    return next((line for line in alive if line.phase != "waiting"), alive[0] if alive else None)


def in_words(line: RunLine) -> str:
    """`run 3 ● training 84/200` for the first line of every screen."""
    figure = f" {line.step}/{line.total}" if line.total else ""
    return f"run {line.run} {line.phase}{figure}"


def plain_line(snapshot: Snapshot) -> str:
    """The whole state of a run in one line of plain words."""
    state = snapshot.state
    parts: list[str] = ["died" if snapshot.died else state.phase]
    if state.total:
        parts.append(f"{state.step}/{state.total}")
    last, looks = snapshot.last, snapshot.looks()
    if last is not None and last.loss is not None:
        parts.append(f"loss {last.loss:.3f}")
    if looks:
        parts.append(f"validation {looks[-1].validation_loss:.3f}")
    parts += _forgetting_words(snapshot)
    if last is not None and last.tokens_s:
        parts.append(f"{last.tokens_s:.0f} tokens/s")
    if state.eta_s is not None:
        parts.append(f"{minutes(state.eta_s)} left")
    return "  ".join(parts)


def _forgetting_words(snapshot: Snapshot) -> list[str]:
    """How far a run has left its base on general texts, as far as that is measured."""
    general = [(m.step, m.general_loss) for m in snapshot.metrics if m.general_loss is not None]
    words = []
    if len(general) > 1 and general[0][0] == 0:
        words.append(f"general {general[-1][1] - general[0][1]:+.3f}")
    # Not every step is held: the newest that was.
    apart = [m.divergence for m in snapshot.metrics if m.divergence is not None]
    if apart:
        words.append(f"divergence {apart[-1]:.3f}")
    return words


def minutes(seconds: float) -> str:
    """`40 s`, `6 min`, `2 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds // 3600:.0f} h {seconds % 3600 / 60:02.0f} min"


def reckoned(found: Reckoning) -> str:
    """`Estimated 4 min, took 5 min; memory 2.0 GB, 2.1 GB; disk 215 MB, 132 MB.`"""
    return (
        f"Estimated {minutes(found.estimated_s)}, took {minutes(found.took_s)};"
        f" memory {found.estimated_memory / 1e9:.1f} GB, {found.memory / 1e9:.1f} GB;"
        f" disk {found.estimated_disk / 1e6:.0f} MB, {found.disk / 1e6:.0f} MB."
    )


class Road(msgspec.Struct, frozen=True):
    """Where a session stands: which steps are done, and what blocks each step."""

    done: dict[StepName, bool]
    blocks: dict[StepName, str]
    """Why a step cannot be walked yet; steps that can be are not in it."""

    @property
    def next(self) -> StepName:
        """The first step that is not done."""
        return next((s for s in STEPS if not self.done[s]), "verdict")


def road(workspace: Workspace, slug: str) -> Road:
    """Look at store and run folders, answer where the session stands."""
    store = workspace.store
    session = sessions.get(store, slug)
    run = train.last_training(workspace, session.id)
    trained = run is not None and _has_tuned_answers(workspace, run)
    signed = run is not None and bool(verdicts.signed(store, run.id))
    return Road(
        done={
            "scope": session.frozen_at is not None,
            "curate": session.sealed_at is not None,
            "train": trained,
            "compare": trained,
            "verdict": signed,
        },
        blocks=_blocks(workspace, slug, run, trained),
    )


def _blocks(workspace: Workspace, slug: str, run: Run | None, trained: bool) -> dict[StepName, str]:
    session = sessions.get(workspace.store, slug)
    found: dict[StepName, str] = {}
    missing = scope_step.blockers(session.scope)
    if missing:
        found["scope"] = missing[0]
    if not sum(examples.counts(workspace.store, session.id).values()):
        found["curate"] = "Nothing imported yet."
    blocked = train.blockers(workspace, slug)
    if blocked:
        found["train"] = blocked[0]
    if not cases.count(workspace.store, session.id):
        found["compare"] = "There is no held-out case yet."
    elif not trained:
        found["verdict"] = "No run has tuned answers yet."
        if run is None or not _has_answers(workspace, run):
            found["compare"] = "No run has answered a case yet."
    return found


def _has_answers(workspace: Workspace, run: Run) -> bool:
    file = RunFolder(runs.folder_of(run, workspace.runs)).answers_file
    return file.exists() and file.stat().st_size > 0


def _has_tuned_answers(workspace: Workspace, run: Run) -> bool:
    if workspace.store.row("SELECT 1 FROM answers WHERE run = ? AND arm = 'tuned'", [run.id]):
        return True
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    try:
        return folder.state().phase == "done"
    except RunError:
        return False

"""The adapter of another run as an arm: `run-2` answers the cases that this run is judged by."""

from __future__ import annotations

import re

from engine.errors import InputError, StateError
from engine.runs.folder import RunFolder
from engine.steps import train
from engine.steps.answer_runs import write_answer_run
from engine.store.runs import Run
from engine.workspace import Workspace

_ARM = re.compile(r"run-([1-9][0-9]*)")


def is_earlier(arm: str) -> bool:
    """Whether an arm is named after a run: `run-2`."""
    return _ARM.fullmatch(arm) is not None


def prepare(workspace: Workspace, slug: str, run: Run, arm: str) -> RunFolder:
    """An answer run in which another run's adapter answers this run's cases; starts nothing.

    Raises InputError for a run of another base model, StateError for one without an adapter.
    """
    found = _ARM.fullmatch(arm)
    if found is None:
        raise InputError(f"{arm!r} names no run.", "Write run-2 for the adapter of run 2.")
    other = train.chosen(workspace, slug, int(found[1]))
    if other.kind != "train" or other.id == run.id:
        raise InputError(
            f"Run {other.id} is no other training run.", f"Name another one than run {run.id}."
        )
    ours, theirs = train.folder_of(workspace, run.id), train.folder_of(workspace, other.id)
    if not theirs.adapter.exists():
        raise StateError(f"Run {other.id} has no adapter yet.", "Let it train first.")
    if ours.job().model != theirs.job().model:
        raise InputError(
            f"Run {other.id} was trained on {theirs.job().model}, run {run.id} on"
            f" {ours.job().model}.",
            "An adapter belongs to its base model; import its answers with --from instead.",
        )
    suites = [ours.suite(name) for name in ours.job().suites]
    return write_answer_run(workspace, run, {arm: theirs.adapter}, suites)

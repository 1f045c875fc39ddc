"""Answer runs whose arms wear adapters of their own: a checkpoint, or that of another run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from engine.records import Suite
from engine.runs.folder import RunFolder, write_atomically
from engine.steps import train
from engine.store import runs
from engine.store.connection import now
from engine.store.runs import Run
from engine.workspace import Workspace


def write_answer_run(
    workspace: Workspace,
    run: Run,
    arms: Mapping[str, Path],
    suites: Sequence[Suite],
    kind: str = "answer",
) -> RunFolder:
    """Make the folder of a run that answers suites as a training run did; starts nothing.

    arms: name to adapter folder; the run's folder gets copies, so that it stays self-contained.
    """
    made = runs.add(
        workspace.store, run.session, kind, workspace.who, run.recipe, run.scope_hash, run.id
    )
    source = train.folder_of(workspace, run.id)
    target = RunFolder(runs.folder_of(made, workspace.runs))
    target.data.mkdir(parents=True)
    for arm, folder in arms.items():
        shutil.copytree(folder, target.path / "adapters" / arm)
    for suite in suites:
        write_atomically(target.data / f"suite-{suite.name}.json", msgspec.json.encode(suite))
    job = msgspec.structs.replace(
        source.job(),
        run=made.id,
        kind="answer",
        arms=tuple(arms),
        adapter="",
        adapters={arm: f"adapters/{arm}" for arm in arms},
        suites=tuple(suite.name for suite in suites),
        created=now(),
    )
    write_atomically(target.job_file, msgspec.json.format(msgspec.json.encode(job)))
    return target

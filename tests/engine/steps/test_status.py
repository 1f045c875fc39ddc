from __future__ import annotations

import msgspec

from engine.runs.folder import State, held_lock, write_atomically
from engine.steps import status, train
from engine.workspace import Workspace
from tests.survival.lives import read_only


def test_a_worker_that_ended_without_a_word_is_spoken_for_until_its_run_is_resumed(
    workspace: Workspace, curated: str
) -> None:
    folder = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    write_atomically(folder.state_file, msgspec.json.encode(State("training", 8, 20)))
    (line,) = status.run_lines(workspace)
    assert (line.phase, line.exit, line.step) == ("died", "died", 8)
    assert line.message == (
        "Killed, out of memory or power lost. `strop resume 1` goes on where it was."
    )
    with held_lock(folder.lock_file):
        (line,) = status.run_lines(workspace)
    assert (line.phase, line.exit, line.message) == ("training", None, "")


def test_a_folder_that_cannot_be_written_is_named(workspace: Workspace, curated: str) -> None:
    folder = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    write_atomically(folder.state_file, msgspec.json.encode(State("training", 8, 20)))
    with read_only(folder.path):
        (line,) = status.run_lines(workspace)
    assert line.message == (
        f"The worker ended: {folder.path} cannot be written. What is in it is kept."
    )

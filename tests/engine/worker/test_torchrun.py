"""Several processes as the program starts them: torchrun and Pythons of their own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from engine.runs import launch
from engine.runs.folder import RunFolder
from tests.engine.worker.conftest import Prepare

LIMIT_S = 240.0


def _children(pid: int) -> dict[str, int]:
    """Process ids of torchrun's workers by their rank."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        told = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        ranks = [name.partition(b"=")[2].decode() for name in told if name.startswith(b"RANK=")]
        found.update({rank: int(child) for rank in ranks})
    return found


def _until_trained(folder: RunFolder, step: int) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not any(m.step >= step and m.loss is not None for m in folder.metrics()):
        assert time.monotonic() < deadline, (folder.state(), folder.log_tail(8))
        time.sleep(0.02)


def _until_ended(folder: RunFolder, pid: int) -> None:
    """torchrun is our child: it has to be asked for its end."""
    deadline = time.monotonic() + LIMIT_S
    while folder.is_alive() or os.waitpid(pid, os.WNOHANG) == (0, 0):
        assert time.monotonic() < deadline, (folder.state(), folder.log_tail(8))
        time.sleep(0.02)


def test_two_processes_started_by_torchrun_end_when_one_is_killed_and_are_resumed(
    prepare: Prepare,
) -> None:
    folder = prepare(epochs=2000.0, evaluate_every=4, patience=0)
    torchrun = launch.launch(folder, processes=2)
    _until_trained(folder, 5)
    workers = _children(torchrun)
    assert sorted(workers) == ["0", "1"]
    os.kill(workers["1"], signal.SIGKILL)
    _until_ended(folder, torchrun)
    state = folder.state()
    assert state.phase == "failed"
    assert state.message.startswith("One of the 2 processes of this run was lost.")
    done = max(m.step for m in folder.metrics())
    torchrun = launch.launch(folder, processes=2)
    _until_trained(folder, done + 1)
    # What a cluster sends before it takes the machine back.
    os.kill(torchrun, signal.SIGTERM)
    _until_ended(folder, torchrun)
    assert folder.state().phase == "paused"
    assert sum(e.text.startswith("Resumed at step") for e in folder.events()) == 1

"""Training goes on when the connection is cut, the terminal closed, the app killed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pexpect
import pytest

from engine.runs.folder import RunFolder, held_lock
from engine.workspace import Workspace
from tests.engine.steps.conftest import curated, workspace
from tests.survival.lives import at_step, is_gone, told, wait_until
from tests.survival.server import Server, listening
from tests.terminal import Terminal

__all__ = ["curated", "workspace"]

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("guard_share=0", "batch_size=4", "micro_batch=4", "patience=0", "max_length=400")
LONG = ("epochs=120", "evaluate_every=500")


@pytest.fixture
def environment(workspace: Workspace) -> dict[str, str]:
    """What a login needs to find the sessions of the test."""
    return {
        "STROP_HOME": str(workspace.home),
        "STROP_MODELS": str(workspace.models),
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }


def _trains_over_ssh(server: Server, environment: Mapping[str, str], slug: str, model: Path) -> Any:
    settings = [word for setting in (*SETTINGS, *LONG) for word in ("--set", setting)]
    words = ["train", slug, "--model", str(model), "--cases", "4", *settings, "--watch"]
    given = [f"{name}={value}" for name, value in environment.items()]
    return server.open_terminal(["env", *given, sys.executable, "-m", "tui.cli", *words])


def test_a_run_goes_on_to_its_end_whatever_becomes_of_those_who_watch_it(
    workspace: Workspace,
    curated: str,
    tiny_model: Path,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    with listening(tmp_path / "sshd") as server:
        workspace.runs.mkdir(parents=True, exist_ok=True)
        # The run waits for the device until all have come to watch.
        with held_lock(workspace.runs / "device.lock"):
            afar = _trains_over_ssh(server, environment, curated, tiny_model)
            afar.expect("waiting: waits for another run")
            beside = Terminal(["tui.cli", "watch", "--plain"], environment)
            beside.read_until("waits for another run")
            app = Terminal(["tui.cli"], environment)
            app.read_until("run 1")
        (path,) = workspace.runs.glob("*-train")
        folder = RunFolder(path)
        afar.expect(r"training\s+\d+/")
        beside.read_until("loss")
        watches, worker = server.running("train").pid, folder.state().pid
        assert os.getsid(worker) == worker
        _cut(server, afar)
        os.close(beside.child.child_fd)
        os.kill(app.child.pid, signal.SIGKILL)
        for watcher in (watches, beside.child.pid, app.child.pid):
            wait_until(lambda pid=watcher: is_gone(pid), "the end of a watcher")  # type: ignore[misc]
        state = folder.state()
        assert folder.is_alive()
        assert state.step < state.total
        at_step(folder, state.step + 3)
        late = Terminal(["tui.cli", "watch", "--plain"], environment)
        late.child.timeout = 120
        assert late.read_to_the_end() == 0
    assert folder.state().phase == "done"
    assert folder.state().pid == worker
    phases = [text.partition(":")[0] for text in told(folder, "phase")]
    order = ["waiting", "loading", "preflight", "baseline", "training", "answering", "done"]
    assert phases == order
    assert sorted({m.step for m in folder.metrics()}) == list(range(state.total + 1))


def _cut(server: Server, client: pexpect.spawn) -> None:
    """The network goes: neither side says goodbye."""
    os.kill(client.pid, signal.SIGKILL)
    for session in server.sessions():
        session.kill()

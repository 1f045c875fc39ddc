"""Several real processes that train as one: same curve, same adapter, agreed ends, lost ones."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import torch
from safetensors.torch import load_file

from engine.runs import launch
from engine.runs.folder import RunFolder, State
from tests.engine.worker.conftest import Prepare
from tests.engine.worker.forked import Forked

LIMIT_S = 120.0

Start = Callable[..., list[Forked]]


def _stand(number: int, count: int, port: int) -> None:
    """What torchrun tells a process that it starts."""
    place = {"RANK": number, "LOCAL_RANK": number, "WORLD_SIZE": count, "MASTER_PORT": port}
    os.environ |= {name: str(value) for name, value in place.items()}
    os.environ["MASTER_ADDR"] = "127.0.0.1"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def start(fork_server: None) -> Iterator[Start]:
    """Starts so many processes on a run folder, as torchrun would."""
    started: list[Forked] = []

    def begin(folder: RunFolder, count: int = 2) -> list[Forked]:
        port = _free_port()
        mine = [Forked(folder, [], partial(_stand, n, count, port)) for n in range(count)]
        started.extend(mine)
        return mine

    yield begin
    for process in started:
        process.end()


def _until(condition: Callable[[], bool], folder: RunFolder) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, (folder.state(), folder.log_tail(8))
        time.sleep(0.005)


def _finish(folder: RunFolder, processes: list[Forked]) -> State:
    _until(lambda: all(p.poll() is not None for p in processes), folder)
    return folder.state()


def _adapter(folder: RunFolder) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = load_file(folder.adapter / "adapter_model.safetensors")
    return weights


def _curve(folder: RunFolder) -> list[float]:
    found = folder.metrics()
    losses = [(m.loss, m.grad_norm, m.divergence) for m in found if m.loss is not None]
    looks = [(m.validation_loss, m.general_loss) for m in found if m.validation_loss is not None]
    return [value for line in (*losses, *looks) for value in line if value is not None]


@pytest.mark.parametrize("count", [2, 3])
def test_several_processes_train_what_one_trains_with_its_rows_one_after_the_other(
    prepare: Prepare, start: Start, count: int
) -> None:
    # 13 rows in batches of 4: at last one row is left, which only one of the processes gets.
    settings = {"rows": 13, "epochs": 3.0, "evaluate_every": 4, "dropout": 0.0, "kl_share": 0.5}
    alone, together = prepare("0001-train", **settings), prepare("0002-train", **settings)
    assert _finish(alone, start(alone, 1)).phase == "done"
    assert _finish(together, start(together, count)).phase == "done"
    assert len(_curve(alone)) == 10 * 3 + 4 * 2
    assert _curve(together) == pytest.approx(_curve(alone), rel=1e-4, abs=1e-6)
    one, several = _adapter(alone), _adapter(together)
    assert one.keys() == several.keys()
    for name, weights in one.items():
        assert torch.allclose(weights, several[name], rtol=1e-3, atol=1e-5), name
    keys = [(a.arm, a.suite, a.case, a.repeat) for a in alone.answers()]
    assert sorted(keys) == sorted((a.arm, a.suite, a.case, a.repeat) for a in together.answers())
    assert [e.kind for e in alone.events()] == [e.kind for e in together.events()]


@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_process_ends_the_run_with_its_reason_and_a_resume_ends_as_if_nothing_was(
    prepare: Prepare, start: Start, lost: int
) -> None:
    settings = {"epochs": 6.0, "evaluate_every": 5, "patience": 0}
    whole, broken = prepare("0001-train", **settings), prepare("0002-train", **settings)
    assert _finish(whole, start(whole)).phase == "done"
    processes = start(broken)
    _until(lambda: any(m.step > 7 for m in broken.metrics()), broken)
    os.kill(processes[lost].pid or 0, signal.SIGKILL)
    state = _finish(broken, processes)
    assert state.phase == "failed"
    assert "2 processes of this run was lost" in state.message
    assert "resume" in state.message
    assert _finish(broken, start(broken)).phase == "done"
    assert "Resumed at step" in " ".join(e.text for e in broken.events())
    assert _curve(broken) == _curve(whole)
    one, other = _adapter(whole), _adapter(broken)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_pause_or_a_signal_to_one_process_is_agreed_on_and_one_process_goes_on_alone(
    prepare: Prepare, start: Start
) -> None:
    settings = {"epochs": 40.0, "evaluate_every": 500, "patience": 0, "dropout": 0.0}
    folder = prepare("0001-train", **settings)
    processes = start(folder)
    _until(lambda: any(m.step > 2 for m in folder.metrics()), folder)
    os.kill(processes[1].pid or 0, signal.SIGTERM)
    state = _finish(folder, processes)
    assert (state.phase, [p.poll() for p in processes]) == ("paused", [0, 0])
    assert "a signal" in state.message
    paused_at = max(m.step for m in folder.metrics())
    processes = start(folder)
    _until(lambda: any(m.step > paused_at + 1 for m in folder.metrics()), folder)
    launch.pause(folder)
    assert _finish(folder, processes).phase == "paused"
    (folder.control / "pause").unlink()
    processes = start(folder, 1)
    _until(lambda: folder.state().phase == "training", folder)
    launch.stop(folder)
    assert _finish(folder, processes).phase == "stopped"
    steps = [m.step for m in folder.metrics() if m.loss is not None]
    assert steps == list(range(1, len(steps) + 1))
    assert _adapter(folder)

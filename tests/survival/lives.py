"""The lives of a run: started, watched from outside, ended, and held against another's."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file

from engine.runs import launch
from engine.runs.feed import RunFeed
from engine.runs.folder import RunFolder, State

LIMIT_S = 240.0

Curve = list[tuple[int, float | None, float | None, float | None]]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look every few milliseconds until something has come about in another process."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.002)


def live(folder: RunFolder) -> State:
    """One life of a worker, to its end or to its death."""
    launch.launch(folder)
    return ended(folder)


def ended(folder: RunFolder) -> State:
    """The state of a run once nobody holds its lock."""
    wait_until(lambda: not folder.is_alive(), f"{folder.name} to end; {folder.log_tail(5)}")
    return folder.state()


def at_step(folder: RunFolder, step: int) -> None:
    """Wait until a step is done."""
    wait_until(lambda: any(m.step >= step for m in folder.metrics()), f"step {step}")


def adapter(folder: RunFolder) -> dict[str, torch.Tensor]:
    """The weights that a run leaves."""
    weights: dict[str, torch.Tensor] = load_file(folder.adapter / "adapter_model.safetensors")
    return weights


def same_adapter(one: RunFolder, other: RunFolder) -> bool:
    """Whether two runs have left the same weights, bit for bit."""
    mine, yours = adapter(one), adapter(other)
    return mine.keys() == yours.keys() and all(torch.equal(mine[k], yours[k]) for k in mine)


def curve(folder: RunFolder) -> Curve:
    """What the chart draws: by step, each step once."""
    metrics = RunFeed(folder).poll().metrics
    return [(m.step, m.loss, m.validation_loss, m.general_loss) for m in metrics]


def lines(folder: RunFolder) -> list[tuple[int, bool]]:
    """Step and kind of each line of the curve as it stands in the file."""
    return [(m.step, m.loss is not None) for m in folder.metrics()]


def told(folder: RunFolder, kind: str) -> list[str]:
    """The sentences of a kind of events."""
    return [event.text for event in folder.events() if event.kind == kind]


def is_gone(pid: int) -> bool:
    """Whether a process is no more, or only waits to be reaped: either way it holds nothing."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@contextmanager
def disk(where: Path, size: str) -> Iterator[None]:
    """A small disk of its own at a folder; skips the test where this may not be mounted."""
    where.mkdir(parents=True, exist_ok=True)
    with _mounted(where, "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        yield


@contextmanager
def read_only(where: Path) -> Iterator[None]:
    """A folder as on a disk that was mounted to be read only, or that is another's to write."""
    if os.getuid():
        where.chmod(0o555)
        yield
        where.chmod(0o755)
        return
    with _mounted(where, "--bind", str(where)):
        _mount("-o", "remount,ro,bind", str(where))
        yield


@contextmanager
def _mounted(where: Path, *how: str) -> Iterator[None]:
    if not _mount(*how, str(where)):
        pytest.skip("A disk of its own cannot be mounted here: it takes root.")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True, capture_output=True)


def _mount(*how: str) -> bool:
    done = subprocess.run(["mount", *how], check=False, capture_output=True)
    return done.returncode == 0

"""Moments of a worker, and what can befall it there: each is called in the worker's process.

A moment is just before it opens, renames or removes a file of its run.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch

OPERATIONS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


def die_at(folder: str, name: str, nth: int) -> None:
    """Kill this process at the nth operation on the run's files that `name` means.

    name: `os.rename SHA256SUMS` or the like; empty: any operation.
    """
    _at(folder, name, nth, lambda: os.kill(os.getpid(), signal.SIGKILL))


def fill_the_disk_at(folder: str, name: str, nth: int, ballast: str) -> None:
    """Leave not one byte on the run's disk at such an operation."""
    _at(folder, name, nth, lambda: fill(Path(ballast)))


def wait_at(folder: str, name: str, nth: int, gate: str) -> None:
    """Make a file at such an operation, and go on once it has been taken away."""

    def wait() -> None:
        Path(gate).touch()
        while Path(gate).exists():
            time.sleep(0.005)

    _at(folder, name, nth, wait)


def fill(ballast: Path, leave: int = 0) -> None:
    """Grow a file until so many bytes are left on its disk."""
    with ballast.open("wb", buffering=0) as handle, suppress(OSError):
        while (free := shutil.disk_usage(ballast.parent).free) > leave:
            handle.write(bytes(min(free - leave, 1 << 20)))


def limit_files(size: int) -> None:
    """No file of this process may be larger, as a quota or a limit of the shell would have it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def little_memory() -> None:
    """A pass takes a gigabyte a row, and this process may take two and a half more than it has."""
    from engine.worker.passes import _before_trained as real

    def hungry(part: Any, states: Any) -> Any:
        if torch.is_grad_enabled():
            # Never touched: it is the allocator that says no.
            torch.empty(len(part) << 30, dtype=torch.uint8)
        return real(part, states)

    pytest.MonkeyPatch().setattr("engine.worker.passes._before_trained", hungry)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + (5 << 29)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def no_number(step: int, times: int) -> None:
    """The loss of an optimizer step is no number, the first so many times that it is computed."""
    from engine.worker.training import CompletionTrainer

    real, left = CompletionTrainer._gradients, [times]

    def gradients(self: Any, model: Any, rows: Any, done: int) -> tuple[Any, float]:
        loss, apart = real(self, model, rows, done)
        if done + 1 == step and left[0]:
            left[0] -= 1
            return loss * float("nan"), apart
        return loss, apart

    pytest.MonkeyPatch().setattr(CompletionTrainer, "_gradients", gradients)


def die_in_half_a_line(folder: str, file: str, nth: int) -> None:
    """Kill this process when the nth append to a file has written half of what it should."""
    from engine.worker.reporting import Reporter

    real, left = Reporter._append, [nth]

    def append(self: Reporter, name: str, records: Any) -> None:
        records = list(records)
        left[0] -= name == file
        path = Path(folder, name)
        if left[0] or name != file:
            return real(self, name, records)
        real(self, name, records)
        os.truncate(path, path.stat().st_size - 20)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("killed")

    Reporter._append = append  # type: ignore[method-assign]


def _at(folder: str, name: str, nth: int, act: Callable[[], None]) -> None:
    left = [nth]

    def look(event: str, details: tuple[Any, ...]) -> None:
        if left[0] and _meant(folder, name, event, details):
            left[0] -= 1
            if left[0] == 0:
                act()

    sys.addaudithook(look)


def _meant(folder: str, name: str, event: str, details: tuple[Any, ...]) -> bool:
    if event not in OPERATIONS:
        return False
    # A rename is known by where it goes, anything else by what it is done to.
    path = details[1] if event == "os.rename" else details[0]
    if not isinstance(path, str | os.PathLike) or not str(path).startswith(folder):
        return False
    writes = event != "open" or "r" not in str(details[1]) or "+" in str(details[1])
    wanted, _, end = name.partition(" ")
    return writes and (not name or (event == wanted and str(path).endswith(end)))

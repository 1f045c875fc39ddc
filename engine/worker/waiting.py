"""One device, one job at a time: the others wait in line, visibly, in order of their numbers."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from engine.errors import RunError
from engine.runs.folder import RunFolder
from engine.worker.control import Control
from engine.worker.reporting import Reporter

LOOK_EVERY_S = 1.0


@contextmanager
def device_in_turn(folder: RunFolder, reporter: Reporter, control: Control) -> Iterator[None]:
    """Hold the device for the block; waits for lower-numbered runs that are alive.

    Raises Interrupted when the operator pauses or stops the wait.
    """
    shared = folder.path.parent / "device.lock"
    with shared.open("a+b") as handle:
        while True:
            ahead = _first_in_line(folder)
            if ahead is None and _took(handle):
                break
            _say_waiting(reporter, ahead or _at_work(folder) or "another run")
            control.look()
            time.sleep(LOOK_EVERY_S)
        yield


def _say_waiting(reporter: Reporter, other: str) -> None:
    message = f"waits for {other}"
    if (reporter.phase, reporter.message) == ("waiting", message):
        reporter.beat()
    else:
        reporter.enter("waiting", message)


def _took(handle: IO[bytes]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _first_in_line(folder: RunFolder) -> str | None:
    """The name of a living run with a lower number, or None when it is our turn."""
    return next((run.name for run in _living(folder) if run.name < folder.name), None)


def _at_work(folder: RunFolder) -> str | None:
    """The name of a run that does not wait itself: an older run may be resumed behind it."""
    for run in _living(folder):
        with suppress(RunError):
            if run.state().phase != "waiting":
                return run.name
    return None


def _living(folder: RunFolder) -> Iterator[RunFolder]:
    """The other runs beside this one that have a worker, by number."""
    for path in sorted(folder.path.parent.iterdir()):
        run = RunFolder(path)
        if path != folder.path and run.is_alive():
            yield run

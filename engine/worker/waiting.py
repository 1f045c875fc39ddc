"""One device, one job at a time: the others wait in line, visibly, in order of their numbers."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
            ahead = _waits_for(folder)
            if ahead is None and _took(handle):
                break
            _say_waiting(reporter, ahead)
            control.look()
            time.sleep(LOOK_EVERY_S)
        yield


def _say_waiting(reporter: Reporter, ahead: str | None) -> None:
    message = f"waits for {ahead or 'another run'}"
    if reporter.phase == "waiting":
        reporter.beat()
    else:
        reporter.enter("waiting", message)


def _took(handle: IO[bytes]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _waits_for(folder: RunFolder) -> str | None:
    """The name of the run that comes first, or None when it is our turn."""
    for other in sorted(folder.path.parent.iterdir()):
        if other.name >= folder.name or not (other / "lock").exists():
            continue
        candidate = RunFolder(other)
        try:
            if candidate.is_alive():
                return candidate.name
        except RunError:
            continue
    return None

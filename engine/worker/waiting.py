"""One device, one job at a time: the others wait in line, visibly, in order of their numbers.

Scoring is there to fill the time in which nothing else computes: it lets every other run go first,
and steps aside when one comes while it works.
"""

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


class SteppedAside(Exception):  # noqa: N818 - not an error: it goes on later by itself
    """Free the device for a run that waits, and stand in line again."""


class Courtesy:
    """Looks now and then whether another run waits for the device that a score run holds."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._looked = time.monotonic()

    def look(self) -> None:
        """Raise SteppedAside when there is one."""
        if time.monotonic() - self._looked < LOOK_EVERY_S:
            return
        self._looked = time.monotonic()
        if any(not is_scoring(run) for run in _living(self._folder)):
            raise SteppedAside


@contextmanager
def device_in_turn(folder: RunFolder, reporter: Reporter, control: Control) -> Iterator[None]:
    """Hold the device for the block; waits for living runs that come before this one.

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


def is_scoring(run: RunFolder) -> bool:
    """Whether it is a score run; a folder that cannot be read is none."""
    with suppress(RunError):
        return run.job().kind == "score"
    return False


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
    """The name of a living run that comes before this one, or None when it is our turn."""
    place = (is_scoring(folder), folder.name)
    places = ((is_scoring(run), run.name) for run in _living(folder))
    return next((name for scores, name in places if (scores, name) < place), None)


def _at_work(folder: RunFolder) -> str | None:
    """The name of a run that does not wait itself: an older run may be resumed behind it."""
    for run in _living(folder):
        with suppress(RunError):
            if run.state().phase != "waiting":
                steps_aside = ", which steps aside" if is_scoring(run) else ""
                return f"{run.name}{steps_aside}"
    return None


def _living(folder: RunFolder) -> Iterator[RunFolder]:
    """The other runs beside this one that have a worker, by number."""
    for path in sorted(folder.path.parent.iterdir()):
        run = RunFolder(path)
        if path != folder.path and run.is_alive():
            yield run

"""Moments at which a worker can die: before it opens, renames or removes a file of its run."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

OPERATIONS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate")


def die_at(folder: str, name: str, nth: int) -> None:
    """From here on, kill this process at the nth operation on the run's files by which `name`,
    `os.rename SHA256SUMS` or the like, is meant; an empty name means each operation."""
    left = [nth]

    def look(event: str, details: tuple[Any, ...]) -> None:
        if _meant(folder, name, event, details):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


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

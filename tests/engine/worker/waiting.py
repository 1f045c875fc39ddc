"""Waiting for what another process does: looks every few milliseconds, and says what for."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.runs.folder import RunFolder, State

LIMIT_S = 240.0


def until(condition: Callable[[], bool], what: str) -> None:
    """Return once it has come about; fails after some minutes."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.005)


def ended(folder: RunFolder) -> State:
    """The last state of a run, once its worker has let go of it."""
    until(lambda: not folder.is_alive(), f"{folder.name} to end; {folder.log_tail(5)}")
    return folder.state()

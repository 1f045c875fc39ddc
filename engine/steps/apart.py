"""The checks in a process of their own, for sets that would keep the app from answering keys.

`python -m engine.steps.apart HOME WHO SLUG` runs them; what they find is in the store.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.errors import StateError
from engine.steps import curate
from engine.store import findings, sessions
from engine.workspace import Workspace

LARGE = 20_000
"""Examples beyond which the checks run apart: below, a process takes longer to start than they."""
LOOK_S = 0.1
_LEFT: list[subprocess.Popen[bytes]] = []
"""Processes nobody waits for any more; forgotten, Python would complain about them."""


def check(
    workspace: Workspace, slug: str, is_cancelled: Callable[[], bool] = lambda: False
) -> tuple[int, int]:
    """Run the checks; answers how many findings there are, about how many examples.

    Cancelled, it answers at once what there is; the process goes on. Raises StateError with the
    last line the process wrote when it fails.
    """
    if curate.progress(workspace, slug).total <= LARGE:
        curate.check(workspace, slug)
    else:
        _run(workspace, slug, is_cancelled)
    return findings.extent(workspace.store, sessions.get(workspace.store, slug).id)


def _run(workspace: Workspace, slug: str, is_cancelled: Callable[[], bool]) -> None:
    log = workspace.home / "check.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(workspace.home), workspace.who, slug],
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=Path(__file__).parents[2],
        )
    while process.poll() is None:
        if is_cancelled():
            _LEFT[:] = [p for p in (*_LEFT, process) if p.poll() is None]
            return
        time.sleep(LOOK_S)
    if process.returncode:
        lines = log.read_text(errors="replace").strip().splitlines()
        raise StateError(f"The checks ended with an error. {''.join(lines[-1:])}", f"See {log}.")


def main(home: str, who: str, slug: str) -> None:
    """Run the checks of one session."""
    curate.check(Workspace(Path(home), who), slug)


if __name__ == "__main__":
    main(*sys.argv[1:])

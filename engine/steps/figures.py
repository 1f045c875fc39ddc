"""Figures of a scope that take a processor's second: in a process of their own, so that the
operator's keys never wait for them. `python -m engine.steps.figures HOME SESSION` writes JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.errors import StropError
from engine.steps import scope
from engine.steps.plan import CasePlan, plan_cases
from engine.store import sessions
from engine.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
POLL_S = 0.1


class Figures(msgspec.Struct, frozen=True):
    """What can be shown with the cases there are, and what touches each rule."""

    plan: CasePlan
    accepted: dict[str, int]
    """Accepted examples by rule."""


def compute(workspace: Workspace, slug: str) -> Figures:
    """Compute them here and now."""
    session = sessions.get(workspace.store, slug)
    return Figures(plan_cases(workspace, slug), scope.examples_by_rule(workspace, session))


def compute_apart(
    workspace: Workspace, slug: str, is_cancelled: Callable[[], bool] = lambda: False
) -> Figures | None:
    """Compute them in another process; None once `is_cancelled` says that nobody waits.

    Raises StropError with the last words of a process that failed.
    """
    command = [sys.executable, "-m", "engine.steps.figures", str(workspace.home), slug]
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    with process:
        while True:
            try:
                written, complaint = process.communicate(timeout=POLL_S)
                break
            except subprocess.TimeoutExpired:
                if is_cancelled():
                    process.kill()
                    process.communicate()
                    return None
    if process.returncode:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:]
        raise StropError(f"The figures could not be computed. {' '.join(last)}".strip())
    return msgspec.json.decode(written, type=Figures)


def main(home: str, slug: str) -> None:
    """Write the figures to stdout, behind everybody else's work."""
    os.nice(10)
    sys.stdout.buffer.write(msgspec.json.encode(compute(Workspace(Path(home)), slug)))


if __name__ == "__main__":
    main(*sys.argv[1:])

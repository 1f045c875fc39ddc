"""Counts that read every accepted example: in a process of their own, so that the operator's keys
never wait for them. `python -m engine.steps.figures HOME SESSION` writes JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.errors import StropError
from engine.scope import Rule
from engine.steps import scope
from engine.store import examples, sessions
from engine.store.sessions import Session
from engine.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
POLL_S = 0.1


Counts = dict[str, int]
"""Accepted examples by rule."""


def count_apart(
    workspace: Workspace, slug: str, is_cancelled: Callable[[], bool] = lambda: False
) -> Counts | None:
    """Count in another process; None once `is_cancelled` says that nobody waits.

    What was counted stays known as long as rules and decisions are the same. Raises StropError
    with the last words of a process that failed.
    """
    session = sessions.get(workspace.store, slug)
    state = _state(workspace, session)
    if state not in _counted:
        found = _count(workspace, slug, is_cancelled) if state.accepted else {}
        if found is None:
            return None
        _counted.clear()
        _counted[state] = found
    return _counted[state]


class _State(msgspec.Struct, frozen=True):
    """What the counts depend on."""

    home: str
    session: int
    rules: tuple[Rule, ...]
    accepted: int
    last: int
    undone: int


_counted: dict[_State, Counts] = {}


def _state(workspace: Workspace, session: Session) -> _State:
    accepted = examples.counts(workspace.store, session.id)["accepted"]
    sql = "SELECT coalesce(max(id), 0) AS last, coalesce(sum(undone), 0) AS undone FROM decisions"
    row = workspace.store.row(f"{sql} WHERE session = ?", [session.id]) or {}
    rules = session.scope.rules
    return _State(str(workspace.home), session.id, rules, accepted, row["last"], row["undone"])


def _count(workspace: Workspace, slug: str, is_cancelled: Callable[[], bool]) -> Counts | None:
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
        raise StropError(f"The examples could not be counted. {' '.join(last)}".strip())
    return msgspec.json.decode(written, type=Counts)


def main(home: str, slug: str) -> None:
    """Write the counts to stdout, behind everybody else's work."""
    os.nice(10)
    workspace = Workspace(Path(home))
    counts = scope.examples_by_rule(workspace, sessions.get(workspace.store, slug))
    sys.stdout.buffer.write(msgspec.json.encode(counts))


if __name__ == "__main__":
    main(*sys.argv[1:])

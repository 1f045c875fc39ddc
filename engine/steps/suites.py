"""Finding suites: the session's own held-out cases, those in the workspace, those that ship."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.errors import NotFoundError
from engine.evaluation.suites import load_suite
from engine.records import Suite
from engine.store import cases
from engine.store.sessions import Session
from engine.workspace import Workspace

DOMAIN = "domain"


def domain_suite(workspace: Workspace, session: Session) -> Suite:
    """The sealed held-out cases as the suite of the domain gate."""
    held_out = tuple(cases.every(workspace.store, session.id))
    return Suite(
        name=DOMAIN,
        gate="domain",
        version=(session.sealed_hash or "")[:12],
        cases=held_out,
        title="held-out cases",
        system_prompt=True,
        max_new_tokens=48,
    )


def named_suites(workspace: Workspace, names: Iterable[str]) -> list[Suite]:
    """Suites by name, from `suites/` in the workspace first; raises NotFoundError."""
    return [load_suite(_find(workspace, name)) for name in names]


def _find(workspace: Workspace, name: str) -> Path:
    from sample_data import FOLDER

    for folder in (workspace.home / "suites", FOLDER / "suites"):
        path = folder / f"{name}.jsonl"
        if path.exists():
            return path
    raise NotFoundError(
        f"The scope names suite {name!r}, which is neither in {workspace.home / 'suites'} nor"
        " among those that ship with strop.",
        "Correct `suites` in the scope, or put the file there.",
    )


def available(workspace: Workspace) -> list[str]:
    """Names of the suites that a scope can ask for: the workspace's own and those that ship."""
    from sample_data import FOLDER

    folders = (workspace.home / "suites", FOLDER / "suites")
    return sorted({path.stem for folder in folders for path in folder.glob("*.jsonl")})

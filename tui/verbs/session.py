"""Verbs of sessions: demo, new, sessions."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.steps import sessions
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, verb


def add(verbs: Verbs) -> None:
    """Declare the verbs."""
    demo = verb(verbs, "demo", run_demo, "the AwesomeShoes Co. session, made on first use")
    demo.add_argument("--headless", action="store_true", help="only make the session")
    verb(verbs, "sessions", run_sessions, "list the sessions")
    new = verb(verbs, "new", run_new, "make a session")
    new.add_argument("name")
    new.add_argument("--scope", type=Path, metavar="FILE", help="start from a scope in TOML")


def run_demo(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Make the sample session without opening the app."""
    session = sessions.open_sample(workspace)
    out.line(f"{session.name}: session {session.slug}")
    out.result({"session": session.slug})
    return 0


def run_sessions(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """List the sessions."""
    lines = sessions.every(workspace)
    for line in lines:
        decided = f"{line.accepted + line.rejected} of {line.total} decided"
        out.line(f"{line.slug:<34} step {line.step}  {decided:<22} {line.touched}")
    if not lines:
        out.line("No session yet. `strop demo` opens the sample, `strop new NAME` makes one.")
    out.result({"sessions": lines})
    return 0


def run_new(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Make a session."""
    session = sessions.create(workspace, arguments.name, arguments.scope)
    out.line(f"Made session {session.slug}. Next: strop, whose guide walks through the scope,")
    out.line(f"or strop scope edit {session.slug}")
    out.result({"session": session.slug})
    return 0

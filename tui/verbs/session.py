"""Verbs of sessions and their scope: demo, new, sessions, scope."""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

from engine import scope as scopes
from engine.errors import InputError
from engine.steps import scope as scope_step
from engine.steps import sessions
from engine.store import sessions as stored
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
    scope = verb(verbs, "scope", run_scope, "show, edit, freeze, export or import a scope")
    scope.add_argument("action", choices=("show", "edit", "freeze", "export", "import"))
    scope.add_argument("session")
    scope.add_argument("-o", "--output", type=Path, metavar="FILE", help="for export")
    scope.add_argument("--from", dest="source", type=Path, metavar="FILE", help="for import")
    scope.add_argument("--reason", default="", help="why, when the scope is frozen already")


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
    out.line(f"Made session {session.slug}. Next: strop scope edit {session.slug}")
    out.result({"session": session.slug})
    return 0


def run_scope(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Show, edit, freeze, export or import the scope of a session."""
    session = stored.get(workspace.store, arguments.session)
    actions = {
        "show": _show,
        "export": _export,
        "edit": _edit,
        "import": _import,
        "freeze": _freeze,
    }
    actions[arguments.action](arguments, workspace, session, out)
    return 0


def _show(
    arguments: argparse.Namespace, workspace: Workspace, session: stored.Session, out: Output
) -> None:
    out.line(scopes.to_toml(session.scope))
    for note in scope_step.blockers(session.scope) + scope_step.notes(session.scope):
        out.line(f"# {note}")
    out.result({"scope": session.scope, "frozen_at": session.frozen_at})


def _export(
    arguments: argparse.Namespace, workspace: Workspace, session: stored.Session, out: Output
) -> None:
    if arguments.output is None:
        raise InputError("scope export needs -o FILE.", "Name the file to write.")
    arguments.output.write_text(scopes.to_toml(session.scope), encoding="utf-8")
    out.line(f"Wrote {arguments.output}")
    out.result({"file": str(arguments.output)})


def _import(
    arguments: argparse.Namespace, workspace: Workspace, session: stored.Session, out: Output
) -> None:
    if arguments.source is None:
        raise InputError("scope import needs --from FILE.", "Name a scope file in TOML.")
    scope = sessions.read_scope(arguments.source)
    _save(arguments, workspace, session, scope, out)


def _edit(
    arguments: argparse.Namespace, workspace: Workspace, session: stored.Session, out: Output
) -> None:
    """The scope as TOML in $EDITOR; what cannot be read back is kept aside, nothing is lost."""
    handle, name = tempfile.mkstemp(prefix=f"{session.slug}-", suffix=".toml")
    os.close(handle)
    path = Path(name)
    path.write_text(scopes.to_toml(session.scope), encoding="utf-8")
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    if subprocess.call([*editor.split(), str(path)]) != 0:
        raise InputError(f"{editor} ended with an error.", f"Your text is kept in {path}.")
    try:
        _save(arguments, workspace, session, sessions.read_scope(path), out)
    except InputError as error:
        raise InputError(error.message, f"Your text is kept in {path}.") from error
    path.unlink()


def _save(
    arguments: argparse.Namespace,
    workspace: Workspace,
    session: stored.Session,
    scope: scopes.Scope,
    out: Output,
) -> None:
    changed = scope_step.changed_fields(session.scope, scope)
    scope_step.save(workspace, session.slug, scope, reason=arguments.reason)
    out.line(f"Saved. Changed: {', '.join(changed) or 'nothing'}.")
    out.result({"changed": changed})


def _freeze(
    arguments: argparse.Namespace, workspace: Workspace, session: stored.Session, out: Output
) -> None:
    frozen = scope_step.freeze(workspace, session.slug)
    out.line(f"Frozen on {frozen.frozen_at}, hash {(frozen.frozen_hash or '')[:12]}.")
    out.result({"frozen_at": frozen.frozen_at, "hash": frozen.frozen_hash})

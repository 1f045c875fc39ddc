"""Verbs of the scope: show, edit, freeze, export, import, diff; and the plan of cases."""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from engine import scope as scopes
from engine.errors import InputError, StropError
from engine.steps import scope as scope_step
from engine.steps import sessions
from engine.steps.advising import advise_session
from engine.steps.freezing import amend_suites, changed_suites
from engine.store import sessions as stored
from engine.store.sessions import Session
from engine.workspace import Workspace
from tui.output import Output
from tui.verbs.grammar import Verbs, verb


def add(verbs: Verbs) -> None:
    """Declare the verbs."""
    scope = verb(verbs, "scope", run_scope, "show, edit, freeze, export, import or diff a scope")
    scope.add_argument("action", choices=tuple(ACTIONS))
    scope.add_argument("session")
    scope.add_argument("-o", "--output", type=Path, metavar="FILE", help="for export")
    scope.add_argument("--from", dest="source", type=Path, metavar="FILE", help="for import, diff")
    scope.add_argument("--reason", default="", help="why, when the scope is frozen already")


def run_scope(arguments: argparse.Namespace, workspace: Workspace, out: Output) -> int:
    """Do something with the scope of a session."""
    session = stored.get(workspace.store, arguments.session)
    return ACTIONS[arguments.action](arguments, workspace, session, out)


def _show(
    arguments: argparse.Namespace, workspace: Workspace, session: Session, out: Output
) -> int:
    missing, notes = scope_step.blockers(session.scope), scope_step.notes(session.scope)
    notes += changed_suites(workspace, session).values()
    advice = advise_session(workspace, session.slug)
    out.line(scopes.to_toml(session.scope))
    for note in (*missing, *notes):
        out.line(f"# {note}")
    for item in advice:
        out.line(f"# {item.weight}: {item.what} {item.why}")
        out.line(f"#   instead: {item.instead}")
    out.result(
        {
            "scope": session.scope,
            "frozen_at": session.frozen_at,
            "missing": missing,
            "notes": notes,
            "advice": advice,
        }
    )
    return 0


def _export(
    arguments: argparse.Namespace, workspace: Workspace, session: Session, out: Output
) -> int:
    if arguments.output is None:
        raise InputError("scope export needs -o FILE.", "Name the file to write.")
    try:
        arguments.output.write_text(scopes.to_toml(session.scope), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{arguments.output}: {error.strerror}.", "Name another file.") from error
    out.line(f"Wrote {arguments.output}")
    out.result({"file": str(arguments.output)})
    return 0


def _import(
    arguments: argparse.Namespace, workspace: Workspace, session: Session, out: Output
) -> int:
    scope = sessions.read_scope(_source(arguments))
    return _save(arguments, workspace, session, scope, out)


def _source(arguments: argparse.Namespace) -> Path:
    if arguments.source is None:
        message = f"scope {arguments.action} needs --from FILE."
        raise InputError(message, "Name a scope file in TOML.")
    source: Path = arguments.source
    return source


def _edit(
    arguments: argparse.Namespace, workspace: Workspace, session: Session, out: Output
) -> int:
    """The scope as TOML in $EDITOR; what cannot be read back is kept aside, nothing is lost."""
    handle, name = tempfile.mkstemp(prefix=f"{session.slug}-", suffix=".toml")
    os.close(handle)
    path = Path(name)
    path.write_text(scopes.to_toml(session.scope), encoding="utf-8")
    try:
        _open_editor(path)
        status = _save(arguments, workspace, session, sessions.read_scope(path), out)
    except StropError as error:
        error.hint = f"{error.hint} Your text is kept in {path}.".strip()
        raise
    path.unlink()
    return status


def _open_editor(path: Path) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        status = subprocess.call([*shlex.split(editor), str(path)])
    except OSError as error:
        raise InputError(
            f"{editor}: {error.strerror}.", "Set EDITOR to one that is there."
        ) from error
    if status:
        raise InputError(f"{editor} ended with status {status}.")


def _save(
    arguments: argparse.Namespace,
    workspace: Workspace,
    session: Session,
    scope: scopes.Scope,
    out: Output,
) -> int:
    changed = scope_step.changed_fields(session.scope, scope)
    scope_step.replace_whole(workspace, session.slug, session.scope, scope, reason=arguments.reason)
    out.line(f"Saved. Changed: {', '.join(changed) or 'nothing'}.")
    out.result({"changed": changed})
    return 0


def _diff(
    arguments: argparse.Namespace, workspace: Workspace, session: Session, out: Output
) -> int:
    """What a scope file would change; 1 when anything, as diff does."""
    path = _source(arguments)
    theirs = sessions.read_scope(path)
    changed = scope_step.changed_fields(session.scope, theirs)
    before, after = (scopes.to_toml(s).splitlines() for s in (session.scope, theirs))
    names = f"session {session.slug}", str(path)
    for line in difflib.unified_diff(before, after, *names, lineterm=""):
        out.line(line)
    out.result({"changed": changed})
    return int(bool(changed))


def _freeze(
    arguments: argparse.Namespace, workspace: Workspace, session: Session, out: Output
) -> int:
    if session.frozen_at is not None:
        names = amend_suites(workspace, session.slug, arguments.reason)
        out.line(f"Frozen anew: {', '.join(names)}. It stands as an amendment.")
        out.result({"frozen_at": session.frozen_at, "hash": session.frozen_hash})
        return 0
    frozen = scope_step.freeze(workspace, session.slug)
    out.line(f"Frozen on {frozen.frozen_at}, hash {(frozen.frozen_hash or '')[:12]}.")
    out.result({"frozen_at": frozen.frozen_at, "hash": frozen.frozen_hash})
    return 0


ACTIONS = {
    "show": _show,
    "export": _export,
    "edit": _edit,
    "import": _import,
    "diff": _diff,
    "freeze": _freeze,
}

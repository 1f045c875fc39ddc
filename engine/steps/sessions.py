"""The session list: making sessions, opening the sample, coming back to where one left off."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine import scope as scopes
from engine.errors import InputError, NotFoundError, ScopeError
from engine.evaluation.checking import find_problem
from engine.scope import Scope
from engine.steps import overview, status
from engine.steps.intake import import_file
from engine.steps.scope import require_assertions
from engine.store import examples, sessions, sources
from engine.store.sessions import Session
from engine.toml_lines import Place, line_of
from engine.workspace import Workspace

SAMPLE_FILES = ("chats.jsonl", "transcripts.txt", "turns.csv")


class SessionLine(msgspec.Struct, frozen=True):
    """One line of the session list."""

    slug: str
    name: str
    step: int
    touched: str
    accepted: int
    rejected: int
    total: int
    note: str = ""
    """One figure for the step where it was left: `182 of 412 decided`, `SHIP 3 Nov`."""
    running: bool = False


def every(workspace: Workspace) -> list[SessionLine]:
    """All sessions, the one touched last first."""
    by_session: dict[str, list[status.RunLine]] = {}
    for line in status.run_lines(workspace):
        by_session.setdefault(line.session, []).append(line)
    found = sessions.every(workspace.store)
    return [_line(workspace, session, by_session.get(session.slug, [])) for session in found]


def _line(workspace: Workspace, session: Session, lines: list[status.RunLine]) -> SessionLine:
    counts = examples.counts(workspace.store, session.id)
    return SessionLine(
        slug=session.slug,
        name=session.name,
        step=session.step,
        touched=session.touched,
        accepted=counts["accepted"],
        rejected=counts["rejected"],
        total=sum(counts.values()),
        note=overview.note(workspace, session, lines),
        running=any(line.alive for line in lines),
    )


def create(workspace: Workspace, name: str, scope_file: Path | None = None) -> Session:
    """A new session, empty or with the scope of a TOML file; the name given wins."""
    scope = Scope(name=name.strip())
    if scope_file is not None:
        scope = msgspec.structs.replace(read_scope(scope_file), name=name.strip())
    return sessions.create(workspace.store, scope)


def find(workspace: Workspace, slug: str) -> Session:
    """The session with this slug; raises NotFoundError."""
    return sessions.get(workspace.store, slug)


def read_scope(path: Path) -> Scope:
    """A scope from a TOML file; raises InputError or ScopeError naming the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}", "Give a scope file in TOML, UTF-8.") from error
    scope = scopes.from_toml(text, str(path))
    try:
        require_assertions(scope)
    except ScopeError as error:
        line = line_of(text, _bad_assertion(scope))
        raise ScopeError(f"{path}, line {line}: {error.message}", error.hint) from error
    return scope


def _bad_assertion(scope: Scope) -> Place:
    """Where the first assertion stands that could not be checked."""
    for number, rule in enumerate(scope.rules):
        for index, assertion in enumerate(rule.assertions):
            if find_problem(assertion):
                return ("rules", number, "assertions", index)
    return ()


def open_sample(workspace: Workspace) -> Session:
    """The AwesomeShoes Co. session: made with its raw data and held-out cases on first use."""
    from sample_data import FOLDER

    folder = FOLDER / "awesomeshoes"
    scope = read_scope(folder / "scope.toml")
    try:
        session = sessions.get(workspace.store, sessions.slug_of(scope.name))
    except NotFoundError:
        session = sessions.create(workspace.store, scope)
    present = {source.name for source in sources.every(workspace.store, session.id)}
    for name in SAMPLE_FILES:
        if name not in present:
            import_file(workspace, session.slug, folder / "raw" / name)
    if "held_out.jsonl" not in present:
        import_file(workspace, session.slug, folder / "held_out.jsonl", held_out=True)
    return sessions.get(workspace.store, session.slug)


def remember_place(
    workspace: Workspace, slug: str, step: int, place: dict[str, str | int] | None = None
) -> None:
    """Note where the operator is."""
    session = sessions.get(workspace.store, slug)
    sessions.remember_place(workspace.store, session.id, step, place or {})


def come_back(workspace: Workspace, slug: str) -> Session:
    """Note that a session was opened again; its place stays what it was."""
    session = sessions.get(workspace.store, slug)
    sessions.remember_place(workspace.store, session.id, session.step, session.place)
    return session


def last_place(workspace: Workspace) -> Session | None:
    """The session touched last, or None on a new box."""
    found = sessions.every(workspace.store)
    return found[0] if found else None

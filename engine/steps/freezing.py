"""The freeze of what a scope only names: suites and held-out cases, hashed, amended later."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import InputError, StateError
from engine.evaluation.suites import suite_hash
from engine.records import Suite
from engine.steps.days import short_day
from engine.steps.suites import named_suites
from engine.store import cases, freezes, sessions
from engine.store.freezes import HELD_OUT, Frozen
from engine.store.sessions import Session
from engine.workspace import Workspace

PREFIX = "file-"
"""Before a suite's name among the hashes of a job: the file as a whole, before it was shortened."""


def freeze_suites(workspace: Workspace, session: Session) -> None:
    """Note the hashes of the suites and of the held-out cases that there are.

    Raises NotFoundError or InputError for a suite that cannot be read: it could not be judged by.
    """
    held_out = list(cases.every(workspace.store, session.id))
    found = [_frozen(suite) for suite in named_suites(workspace, session.scope.suites)]
    if held_out:
        found.append(Frozen(HELD_OUT, cases.digest(held_out), len(held_out)))
    freezes.add(workspace.store, session.id, workspace.who, found)


def _frozen(suite: Suite) -> Frozen:
    return Frozen(suite.name, suite_hash(suite), len(suite.cases))


def file_hashes(workspace: Workspace, session: Session) -> dict[str, str]:
    """What a run keeps, to be compared with the freeze."""
    suites = named_suites(workspace, session.scope.suites)
    return {f"{PREFIX}{suite.name}": suite_hash(suite) for suite in suites}


def changed_suites(workspace: Workspace, session: Session) -> dict[str, str]:
    """The suites that are not what was frozen, by name, each with a sentence; empty before."""
    return {name: words for name, (words, _) in _changes(workspace, session).items()}


def _changes(workspace: Workspace, session: Session) -> dict[str, tuple[str, Suite | None]]:
    last = {one.name: one for one in freezes.every(workspace.store, session.id)}
    found: dict[str, tuple[str, Suite | None]] = {}
    for name in session.scope.suites:
        was = last.get(name)
        if was is None:
            continue
        day = short_day(was.at)
        try:
            (suite,) = named_suites(workspace, [name])
        except InputError as error:
            found[name] = (f"Suite {name}, frozen {day}, cannot be read: {error.message}", None)
            continue
        if suite_hash(suite) != was.digest:
            words = f"Suite {name} is not the one that was frozen {day}"
            counts = f": {was.cases} cases then, {len(suite.cases)} now"
            found[name] = (words + (counts if was.cases != len(suite.cases) else "") + ".", suite)
    return found


def amend_suites(workspace: Workspace, slug: str, reason: str) -> tuple[str, ...]:
    """Freeze the changed suites anew, an amendment each; answers their names.

    Raises StateError without a reason, or when a suite cannot be read or none was changed.
    """
    session = sessions.get(workspace.store, slug)
    changes = _changes(workspace, session)
    if not changes:
        raise StateError(f"The scope was frozen on {session.frozen_at} already.", "")
    if not reason.strip():
        words = next(iter(changes.values()))[0]
        raise StateError(words, "To go on with it is an amendment: give a reason.")
    last = {one.name: one.digest for one in freezes.every(workspace.store, session.id)}
    with workspace.store.transaction():
        for name, (words, suite) in changes.items():
            if suite is None:
                raise StateError(words, "Put the file back, or take the suite out of the scope.")
            new = _frozen(suite)
            freezes.add(workspace.store, session.id, workspace.who, [new])
            hashes = last[name], new.digest
            about = (reason.strip(), f"suite {name}", hashes)
            sessions.add_amendment(workspace.store, session.id, workspace.who, *about)
    return tuple(changes)


def differences(
    workspace: Workspace, session: Session, hashes: Mapping[str, str]
) -> tuple[str, ...]:
    """Where a run's suites differ from the frozen ones, a sentence each; by its job's hashes."""
    known: dict[str, list[Frozen]] = {}
    for one in freezes.every(workspace.store, session.id):
        known.setdefault(one.name, []).append(one)
    found = []
    for name, frozen in known.items():
        answered = hashes.get(f"{PREFIX}{name}")
        if answered is None or answered == frozen[-1].digest:
            continue
        if any(answered == one.digest for one in frozen):
            found.append(f"Suite {name} was amended after this run answered it.")
        else:
            day = short_day(frozen[-1].at)
            found.append(f"Suite {name} was changed after the freeze of {day}, before this run.")
    return tuple(found)

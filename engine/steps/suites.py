"""Finding suites: the session's own held-out cases, those in the workspace, those that ship."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from engine.errors import InputError, NotFoundError, ScopeError
from engine.evaluation.benchmarks import Kind, Refused, make_suites
from engine.evaluation.suites import load_suite, save_suite, suite_hash
from engine.records import Assertion, Case, Suite
from engine.scope import Scope
from engine.store import cases
from engine.store.sessions import Session
from engine.workspace import Workspace

DOMAIN = "domain"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


def domain_suite(workspace: Workspace, session: Session) -> Suite:
    """The sealed held-out cases as the suite of the domain gate, with what rules they inherit."""
    held_out = tuple(inherit(c, session.scope) for c in cases.every(workspace.store, session.id))
    return Suite(
        name=DOMAIN,
        gate="domain",
        version=(session.sealed_hash or "")[:12],
        cases=held_out,
        title="held-out cases",
        system_prompt=True,
        max_new_tokens=48,
    )


def inherit(case: Case, scope: Scope) -> Case:
    """A case with the assertions of the rules that it names, after its own, each once.

    Raises ScopeError for a rule that the scope does not have.
    """
    if not case.rules:
        return case
    inherited = [a for name in case.rules for a in _assertions_of(name, case, scope)]
    return msgspec.structs.replace(
        case, assertions=tuple(dict.fromkeys((*case.assertions, *inherited)))
    )


def _assertions_of(name: str, case: Case, scope: Scope) -> list[Assertion]:
    rule = scope.rule(name)
    if rule is None or not rule.assertions:
        lacks = "has no assertion" if rule else "is not in the scope"
        raise ScopeError(
            f"Case {case.id} inherits from rule {name}, which {lacks}.",
            "Give the rule an assertion, or take it out of the case.",
        )
    return [msgspec.structs.replace(a, rule=a.rule or name) for a in rule.assertions]


def session_suites(workspace: Workspace, session: Session) -> list[Suite]:
    """Everything that a run of a session answers: the held-out cases, then the scope's suites."""
    named = named_suites(workspace, session.scope.suites)
    inherited = [
        msgspec.structs.replace(s, cases=tuple(inherit(c, session.scope) for c in s.cases))
        for s in named
    ]
    return [domain_suite(workspace, session), *inherited]


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


class SuiteImported(msgspec.Struct, frozen=True):
    """What became of a test set; rows are the cases of all suites and the refused ones."""

    suites: tuple[str, ...]
    files: tuple[str, ...]
    rows: int
    cases: int
    refused: tuple[Refused, ...]


def import_suite(
    workspace: Workspace, path: Path, kind: Kind, name: str, licence: str = "not stated"
) -> SuiteImported:
    """Take a public test set over as suites of the workspace; raises InputError.

    A suite that is there already is left as it is, unless it is the same: a run may have used it.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name for a suite.", "Use small letters, digits, hyphens.")
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InputError(f"{path}: {why}.", "Name the file of the test set.") from error
    made = make_suites(kind, text, name, hashlib.sha256(raw).hexdigest()[:12], licence)
    files = keep_suites(workspace, made.suites)
    return SuiteImported(
        suites=tuple(suite.name for suite in made.suites),
        files=tuple(str(file) for file in files),
        rows=made.rows,
        cases=sum(len(suite.cases) for suite in made.suites),
        refused=made.refused,
    )


def keep_suites(workspace: Workspace, suites: Sequence[Suite]) -> list[Path]:
    """Write suites into the workspace, all or none; InputError where another has the name."""
    folder = workspace.home / "suites"
    files = [folder / f"{suite.name}.jsonl" for suite in suites]
    for suite, file in zip(suites, files, strict=True):
        if file.exists() and suite_hash(load_suite(file)) != suite_hash(suite):
            raise InputError(
                f"There is another suite {suite.name} already: {file}.",
                "Give another --name, or move that file away.",
            )
    folder.mkdir(parents=True, exist_ok=True)
    for suite, file in zip(suites, files, strict=True):
        save_suite(suite, file)
    return files


def available(workspace: Workspace) -> list[str]:
    """Names of the suites that a scope can ask for: the workspace's own and those that ship."""
    from sample_data import FOLDER

    folders = (workspace.home / "suites", FOLDER / "suites")
    return sorted({path.stem for folder in folders for path in folder.glob("*.jsonl")})

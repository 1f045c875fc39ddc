"""The user's own checks of a run: frozen into its folder, run when asked, their outcomes kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from engine.errors import InputError
from engine.evaluation.own_checks import (
    OwnCheck,
    Question,
    functions_of,
    key_of,
    question_for,
    read_checks,
    run,
    split_value,
)
from engine.records import Answer, Case, OwnOutcome
from engine.runs.folder import RunFolder, write_atomically
from engine.store import own_checks, runs
from engine.workspace import Workspace

FOLDER = "own"
Asked = tuple[Answer, str, Question]
"""An answer, the value of the assertion, and what the check is asked."""


class OwnChecksRun(msgspec.Struct, frozen=True):
    """What running a file of checks came to."""

    run: int
    file: str
    sha256: str
    asked: int
    """Answers that assertions of this file are about."""
    ran: int
    """Of these, how many had no outcome of this very file yet."""
    failed: int


def run_checks(workspace: Workspace, run_id: int, path: Path) -> OwnChecksRun:
    """Freeze a file of checks into a run and ask it about every answer; runs the user's code.

    Raises InputError when no case names the file, or when it lacks a function that one names.
    """
    given = read_checks(path)
    folder = RunFolder(runs.folder_of(runs.get(workspace.store, run_id), workspace.runs))
    answers = runs.answers(workspace.store, run_id)
    cases = _cases(folder)
    _require_functions(given, cases.values())
    frozen = folder.data / FOLDER / given.name
    frozen.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(frozen, path.read_bytes())
    checks = OwnCheck(frozen, given.sha256)
    keyed = {key_of(checks.sha256, q): q for _, _, q in _asked(checks.name, cases, answers)}
    known = own_checks.known(workspace.store, list(keyed))
    fresh = [key for key in keyed if key not in known]
    outcomes = dict(zip(fresh, run(checks, [keyed[key] for key in fresh]), strict=True))
    own_checks.add(workspace.store, outcomes)
    failed = sum(not one.passed for one in (known | outcomes).values())
    return OwnChecksRun(run_id, checks.name, checks.sha256, len(keyed), len(fresh), failed)


def attach(workspace: Workspace, run_id: int, answers: list[Answer]) -> list[Answer]:
    """The answers with the outcomes of the checks that stand in the run's folder."""
    folder = RunFolder(runs.folder_of(runs.get(workspace.store, run_id), workspace.runs))
    files = sorted((folder.data / FOLDER).glob("*.py"))
    if not files:
        return answers
    cases = _cases(folder)
    asked = [
        (answer, value, key_of(checks.sha256, question))
        for checks in map(read_checks, files)
        for answer, value, question in _asked(checks.name, cases, answers)
    ]
    known = own_checks.known(workspace.store, [key for _, _, key in asked])
    own: dict[int, dict[str, OwnOutcome]] = {}
    for answer, value, key in asked:
        if key in known:
            own.setdefault(id(answer), {})[value] = known[key]
    return [msgspec.structs.replace(a, own=own[id(a)]) if id(a) in own else a for a in answers]


def _cases(folder: RunFolder) -> dict[tuple[str, str], Case]:
    """The cases that name a check of the user's own, by suite and id."""
    suites = (folder.suite(name) for name in folder.job().suites)
    return {
        (suite.name, case.id): case
        for suite in suites
        for case in suite.cases
        if any(a.kind == "python" for a in case.assertions)
    }


def _asked(
    file: str, cases: Mapping[tuple[str, str], Case], answers: Iterable[Answer]
) -> Iterator[Asked]:
    for answer in answers:
        case = cases.get((answer.suite, answer.case))
        for assertion in case.assertions if case else ():
            name, function = split_value(assertion.value)
            if case is not None and assertion.kind == "python" and name == file:
                yield answer, str(assertion.value), question_for(function, case, answer)


def _require_functions(checks: OwnCheck, cases: Iterable[Case]) -> None:
    named = [split_value(a.value) for c in cases for a in c.assertions if a.kind == "python"]
    wanted = {function for name, function in named if name == checks.name}
    if not wanted:
        raise InputError(
            f"No case of this run names {checks.name}.",
            f'An assertion does: {{"kind": "python", "value": "{checks.name}:FUNCTION"}}.',
        )
    missing = sorted(wanted - functions_of(checks))
    if missing:
        raise InputError(
            f"{checks.path} has no function {missing[0]}.", "A case of this run asks for it."
        )

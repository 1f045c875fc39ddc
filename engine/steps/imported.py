"""Answers from elsewhere, a server say, that stand in for an arm; every row is accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.errors import InputError
from engine.evaluation.harness import asked_of, averages, read_answer, read_samples, results_in
from engine.evaluation.samples import (
    AnswerLine,
    Sample,
    detect,
    find_case,
    read_line,
    read_sample,
)
from engine.records import Answer, Case, Suite
from engine.steps import compare, train
from engine.steps.caching import file_hash
from engine.store import answer_files, runs
from engine.store.answer_files import AnswerFile
from engine.workspace import Workspace

T = TypeVar("T")
OWN_ARMS = ("base", "prompted", "tuned")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class Left(msgspec.Struct, frozen=True):
    """A row of the file that was not taken, and why."""

    line: int
    reason: str


class AnswersImported(msgspec.Struct, frozen=True):
    """What became of a file of answers; `rows` is taken, left and known together."""

    run: int
    arm: str
    file: str
    rows: int
    taken: int
    known: int
    """Rows that say again what is there already."""
    left: tuple[Left, ...]
    missing: tuple[str, ...]
    """`suite case` of each case of the run that the arm has not answered."""


def import_answers(
    workspace: Workspace, slug: str, run_id: int | None, arm: str, path: Path, suite: str = ""
) -> AnswersImported:
    """Take a file of answers as an arm of a run; the newest training run unless one is named.

    suite: the one that samples of lm-evaluation-harness answer; else their file name tells.
    Raises InputError for a name that the worker uses and for a file that cannot be read.
    """
    require_name(arm)
    run = train.chosen(workspace, slug, run_id)
    run = runs.get(workspace.store, run.parent) if run.parent else run
    suites = compare.suites_of(workspace, run.id)
    lines = _lines(path)
    found = {(a.suite, a.case): a for a in compare.answers_of(workspace, run.id) if a.arm == arm}
    taken: list[Answer] = []
    left: list[Left] = []
    for number, read in _read(path, lines, suites, arm, suite):
        earlier = found.get((read.suite, read.case)) if isinstance(read, Answer) else None
        if isinstance(read, str):
            left.append(Left(number, read))
        elif earlier is None:
            found[read.suite, read.case] = read
            taken.append(read)
        elif earlier != read:
            left.append(Left(number, f"answers {read.suite} {read.case} again, in other words"))
    _keep(workspace, run.id, arm, path, len(lines), taken)
    return AnswersImported(
        run=run.id,
        arm=arm,
        file=path.name,
        rows=len(lines),
        taken=len(taken),
        known=len(lines) - len(taken) - len(left),
        left=tuple(left),
        missing=tuple(
            f"{s.name} {c.id}" for s in suites for c in s.cases if (s.name, c.id) not in found
        ),
    )


def require_name(arm: str) -> None:
    """Raise InputError for an arm that cannot be named so."""
    if arm in OWN_ARMS:
        raise InputError(
            f"{arm} is what the worker answers.",
            "Give the imported arm a name of its own, such as server, and compare it with"
            " --arms base,server.",
        )
    if not _NAME.fullmatch(arm):
        raise InputError(
            f"{arm!r} is no name for an arm.", "Use small letters, digits, dots and hyphens."
        )


def _keep(
    workspace: Workspace, run: int, arm: str, path: Path, rows: int, taken: Sequence[Answer]
) -> None:
    if taken:
        digest = file_hash(path)
        file = AnswerFile(arm, path.name, digest, "", workspace.who, rows, len(taken))
        with workspace.store.transaction():
            runs.add_answers(workspace.store, run, taken)
            answer_files.add(workspace.store, run, file)


def _lines(path: Path) -> list[tuple[int, bytes]]:
    try:
        whole = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", "Give a file of JSON lines.") from error
    _require_answers(path, whole)
    raw = whole.splitlines()
    lines = [(n, line) for n, line in enumerate(raw, 1) if line.strip()]
    if not lines:
        raise InputError(f"{path} is empty.", "Give a file of JSON lines.")
    return lines


def _require_answers(path: Path, whole: bytes) -> None:
    """Averages are no answers: a gate pairs the arms case by case."""
    found = results_in(whole)
    if found is not None:
        raise InputError(
            f"{path.name} holds averages ({averages(found)}), not what was answered to each case;"
            " a gate compares two arms case by case.",
            "Run lm_eval again with --log_samples and give its samples_TASK_TIME.jsonl.",
        )


def _read(
    path: Path, lines: list[tuple[int, bytes]], suites: Sequence[Suite], arm: str, suite: str
) -> Iterator[tuple[int, Answer | str]]:
    """Each row as an answer, or why it is none; InputError for one that is no object at all."""
    if detect(lines[0][1]) == "answers":
        cases = _by_id(suites)
        for number, raw in lines:
            yield number, _read_answer(_decode(path, number, raw, AnswerLine), cases, arm, suite)
        return
    asked = _suite_of(path, suites, suite)
    if asked_of(asked) is not None:
        yield from _read_scored(path, lines, asked, arm)
        return
    for number, raw in lines:
        sample = _decode(path, number, raw, Sample)
        case = find_case(sample, asked)
        yield number, case if isinstance(case, str) else read_sample(sample, asked.name, case, arm)


def _read_scored(
    path: Path, lines: list[tuple[int, bytes]], suite: Suite, arm: str
) -> Iterator[tuple[int, Answer | str]]:
    """Samples of a task that the suite was made of, with what its metric gave."""
    asked, cases = asked_of(suite), {case.id: case for case in suite.cases}
    reads = read_samples(b"\n".join(raw for _, raw in lines), path.name)
    for (number, _), read in zip(lines, reads, strict=True):
        case = cases.get(str(read.line.doc_id))
        if case is None:
            yield number, f"document {read.line.doc_id} is no case of suite {suite.name}"
        elif asked is not None and read.line.filter != asked.filter:
            yield number, f"is filter {read.line.filter}, the suite counts {asked.filter}"
        else:
            yield number, read_answer(suite.name, case, read, arm)


def _decode(path: Path, number: int, raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        hint = "Each line is an object with suite, case and text. Nothing was taken."
        raise InputError(f"{path}, line {number}: {error}.", hint) from error


def _by_id(suites: Sequence[Suite]) -> dict[str, list[tuple[str, Case]]]:
    found: dict[str, list[tuple[str, Case]]] = {}
    for suite in suites:
        for case in suite.cases:
            found.setdefault(case.id, []).append((suite.name, case))
    return found


def _read_answer(
    line: AnswerLine, cases: dict[str, list[tuple[str, Case]]], arm: str, suite: str
) -> Answer | str:
    wanted = line.suite or suite
    found = [pair for pair in cases.get(line.case, ()) if wanted in ("", pair[0])]
    if len(found) > 1:
        names = " and ".join(name for name, _ in found)
        return f"case {line.case} is in {names}: name the suite"
    if not found:
        return f"there is no case {f'{wanted} {line.case}'.strip()} in this run"
    return read_line(line, *found[0], arm)


def _suite_of(path: Path, suites: Sequence[Suite], suite: str) -> Suite:
    """The suite that samples answer: the one named, or the one that the file is named after."""
    for one in suites:
        if suite == one.name or (not suite and path.name.startswith(f"samples_{one.name}_")):
            return one
    names = ", ".join(s.name for s in suites)
    raise InputError(
        f"{path.name} does not say which suite its samples answer.", f"Add --suite: {names}."
    )

"""Suites on disk: NAME.jsonl, a header on the first line and a case on every other one.

The only module of this room that touches files. A line a case diffs well and names its error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.errors import InputError, NotFoundError, ScopeError
from engine.evaluation.assertions import require_valid
from engine.records import Case, Gate, Suite

_T = TypeVar("_T")

FLOOR = 0.15
"""A base that passes less than this cannot show a loss."""
NEAR_CHANCE = 0.05


class SuiteHeader(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The first line of a suite file: everything of a Suite but its cases."""

    name: str
    gate: Gate
    version: str
    title: str = ""
    chance: float = 0.0
    system_prompt: bool = False
    max_new_tokens: int = 96
    licence: str = "Apache-2.0"


def load_suite(path: Path) -> Suite:
    """Read a suite; NotFoundError without a file, InputError with `file:line` for a bad line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"No suite at {path}.", "Check the name and the folder.") from error
    except UnicodeDecodeError as error:
        raise _bad(path, 1, f"is not UTF-8 ({error.reason} at byte {error.start})") from error
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise _bad(path, 1, "is empty: the first line must be the header")
    header = _read(path, *lines[0], SuiteHeader)
    cases = tuple(_read_case(path, number, line) for number, line in lines[1:])
    if not cases:
        raise _bad(path, lines[0][0], "has a header and no case")
    _refuse_repeated(path, cases, [number for number, _ in lines[1:]])
    return Suite(cases=cases, **msgspec.structs.asdict(header))


def save_suite(suite: Suite, path: Path) -> None:
    """Write a suite so that `load_suite` reads it back unchanged; replaces the file at once."""
    fields = {name: getattr(suite, name) for name in SuiteHeader.__struct_fields__}
    # Header fields are all written, defaults too: the first line is read by people.
    lines = [msgspec.json.encode(fields), *(msgspec.json.encode(case) for case in suite.cases)]
    aside = path.with_name(path.name + ".part")
    aside.write_bytes(b"\n".join(lines) + b"\n")
    aside.replace(path)


def suite_hash(suite: Suite) -> str:
    """SHA-256 over the canonical JSON of the suite, 64 hex digits."""
    # Read back first: an amount given as 4 and one read from a file as 4.0 are the same.
    canonical = msgspec.json.decode(msgspec.json.encode(suite), type=Suite)
    # As a dict, since omitting a default goes by identity, which a text read back has lost.
    fields = msgspec.structs.asdict(canonical)
    return hashlib.sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()


def headroom(base_rate: float, chance: float = 0.0) -> str | None:
    """Why a suite cannot show a loss of the base's ability, in words; None when it can.

    `base_rate` and `chance` are shares of 1.
    """
    if base_rate < FLOOR:
        return f"no headroom: base passes {base_rate * 100:.0f} %, under {FLOOR * 100:.0f} %"
    if chance > 0 and base_rate <= chance + NEAR_CHANCE:
        return f"no headroom: base passes {base_rate * 100:.0f} %, a guesser {chance * 100:.0f} %"
    return None


def pinned(base_rate: float, tuned_rate: float) -> str | None:
    """Why a suite measures nothing, in words: both arms pass all of it, or nothing."""
    if base_rate == tuned_rate == 0:
        return "pinned at 0 %: both arms fail every case, so it measures nothing"
    if base_rate == tuned_rate == 1:
        return "pinned at 100 %: both arms pass every case, so it can show no small loss"
    return None


def find_problem(case: Case) -> str | None:
    """What makes a case unusable, as the end of a sentence, or None."""
    if not case.id.strip():
        return "has a case without id"
    shapes = [bool(case.text), bool(case.choices), bool(case.assertions or case.rules)]
    if sum(shapes) > 1:
        return f"case {case.id} mixes text, choices and assertions: give one of them"
    if case.choices and not 0 <= case.correct < len(case.choices):
        return f"case {case.id} has {len(case.choices)} choices, and correct is {case.correct}"
    asks = case.messages and case.messages[-1].role == "user"
    if not case.text and not asks:
        return f"case {case.id} does not end with a user turn"
    return None


def _read_case(path: Path, number: int, line: str) -> Case:
    case = _read(path, number, line, Case)
    problem = find_problem(case)
    if problem:
        raise _bad(path, number, problem)
    for assertion in case.assertions:
        try:
            require_valid(assertion)
        except ScopeError as error:
            raise _bad(path, number, f"case {case.id}: {error.message}") from error
    return case


def _read(path: Path, number: int, line: str, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise _bad(path, number, str(error)) from error


def _refuse_repeated(path: Path, cases: Iterable[Case], numbers: list[int]) -> None:
    first: dict[str, int] = {}
    for case, number in zip(cases, numbers, strict=True):
        if case.id in first:
            raise _bad(path, number, f"case {case.id} stands on line {first[case.id]} already")
        first[case.id] = number


def _bad(path: Path, line: int, what: str) -> InputError:
    return InputError(
        f"{path}:{line}: {what}.",
        "Correct that line and try again.",
        title="Suite not valid",
    )

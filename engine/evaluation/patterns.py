"""Patterns that users write: compiled once, refused when wrong or when they could run for ever."""

from __future__ import annotations

import re
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

from engine.errors import ScopeError

_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
LONGEST = 1_000
"""Characters of a pattern."""


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern compiled, case-insensitive; ScopeError when it is wrong or not safe."""
    if len(pattern) > LONGEST:
        raise ScopeError(
            f"The pattern is {len(pattern)} characters long, more than {LONGEST}.", "Split it."
        )
    try:
        if _explodes(_parser.parse(pattern, re.IGNORECASE)):
            raise ScopeError(
                f"The pattern {pattern!r} repeats a repetition, which can take for ever.",
                "Write (a+) or (a)+, not (a+)+.",
            )
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ScopeError(
            f"The pattern {pattern!r} is no regular expression: {error}.", "Correct the pattern."
        ) from error


def _explodes(parsed: Any) -> bool:
    """Whether an unbounded repeat holds, between parts that may be empty, another unbounded one."""
    for operation, argument in parsed:
        endless = operation in _REPEATS and argument[1] == _constants.MAXREPEAT
        if endless and _bare_repeat(argument[2]):
            return True
        if any(_explodes(part) for part in _parts(argument)):
            return True
    return False


def _bare_repeat(parsed: Any) -> bool:
    items = list(parsed)
    for position, (operation, argument) in enumerate(items):
        others = items[:position] + items[position + 1 :]
        if any(_width(item, parsed) for item in others):
            continue
        if operation in _REPEATS and argument[1] == _constants.MAXREPEAT:
            return True
        if operation not in _REPEATS and any(_bare_repeat(part) for part in _parts(argument)):
            return True
    return False


def _width(item: Any, parsed: Any) -> int:
    """The fewest characters one item takes."""
    alone = _parser.SubPattern(parsed.state, [item])
    return int(alone.getwidth()[0])


def _parts(argument: Any) -> list[Any]:
    """The sub-patterns an operation holds."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, (tuple, list)):
        return [part for entry in argument for part in _parts(entry)]
    return []

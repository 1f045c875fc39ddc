"""Two texts as one: what was deleted and what was added, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

from textual.content import Content

from screens.text import safe

Change = Literal["same", "deleted", "added"]

_WORDS = re.compile(r"\w+(?:[.,:'’-]\w+)*|\s+|[^\w\s]")  # noqa: RUF001
_FRAMES = {"deleted": ("{", "}"), "added": ("[", "]")}
_STYLES = {"deleted": "$text-error strike dim", "added": "$text-success bold underline"}


def word_changes(old: str, new: str) -> Iterator[tuple[Change, str]]:
    """Runs of words that stayed, went or came; joined, the texts are whole again."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, i, j, k, m in _joined(matcher.get_opcodes(), before):
        if kind == "equal":
            yield "same", "".join(before[i:j])
            continue
        if i < j:
            yield "deleted", "".join(before[i:j])
        if k < m:
            yield "added", "".join(after[k:m])


def _joined(
    codes: Sequence[tuple[str, int, int, int, int]], before: list[str]
) -> list[tuple[str, int, int, int, int]]:
    """Joins changes that only white space keeps apart: a changed phrase reads as one change."""
    joined: list[tuple[str, int, int, int, int]] = []
    for index, (kind, i, j, k, m) in enumerate(codes):
        after_change = bool(joined) and joined[-1][0] != "equal"
        between = kind == "equal" and after_change and index + 1 < len(codes)
        is_change = kind != "equal" or (between and not "".join(before[i:j]).strip())
        if is_change and after_change:
            _, start, _, first, _ = joined[-1]
            joined[-1] = ("replace", start, j, first, m)
        else:
            joined.append((kind, i, j, k, m))
    return joined


def word_diff(old: str, new: str) -> Content:
    """One text: {deleted} and [added], by braces and brackets as well as by style."""
    parts = []
    for change, text in word_changes(old, new):
        if change == "same":
            parts.append(safe(text))
        else:
            left, right = _FRAMES[change]
            parts.append(safe(f"{left}{text}{right}", style=_STYLES[change]))
    return Content("").join(parts)

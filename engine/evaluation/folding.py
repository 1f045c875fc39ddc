"""One folding of text for every check: case, accents, white space and quotes do not matter."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_KEPT = 256
"""Texts remembered: one answer is held against many assertions."""
_STRAIGHT = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u02bc": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2212": "-",
    }
)
_EN_DASH = "\u2013"


@lru_cache(maxsize=_KEPT)
def straighten(text: str) -> str:
    """Straight quotes and hyphens, runs of spaces folded; lines, case and accents kept."""
    lines = text.translate(_STRAIGHT).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines).strip()


@lru_cache(maxsize=_KEPT)
def fold(text: str) -> str:
    """Straightened, one line, lower case, without accents: what two texts are compared by."""
    line = " ".join(text.translate(_STRAIGHT).replace(_EN_DASH, "-").split())
    parts = unicodedata.normalize("NFD", line.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def says(folded: str, wanted: str) -> bool:
    """Whether a folded text holds a folded phrase.

    The phrase is found from the beginning of a word on, so `no` is not in `know` while
    `defect` is in `defective`; numbers and phrases of up to three characters match whole.
    """
    start = folded.find(wanted)
    while wanted and start >= 0:
        end = start + len(wanted)
        before, after = folded[max(0, start - 2) : start], folded[end : end + 2]
        if not (_continues(before, wanted[0]) or _runs_on(wanted, after)):
            return True
        start = folded.find(wanted, start + 1)
    return False


def _continues(before: str, first: str) -> bool:
    """Whether a phrase begins inside a word or a number: 1.45 holds no 45."""
    if first.isdigit() and before[-1:] in (".", ",") and before[:1].isdigit():
        return True
    return _is_word(before[-1:]) and _is_word(first)


def _runs_on(wanted: str, after: str) -> bool:
    """Whether a number or a short word goes on behind the phrase."""
    last = wanted[-1]
    if last.isdigit():
        return after[:1].isdigit() or (after[:1] in (".", ",") and after[1:].isdigit())
    return len(wanted) <= 3 and _is_word(last) and _is_word(after[:1])


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()

"""The normal form in which texts are compared, and the views of an example that are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import xxhash

from engine.records import Example

_MARK = re.compile(r"<U\+[0-9A-F]{4,6}>")
_NOT_WORD = re.compile(r"[\W_]+")
_ASCII = bytes(ord(chr(c).lower()) if chr(c).isalnum() else 32 for c in range(128)) + bytes(128)
"""What each ASCII character becomes: for most texts the fast way to the normal form."""


def normalise(text: str) -> str:
    """NFKC, lower case, punctuation to spaces, spaces folded, marks of hidden characters out."""
    if text.isascii():
        if "<U+" in text:
            text = _MARK.sub("", text)
        return b" ".join(text.encode("ascii").translate(_ASCII).split()).decode("ascii")
    text = unicodedata.normalize("NFKC", text)
    if "<U+" in text:
        text = _MARK.sub("", text)
    return _NOT_WORD.sub(" ", text.lower()).strip()


def customer_side(example: Example) -> str:
    """Everything the customer said, a line a turn."""
    return "\n".join(m.content for m in example.messages if m.role == "user")


def whole_text(example: Example) -> str:
    """What customer and agent said, without system and tool turns."""
    spoken = (m.content for m in example.messages if m.role in ("user", "assistant"))
    return "\n".join(spoken)


def fingerprint(example: Example) -> int:
    """64-bit hash, equal for exact duplicates: who said what, in normal form."""
    parts = [
        f"{m.role}\x00{normalise(m.content)}\x01"
        for m in example.messages
        if m.role in ("user", "assistant")
    ]
    return xxhash.xxh3_64_intdigest("".join(parts).encode("utf-8", "replace"))


_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_PARTED = bytes(b if chr(b).isalnum() and b < 128 else 32 for b in range(256))
_MOST_WORDS = 1 << 16
_ENDINGS = ("ings", "ing", "ies", "ied", "es", "ed", "s", "e", "y")


def stems(text: str) -> frozenset[str]:
    """The words of a text, lower case, with common English endings off."""
    return frozenset(map(stem, set(words_of(text))))


class KnownStems(dict[bytes, str | None]):
    """The stems of a vocabulary by the words that have them, found out as words come.

    Most words of a text are none of them: those are looked up once, not stemmed each time.
    """

    def __init__(self, vocabulary: frozenset[str]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def among(self, text: str) -> frozenset[str]:
        """`stems(text) & vocabulary`, several times as fast."""
        if not text.isascii() or "'" in text:
            return stems(text) & self.vocabulary
        words = set(text.encode("ascii").translate(_ASCII).split())
        return frozenset(filter(None, map(self.__getitem__, words)))

    def __missing__(self, word: bytes) -> str | None:
        found = stem(word.decode("ascii"))
        known = found if found in self.vocabulary else None
        # Numbers of tickets and orders never come twice.
        if len(self) < _MOST_WORDS and not word[:1].isdigit():
            self[word] = known
        return known


def words_of(text: str) -> list[str]:
    """The words of a text, lower case: ASCII letters and digits, `don't` being one word."""
    low = text.lower().replace("\u2019", "'")
    if "'" in low:
        return _WORD.findall(low)
    # Without an apostrophe the pattern parts at everything else, which bytes do much faster.
    return low.encode("ascii", "replace").translate(_PARTED).decode().split()


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word without its ending, so that `returning`, `returns` and `returned` meet."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def mentions(words: frozenset[str], phrase: str) -> bool:
    """Whether every word of a phrase is among the stemmed words of a text."""
    wanted = stems(phrase)
    return bool(wanted) and wanted <= words

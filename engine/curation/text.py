"""The normal form in which texts are compared, and the views of an example that are compared."""

from __future__ import annotations

import re
import unicodedata

import xxhash

from engine.records import Example

_MARK = re.compile(r"<U\+[0-9A-F]{4,6}>")
_NOT_WORD = re.compile(r"[\W_]+")


def normalise(text: str) -> str:
    """NFKC, lower case, punctuation to spaces, white space folded, marks of hidden characters out."""
    if not text.isascii():
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

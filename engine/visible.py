"""Control characters made visible, and back: `<U+001B>` stands for ESC, as `less` shows it.

What is made visible: C0 except newline and tab, DEL, C1, bidirectional controls, zero-width
characters, line and paragraph separators, tag characters, lone surrogates. Carriage returns become
newlines. A literal `<U+001B>` in the source keeps apart from an escaped one: its `<` is escaped
itself, so `reveal` always gives the source back.
"""

from __future__ import annotations

import re

_CONTROLS = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
    # Joiners belong inside emoji and between letters of some scripts; elsewhere they hide.
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)
_SHOWN = re.compile(_CONTROLS)
_HIDDEN = re.compile(_CONTROLS + r"|<(?=U\+[0-9A-F]{4,6}>)")
_MARK = re.compile(r"<U\+([0-9A-F]{4,6})>")


def make_visible(text: str) -> str:
    """The text with every hidden character written as `<U+XXXX>`, line ends as newlines."""
    if text.isascii() and text.isprintable() and "<U+" not in text:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HIDDEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def printable(text: str) -> str:
    """The text for a terminal or a report: as `make_visible`, but what it wrote stays as it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SHOWN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def reveal(text: str) -> str:
    """The source of a text that `make_visible` wrote, but for its carriage returns."""
    return _MARK.sub(lambda found: chr(int(found[1], 16)), text)


def escape_hidden(text: str) -> str:
    """JSON text with every hidden character as a `\\uXXXX` escape: the same JSON, safe to print.

    Line ends between values stay as they are; within strings they are escapes already.
    """

    def escaped(found: re.Match[str]) -> str:
        units = found[0].encode("utf-16-be", "surrogatepass")
        pairs = (units[i : i + 2] for i in range(0, len(units), 2))
        return "".join(f"\\u{int.from_bytes(pair):04x}" for pair in pairs)

    return _HIDDEN.sub(escaped, text)


def find_marks(text: str) -> tuple[tuple[int, int], ...]:
    """Character ranges of the `<U+XXXX>` marks in a text."""
    return tuple(found.span() for found in _MARK.finditer(text))

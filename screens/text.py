"""Safe text: words from outside become cells on a screen here, and never become markup or control.

Every string that strop did not write itself passes through `visible` or `safe` before a widget
sees it. Widths are in terminal cells, never in characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Literal, NamedTuple

from rich.cells import cell_len
from textual.content import Content, Span

Align = Literal["left", "right"]


class Mark(NamedTuple):
    """A style over a range of the text as it came, before control characters grew visible.

    style is Textual's: `bold`, `$text-error`, `underline $text-warning`.
    """

    start: int
    end: int
    style: str


@lru_cache(4096)
def _shown(character: str) -> str:
    """One character as it may be drawn: itself, or its name as `engine.visible` writes it."""
    if character == "\n" or character.isprintable():
        return character
    if character == "\t":
        return "    "
    if unicodedata.category(character) == "Zs":
        return "  " if unicodedata.east_asian_width(character) in "FW" else " "
    return f"<U+{ord(character):04X}>"


def _each_shown(text: str) -> Iterator[str]:
    """What stands for each character of a text.

    Joiners between letters or emoji, and carriage returns at line ends, stand for nothing:
    terminals do not agree on the width of joined emoji, and part by part they do.
    """
    for index, character in enumerate(text):
        after = text[index + 1 : index + 2]
        if character in "\u200c\u200d" and index and after:
            inside = not text[index - 1].isascii() and not after.isascii()
            yield "" if inside else _shown(character)
        else:
            yield "" if character == "\r" and after == "\n" else _shown(character)


def visible(text: str) -> str:
    """The text with control, C1, bidi, zero-width and unassigned characters shown as what they are.

    ESC becomes <U+001B>, a tab four spaces; line feeds stay. Text that `engine.visible` has made
    visible already stays as it is.
    """
    return text if text.isprintable() else "".join(_each_shown(text))


def visible_line(text: str) -> str:
    """As `visible`, on one line: each run of white space becomes one space."""
    return visible(" ".join(text.split()))


def safe(text: str, *marks: Mark, style: str = "") -> Content:
    """Text from outside as Content, never parsed as markup, with marks over ranges of it."""
    shown = visible(text)
    spans = [Span(0, len(shown), style)] if style and shown else []
    if marks:
        offsets = _offsets(text)
        last = len(text)
        for start, end, mark_style in marks:
            first, stop = offsets[max(0, min(start, last))], offsets[max(0, min(end, last))]
            if first < stop:
                spans.append(Span(first, stop, mark_style))
    return Content(shown, spans, strip_control_codes=False)


def _offsets(text: str) -> list[int]:
    """For each character of the text and its end, where it begins in the visible text."""
    return list(accumulate(map(len, _each_shown(text)), initial=0))


def width(text: str) -> int:
    """Cells the text takes on one line."""
    return cell_len(text)


def clusters(text: str) -> Iterator[str]:
    """The text in pieces that must not be parted: a character with its combining marks."""
    piece = ""
    for character in text:
        if piece and cell_len(character) and not unicodedata.combining(character):
            yield piece
            piece = character
        else:
            piece += character
    if piece:
        yield piece


def fit(text: str, cells: int, *, align: Align = "left", ellipsis: str = "…") -> str:
    """One line of exactly `cells` cells: cut with an ellipsis when too long, padded when short."""
    text = truncate(visible_line(text), cells, ellipsis=ellipsis)
    pad = " " * (cells - cell_len(text))
    return pad + text if align == "right" else text + pad


def truncate(text: str, cells: int, *, ellipsis: str = "…") -> str:
    """At most `cells` cells of a text; wide and combined characters are never cut in two."""
    if cell_len(text) <= cells:
        return text
    if cells <= cell_len(ellipsis):
        return ellipsis if cells == cell_len(ellipsis) else ""
    return head(text, cells - cell_len(ellipsis)) + ellipsis


def head(text: str, cells: int) -> str:
    """The longest beginning of a text that fits `cells` cells."""
    taken, used = [], 0
    for piece in clusters(text):
        used += cell_len(piece)
        if used > cells:
            break
        taken.append(piece)
    return "".join(taken)


def wrap(text: str, cells: int) -> list[str]:
    """The text in lines of at most `cells` cells, parted at spaces; longer words are broken.

    Line feeds are kept as line ends. An empty text is one empty line.
    """
    cells = max(cells, 2)
    return [line for part in visible(text).split("\n") for line in _wrap_line(part, cells)]


def _wrap_line(text: str, cells: int) -> Iterator[str]:
    words = text.lstrip(" ")
    line = text[: min(len(text) - len(words), cells // 2)]
    for piece in _pieces(words, cells):
        if line and cell_len(line) + cell_len(piece.rstrip(" ")) > cells:
            if line.strip(" "):
                yield line.rstrip(" ")
            line = ""
        line += piece
    yield line.rstrip(" ")


def _pieces(text: str, cells: int) -> Iterator[str]:
    """Words with the space after them, none wider than `cells`; leading spaces stay."""
    for word in text.split(" "):
        rest = word
        while cell_len(rest) > cells:
            start = head(rest, cells)
            yield start
            rest = rest[len(start) :]
        yield f"{rest} "


def beside(left: Content | str, right: Content | str, cells: int) -> Content:
    """One line with `left` at its left end and `right` at its right end; the right end yields."""
    start = as_content(left).truncate(cells, ellipsis=True)
    room = cells - start.cell_length - 2
    end = as_content(right).truncate(max(room, 0), ellipsis=True)
    gap = cells - start.cell_length - end.cell_length
    return Content.assemble(start, " " * gap, end)


def as_content(text: Content | str) -> Content:
    """Content as it is; a string on one line, safely."""
    return text if isinstance(text, Content) else safe(text.replace("\n", " "))


def lines(parts: Iterable[Content | str]) -> Content:
    """Contents under one another."""
    return Content("\n").join([p if isinstance(p, Content) else safe(p) for p in parts])

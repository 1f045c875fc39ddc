"""The last line of defence: no control characters reach the terminal, whatever drew them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_DRAWN = {
    **dict.fromkeys("─━╌╍┄┅┈┉═▔▁⎯–—‐‑", "-"),  # noqa: RUF001
    **dict.fromkeys("│┃┆┇┊┋║▏▎▕", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬┏┓┗┛", "+"),
    **dict.fromkeys("█▉▊▋▌▍▇▆▅▄▃▂▀■", "#"),
    **dict.fromkeys("‘’‚′", "'"),  # noqa: RUF001
    **dict.fromkeys("“”„″«»", '"'),
    **dict.fromkeys("●•◆◉", "*"),
    **dict.fromkeys("·∙", "."),
    **dict.fromkeys("▸▶→⟩", ">"),
    **dict.fromkeys("◂←⟨", "<"),
    **dict.fromkeys("✗✘×", "x"),  # noqa: RUF001
    **dict.fromkeys("✓✔", "+"),
    "↑": "^",
    "↓": "v",
    "…": "~",
    "○": "o",
    "±": "~",
}


class NoControls(LineFilter):
    """Takes out everything that is not a visible character, keeping the number of cells."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line, each unsafe segment replaced by a safe one of the same width."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(without_controls(text), style) for text, style, _ in segments]


class AsciiOnly(LineFilter):
    """Draws with ASCII alone: look-alikes for what strop draws, `?` for what is left."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line in ASCII, cell for cell."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [Segment("".join(map(_ascii, text)), style) for text, style, _ in segments]


@lru_cache(1024)
def without_controls(text: str) -> str:
    """The text without invisible characters, padded to the cells it had."""
    if text.isprintable():
        return text
    kept = "".join(c for c in text if c.isprintable() or unicodedata.category(c) == "Zs")
    return kept + " " * (cell_len(text) - cell_len(kept))


@lru_cache(4096)
def _ascii(character: str) -> str:
    if character.isascii():
        return character
    if character in _DRAWN:
        return _DRAWN[character]
    cells = cell_len(character)
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return plain if len(plain) == cells else "?" * cells

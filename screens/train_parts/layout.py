"""Lines with a hanging indent, and headings that are rules across the screen."""

from __future__ import annotations

from textual.content import Content

from screens.symbols import symbols_of
from screens.text import fit, safe, truncate, visible_line, width, wrap
from screens.widgets.lines import Lines


def hanging(first: Content, indent: int, text: str, cells: int, style: str = "") -> list[Content]:
    """Lines of `text` beside `first`, which takes `indent` cells of the first line only."""
    wrapped = wrap(text, max(cells - indent, 10))
    pad = " " * max(indent - first.cell_length, 0)
    head = Content.assemble(first, pad, safe(wrapped[0], style=style))
    rest = [Content.assemble(" " * indent, safe(line, style=style)) for line in wrapped[1:]]
    return [head, *rest]


def cell(text: str, cells: int, style: str = "") -> Content:
    """Words in exactly so many cells."""
    return safe(fit(text, cells), style=style)


class Heading(Lines):
    """`─ left ──────────────── right ─`, redrawn for every width."""

    DEFAULT_CSS = """
    Heading {
        height: 1;
        color: $text-muted;
    }
    """

    def __init__(self, left: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id)
        self._left, self._right = left, ""

    def describe(self, left: str, right: str = "") -> None:
        """Change the words; plain strings, made safe here. The left ones yield."""
        self._left, self._right = left, right
        self._paint()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._paint()

    def _paint(self) -> None:
        cells, symbols = self.size.width, symbols_of(self)
        if not cells:
            return
        right = f" {visible_line(self._right)} {symbols.rule}" if self._right else ""
        room = cells - width(right) - 6
        left = truncate(visible_line(self._left), max(room, 1), ellipsis=symbols.ellipsis)
        fill = max(cells - width(left) - width(right) - 4, 0)
        self.show(
            Content.assemble(
                f" {symbols.rule} ",
                safe(left, style="$foreground"),
                safe(f" {symbols.rule * fill}{right}"),
            )
        )

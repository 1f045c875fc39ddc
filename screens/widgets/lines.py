"""Widgets made of ready lines, which repaint a line only when it changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from screens.text import as_content


def content_strip(content: Content, cells: int, style: Style) -> Strip:
    """One line of Content cut or padded to exactly `cells` cells, over a base style."""
    line = content.truncate(cells, ellipsis=True, pad=True)
    return Strip(line.render_segments(style), cells)


class Lines(Widget):
    """A pane of lines that somebody else computes; as high as its lines unless CSS says otherwise.

    `show` takes strings, never parsed as markup, or Content. Lines that are too long are cut.
    """

    DEFAULT_CSS = """
    Lines {
        height: auto;
    }
    """

    def __init__(
        self,
        *lines: Content | str,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._lines = [as_content(line) for line in lines]

    @property
    def lines(self) -> tuple[Content, ...]:
        """What is shown now."""
        return tuple(self._lines)

    def show(self, *lines: Content | str) -> None:
        """Replace the lines; only those that differ are painted again."""
        fresh = [as_content(line) for line in lines]
        stale, self._lines = self._lines, fresh
        if len(stale) != len(fresh):
            self.refresh(layout=self.styles.is_auto_height)
            if self.styles.is_auto_height:
                return
        changed = [y for y, line in enumerate(fresh) if not _same(stale, y, line)]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines."""
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        """The strip of one row; rows below the last line are blank."""
        line = self._lines[y] if y < len(self._lines) else Content()
        return content_strip(line, self.size.width, self.visual_style)


def _same(lines: Sequence[Content], index: int, line: Content) -> bool:
    return index < len(lines) and lines[index].is_same(line)

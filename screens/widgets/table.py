"""A list of any length: rows are asked for when they are painted, never before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.actions import key_pressed
from screens.symbols import symbols_of
from screens.text import Align, as_content
from screens.widgets.lines import content_strip

Row = Sequence[Content | str]
GAP = 2
MARGIN = 3
"""Cells at the left: a space, the cursor, a space."""


class Column(msgspec.Struct, frozen=True):
    """One column: its width in cells, or 0 to share what is left over with the others at 0."""

    title: str = ""
    width: int = 0
    align: Align = "left"


def share_width(columns: Sequence[Column], cells: int) -> list[int]:
    """Widths that fill `cells` cells, the gaps between the columns taken off."""
    room = cells - GAP * (len(columns) - 1) - sum(column.width for column in columns)
    growing = [index for index, column in enumerate(columns) if not column.width]
    widths = [column.width for column in columns]
    for nth, index in enumerate(growing):
        widths[index] = max(room // len(growing) + (nth < room % len(growing)), 1)
    return widths


class Table(ScrollView, can_focus=True):
    """Rows under a cursor. The row source is called with an index and answers one cell a column:
    strings (never parsed as markup) or Content. It must be quick: it runs while painting.
    """

    COMPONENT_CLASSES = {"table--cursor", "table--title"}
    DEFAULT_CSS = """
    Table {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .table--cursor {
            background: $surface;
            text-style: bold;
        }
        &:focus > .table--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .table--title {
            color: $text-muted;
        }
    }
    """

    class Highlighted(Message):
        """The cursor came to another row."""

        def __init__(self, table: Table, index: int) -> None:
            super().__init__()
            self.table = table
            self.index = index

        @property
        def control(self) -> Table:
            """The table, for `@on(Table.Highlighted, "#rules")`."""
            return self.table

    class Chosen(Highlighted):
        """enter was pressed on a row."""

    def __init__(
        self,
        *columns: Column,
        titles: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = columns or (Column(),)
        self._titles = titles
        self._count = 0
        self._cursor = 0
        self._source: Callable[[int], Row] = lambda _: ()

    @property
    def count(self) -> int:
        """Number of rows."""
        return self._count

    @property
    def cursor(self) -> int:
        """Index of the row under the cursor; -1 when there are no rows."""
        return min(self._cursor, self._count - 1)

    def set_rows(self, count: int, source: Callable[[int], Row], *, cursor: int = -1) -> None:
        """Show `count` rows of a source. The cursor stays, or goes where it is told."""
        self._count = count
        self._source = source
        if cursor >= 0:
            self._cursor = cursor
        self._cursor = max(min(self._cursor, count - 1), 0)
        self.virtual_size = Size(self.scrollable_content_region.width, count + self._titles)
        self._show_cursor()
        self.refresh()

    def refresh_row(self, index: int) -> None:
        """Paint one row again: its source has something else to say."""
        self._paint_row(index)

    def move_to(self, index: int) -> None:
        """Put the cursor on a row, as near as there is one, and bring it in view."""
        index = max(min(index, self._count - 1), 0)
        if index == self._cursor or not self._count:
            return
        old, self._cursor = self._cursor, index
        self._paint_row(old)
        self._paint_row(index)
        self._show_cursor()
        self.post_message(self.Highlighted(self, index))

    def on_resize(self) -> None:
        """The cursor stays in view."""
        self.virtual_size = Size(self.scrollable_content_region.width, self._count + self._titles)
        self._show_cursor()

    def on_key(self, event: events.Key) -> None:
        """j k g G, arrows and pages move; enter chooses."""
        pressed = key_pressed(event.key, event.character)
        moves = self._moves()
        if pressed in moves and self._count:
            self.move_to(moves[pressed])
        elif pressed == "enter" and self._count:
            self.post_message(self.Chosen(self, self.cursor))
        else:
            return
        event.stop()
        event.prevent_default()

    def render_line(self, y: int) -> Strip:
        """One row, with the cursor's sign in front of the row it is on."""
        cells = self.scrollable_content_region.width
        if self._titles and y == 0:
            titles = [column.title for column in self.columns]
            return self._strip(" " * MARGIN, titles, cells, "table--title")
        index = y + self.scroll_offset.y - self._titles
        if not 0 <= index < self._count:
            return Strip.blank(cells, self.visual_style.rich_style)
        if index == self.cursor:
            sign = f" {symbols_of(self).cursor} "
            return self._strip(sign, self._source(index), cells, "table--cursor")
        return self._strip(" " * MARGIN, self._source(index), cells)

    def _strip(self, margin: str, row: Row, cells: int, *component: str) -> Strip:
        widths = share_width(self.columns, cells - MARGIN)
        parts = [
            _cell(text, width, column.align)
            for text, width, column in zip(row, widths, self.columns, strict=False)
        ]
        line = Content.assemble(margin, Content(" " * GAP).join(parts))
        return content_strip(line, cells, self.get_visual_style(*component))

    def _moves(self) -> dict[str, int]:
        at, page = self.cursor, max(self.size.height - 1 - self._titles, 1)
        return {
            "j": at + 1,
            "down": at + 1,
            "k": at - 1,
            "up": at - 1,
            "pagedown": at + page,
            "pageup": at - page,
            "g": 0,
            "home": 0,
            "G": self._count - 1,
            "end": self._count - 1,
        }

    def _paint_row(self, index: int) -> None:
        y = index + self._titles - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _show_cursor(self) -> None:
        rows = self.size.height - self._titles
        if rows < 1:
            return
        top = self.scroll_offset.y
        wanted = min(max(top, self._cursor - rows + 1), self._cursor)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)


def _cell(text: Content | str, width: int, align: Align) -> Content:
    content = as_content(text).truncate(width, ellipsis=True)
    room = width - content.cell_length
    return content.pad_left(room) if align == "right" else content.pad_right(room)

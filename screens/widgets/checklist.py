"""Lines that are on or off: space switches the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from screens.actions import key_pressed
from screens.symbols import symbols_of
from screens.text import safe, visible_line
from screens.widgets.lines import Lines


class Item(msgspec.Struct, frozen=True):
    """One line: a value to tell it by, what it says, and whether it is on."""

    value: str
    label: str
    is_on: bool = True


class CheckList(Lines, can_focus=True):
    """`[x] label` a line: j and k move, space switches. Words from anywhere."""

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__()
        self._items = list(items)
        self._cursor = 0

    @property
    def chosen(self) -> tuple[str, ...]:
        """The values that are on, in order."""
        return tuple(item.value for item in self._items if item.is_on)

    def on_mount(self) -> None:
        """Draw."""
        self._draw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor shows only where keys would go."""
        super().watch_has_focus(has_focus)
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """Move, or switch."""
        pressed = key_pressed(event.key, event.character)
        last = len(self._items) - 1
        moves = {"j": 1, "down": 1, "k": -1, "up": -1, "g": -last, "G": last}
        if pressed in moves and self._items:
            self._cursor = max(0, min(last, self._cursor + moves[pressed]))
            self._show_cursor()
        elif pressed == "space" and self._items:
            item = self._items[self._cursor]
            self._items[self._cursor] = msgspec.structs.replace(item, is_on=not item.is_on)
        else:
            return
        event.stop()
        event.prevent_default()
        self._draw()

    def _show_cursor(self) -> None:
        if isinstance(self.parent, Widget):
            line = Region(0, self._cursor, 1, 1)
            self.parent.scroll_to_region(line, animate=False, force=True)

    def _draw(self) -> None:
        self.show(*(self._line(index) for index in range(len(self._items))))

    def _line(self, index: int) -> Content:
        item = self._items[index]
        at = self.has_focus and index == self._cursor
        sign = f"{symbols_of(self).cursor if at else ' '} [{'x' if item.is_on else ' '}] "
        return safe(sign + visible_line(item.label), style="bold" if at else "")

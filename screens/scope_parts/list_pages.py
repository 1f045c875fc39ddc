"""Pages of the guide that are lists: one opens a line, one switches lines, one is to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.scope_parts.form import Edit
from screens.scope_parts.pages import Move, Page, Top, Turn
from screens.text import safe
from screens.widgets.checklist import CheckList, Item
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Row, Table


class ListPage(Page):
    """Lines of which enter opens one; n makes one more, where that can be.

    rows: the name of each and its cells.
    """

    AUTO_FOCUS = "Table"

    def __init__(
        self,
        top: Top,
        rows: Sequence[tuple[str, Row]],
        turn: Callable[[Turn], None],
        columns: Sequence[Column],
        *,
        noun: str = "",
        cursor: str = "",
        is_step: bool = True,
    ) -> None:
        super().__init__(top, turn)
        self._rows = tuple(rows)
        self._columns = tuple(columns)
        self._cursor = cursor
        self._noun = noun
        self._is_step = is_step
        parts = ["enter change   "] if self._rows else []
        parts += [f"n new {noun}   "] if noun else []
        self.own_keys = "".join(parts)

    def keys_line(self) -> Content:
        """Outside the guide there is nowhere to go."""
        return super().keys_line() if self._is_step else safe("enter change   esc close")

    def compose_matter(self) -> ComposeResult:
        """The list, or that it is empty."""
        if not self._rows:
            yield Static(safe(f"None yet: n makes the first {self._noun}.", style="$text-warning"))
            return
        yield Table(*self._columns)

    def on_mount(self) -> None:
        """Show the lines."""
        names = [name for name, _ in self._rows]
        at = names.index(self._cursor) if self._cursor in names else -1
        for table in self.query(Table):
            table.set_rows(len(self._rows), lambda index: self._rows[index][1], cursor=at)

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """enter."""
        self._turn(Turn("open", target=self._rows[message.index][0]))

    def press(self, key: str) -> None:
        """n."""
        if key == "n" and self._noun:
            self._turn(Turn("new"))


class ChoicePage(Page):
    """Lines to switch on and off; what they make is up to `edit`."""

    AUTO_FOCUS = "CheckList"

    def __init__(
        self,
        top: Top,
        items: Sequence[Item],
        edit: Callable[[tuple[str, ...]], Edit],
        turn: Callable[[Turn], None],
        *,
        none: str,
        target: str = "",
    ) -> None:
        super().__init__(top, turn)
        self._items = tuple(items)
        self._edit = edit
        self._none = none
        self._target = target
        """What `e` opens; empty where there is nothing to write."""
        own = "space switch   " if items else ""
        self.own_keys = f"{own}e write   " if target else own

    def compose_matter(self) -> ComposeResult:
        """The lines, or why there are none."""
        if not self._items:
            yield Static(safe(self._none))
            return
        with VerticalScroll(can_focus=False):
            yield CheckList(self._items)

    def press(self, key: str) -> None:
        """e takes what is on, and opens it to be written."""
        if key == "e" and self._target:
            self.go("open")

    def go(self, move: Move) -> None:
        """Take what is on. Going back or leaving takes it, too."""
        found: Any = next(iter(self.query(CheckList)), None)
        edit = self._edit(found.chosen) if found is not None else None
        self._turn(Turn(move, edit, self._target))


class EndPage(Page):
    """What is missing, what the cases can show, what speaks against training."""

    AUTO_FOCUS = "Prose"

    def __init__(self, top: Top, text: Content, turn: Callable[[Turn], None]) -> None:
        super().__init__(top, turn)
        self._text = text

    def compose_matter(self) -> ComposeResult:
        """A text to read."""
        yield Prose(self._text)

    def keys_line(self) -> Content:
        """There is no further step."""
        return safe("ctrl+n done   ctrl+p back   esc leave")

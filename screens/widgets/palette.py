"""The command palette: a line to type in, and the actions whose words match."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from screens.text import safe
from screens.widgets.dialog import Dialog
from screens.widgets.table import Column, Row, Table

MOVES = frozenset({"up", "down", "pageup", "pagedown"})


class Command(msgspec.Struct, frozen=True):
    """One line of the palette."""

    id: str
    name: str
    """`curate: accept`."""
    help: str
    key: str

    def matches(self, query: str) -> bool:
        """Whether every word of the query begins or stands within the name or the sentence."""
        words = f"{self.name} {self.help}".lower()
        return all(word in words for word in query.lower().split())


class PaletteDialog(Dialog[str]):
    """Answers with the id of the chosen action."""

    DEFAULT_CSS = """
    PaletteDialog {
        align: center top;
        & > Vertical {
            width: 76;
            margin-top: 2;
        }
        & Input {
            background: $surface;
            margin-bottom: 1;
        }
        & Table {
            height: 12;
        }
    }
    """

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__("Command")
        self._commands = commands
        self._found = list(commands)

    def compose_body(self) -> ComposeResult:
        """The line and the list."""
        line = Input(select_on_focus=False, compact=True)
        line.cursor_blink = False
        yield line
        yield Table(Column(width=20), Column(), Column(width=6), classes="found")

    def keys_line(self) -> Content:
        """How to choose."""
        return safe("type to find   up, down   enter do it   esc leave it")

    def on_mount(self) -> None:
        """Start with everything."""
        table = self.query_one(Table)
        table.can_focus = False
        self._find("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list down."""
        event.stop()
        self._find(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do what is under the cursor."""
        event.stop()
        if self._found:
            self.dismiss(self._found[self.query_one(Table).cursor].id)

    def on_key(self, event: events.Key) -> None:
        """Up and down move in the list while the line keeps the focus."""
        if event.key in MOVES:
            self.query_one(Table).on_key(event)

    def _find(self, query: str) -> None:
        self._found = [command for command in self._commands if command.matches(query)]
        self.query_one(Table).set_rows(len(self._found), self._row, cursor=0)

    def _row(self, index: int) -> Row:
        command = self._found[index]
        return safe(command.name, style="bold"), command.help, command.key

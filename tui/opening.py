"""Two screens of the app itself: the first frame, and the one for terminals that are too small."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.actions import key_pressed
from screens.base import StropScreen
from screens.text import safe
from screens.widgets.lines import Lines


class OpeningScreen(StropScreen):
    """The first frame, shown while the store is opened."""

    def compose_body(self) -> ComposeResult:
        """One line."""
        yield Lines("", " Opening ...")


class TooSmallScreen(ModalScreen[None]):
    """Says which size is needed; goes by itself when there is room."""

    DEFAULT_CSS = """
    TooSmallScreen {
        background: $background;
        align: center middle;
        & Static {
            width: auto;
        }
    }
    """

    def __init__(self, least: tuple[int, int]) -> None:
        super().__init__()
        self._least = least

    def compose(self) -> ComposeResult:
        """The sizes."""
        yield Static(self._text(self.app.size.width, self.app.size.height))

    def on_resize(self, event: events.Resize) -> None:
        """Say the size as it is now."""
        self.query_one(Static).update(self._text(event.size.width, event.size.height))

    def on_key(self, event: events.Key) -> None:
        """q leaves; nothing else reaches the screen below."""
        event.stop()
        if key_pressed(event.key, event.character) in {"q", "ctrl+c"}:
            leave = getattr(self.app, "leave", self.app.exit)
            leave()

    def _text(self, width: int, height: int) -> Content:
        columns, rows = self._least
        return safe(f"strop needs {columns}x{rows},\nthis is {width}x{height}.\n\nq quit")

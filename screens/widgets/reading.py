"""A text to read in the middle of the screen, from top to end."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content

from screens.text import safe
from screens.widgets.dialog import Dialog
from screens.widgets.prose import Prose

AROUND = 6
"""Lines that border, title and keys take."""


class ReadDialog(Dialog[None]):
    """Shows a text; j and k scroll, esc or enter close. The text may come later."""

    AUTO_FOCUS = "Prose"
    DEFAULT_CSS = """
    ReadDialog {
        & > Vertical {
            width: 100;
            max-width: 98%;
            max-height: 100%;
            padding: 0 2;
        }
        & Prose {
            height: auto;
        }
    }
    """

    def __init__(self, title: str, text: Content | str, *, topic: str = "") -> None:
        super().__init__(title)
        self.topic = topic
        """By which whoever has more to show finds it."""
        self._text = text

    def compose_body(self) -> ComposeResult:
        """The text."""
        yield Prose(self._text)

    def on_resize(self, event: events.Resize) -> None:
        """Title and keys stay on the screen."""
        self.query_one(Prose).styles.max_height = max(event.size.height - AROUND, 3)

    def show(self, text: Content | str) -> None:
        """Another text."""
        self._text = text
        if self.is_mounted:
            self.query_one(Prose).show(text)

    def keys_line(self) -> Content:
        """Scroll, close."""
        return safe("j k scroll   esc close")

    def press(self, key: str) -> None:
        """Any of the usual keys closes it."""
        if key in {"enter", "q"}:
            self.dismiss(None)

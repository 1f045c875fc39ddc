"""A text to read in the middle of the screen, from top to end."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content

from screens.widgets.dialog import Dialog
from screens.widgets.prose import Prose


class ReadDialog(Dialog[None]):
    """Shows a text; j and k scroll, esc or enter close. The text may come later."""

    AUTO_FOCUS = "Prose"
    DEFAULT_CSS = """
    ReadDialog {
        & > Vertical {
            width: 100;
            max-width: 98%;
        }
        & Prose {
            height: auto;
            max-height: 100vh;
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

    def show(self, text: Content | str) -> None:
        """Another text."""
        self._text = text
        if self.is_mounted:
            self.query_one(Prose).show(text)

    def press(self, key: str) -> None:
        """Any of the usual keys closes it."""
        if key in {"enter", "q"}:
            self.dismiss(None)

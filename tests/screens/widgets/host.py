"""An app with one widget on it, for tests of widgets."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from tui.manners import TerminalApp
from tui.terminal import TerminalFacts


class Host(TerminalApp):
    """Shows one widget and keeps the messages that come up from it."""

    LEAST = (1, 1)

    def __init__(self, widget: Widget, facts: TerminalFacts | None = None) -> None:
        super().__init__(facts or TerminalFacts())
        self.widget = widget
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        """Only the widget."""
        yield self.widget

    def post_message(self, message: Message) -> bool:
        """Keep what a widget says."""
        if message._sender is not None and type(message).__module__.startswith("screens."):
            self.heard.append(message)
        return super().post_message(message)


def painted(app: App[None]) -> list[str]:
    """The screen as plain lines."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]

"""Editing a text in place, with keys that every terminal passes on."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import TextArea

from screens.text import visible

SAVE = frozenset({"ctrl+o", "ctrl+j"})


class Editor(TextArea):
    """A text box: ctrl+o (or ctrl+j) saves, esc leaves; with changes, esc asks once more."""

    DEFAULT_CSS = """
    Editor {
        height: 1fr;
        border: round $primary;
        padding: 0 1;
        background: $surface;
        &:focus {
            border: round $accent;
        }
    }
    """

    class Saved(Message):
        """The operator is done; control characters in the text were made visible."""

        def __init__(self, editor: Editor, text: str) -> None:
            super().__init__()
            self.editor = editor
            self.text = text

    class Cancelled(Message):
        """The operator thought better of it."""

        def __init__(self, editor: Editor) -> None:
            super().__init__()
            self.editor = editor

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            visible(text), id=id, soft_wrap=True, show_line_numbers=False, tab_behavior="focus"
        )
        self.cursor_blink = False
        self._original = visible(text)
        self._asked = False

    def on_mount(self) -> None:
        """Name the keys."""
        self._say("ctrl+o save   esc leave")

    def start(self, text: str) -> None:
        """Start over with another text, the cursor at its end."""
        self._original = visible(text)
        self._asked = False
        self.load_text(self._original)
        self.move_cursor(self.document.end)

    def on_key(self, event: events.Key) -> None:
        """Save or leave; everything else is typing."""
        if event.key in SAVE:
            self.post_message(self.Saved(self, visible(self.text)))
        elif event.key == "escape":
            self._leave()
        else:
            if self._asked:
                self._asked = False
                self._say("ctrl+o save   esc leave")
            return
        event.stop()
        event.prevent_default()

    def _leave(self) -> None:
        if self.text == self._original or self._asked:
            self.post_message(self.Cancelled(self))
            return
        self._asked = True
        self._say("changed: esc again drops it   ctrl+o saves")

    def _say(self, text: str) -> None:
        self.border_subtitle = text

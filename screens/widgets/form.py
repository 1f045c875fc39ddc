"""A form: several fields in one dialog, checked together before anything is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from engine.errors import StropError
from screens.actions import key_pressed
from screens.text import lines, safe, visible, visible_line
from screens.widgets.dialog import Dialog
from screens.widgets.editor import SAVE

Values = Mapping[str, Any]
"""What was typed, read: by field name, only the fields that were changed."""

KEYS = "ctrl+o save   tab next field   esc leave"
AROUND = 8
"""Lines that border, title, help and keys take."""
LEAVING = "Changed: esc again drops it, ctrl+o saves."


class FormField(msgspec.Struct, frozen=True):
    """One field of a form. `read` turns its text into a value, or raises ScopeError."""

    name: str
    label: str
    help: str
    """A sentence or two, shown while the field has focus."""
    value: str = ""
    lines: int = 1
    read: Callable[[str], Any] = str.strip
    suggested: str = ""
    """Text to start with where `value` is empty: it counts as typed."""
    is_short: bool = False
    """A word or a number: typing replaces it."""


class FormDialog(Dialog[Values]):
    """Fields with their help. Answers with what was changed, or None.

    check: is given the values and raises StropError when they do not fit together.
    """

    AUTO_FOCUS = "Input, TextArea"
    DEFAULT_CSS = """
    FormDialog {
        & > Vertical {
            width: 100;
            max-width: 98%;
            max-height: 100%;
            padding: 0 2;
        }
        & .title {
            margin-bottom: 0;
        }
        & VerticalScroll {
            scrollbar-size-vertical: 1;
        }
        & Horizontal {
            height: auto;
        }
        & Horizontal > Static {
            width: 14;
            color: $text-muted;
        }
        & Horizontal:focus-within > Static {
            color: $accent;
            text-style: bold;
        }
        & Input, & TextArea {
            width: 1fr;
            background: $surface;
            border: none;
            padding: 0;
        }
        & #help {
            height: 3;
            margin-top: 1;
        }
        & .keys {
            margin-top: 0;
        }
    }
    """

    def __init__(
        self, title: str, fields: Sequence[FormField], check: Callable[[Values], object]
    ) -> None:
        super().__init__(title)
        self._fields = tuple(fields)
        self._check = check
        self._asked = False
        self._refused: dict[str, Content] = {}
        """Errors by field, until the next try."""

    def compose_body(self) -> ComposeResult:
        """A line or a box for each field, the help below."""
        with VerticalScroll(can_focus=False):
            for field in self._fields:
                with Horizontal():
                    yield Static(safe(field.label))
                    yield self._box(field)
        yield Static(id="help")

    def keys_line(self) -> Content:
        """Save, next, leave."""
        return safe(KEYS)

    def _box(self, field: FormField) -> Input | TextArea:
        text = visible(field.value or field.suggested)
        box: Input | TextArea
        if field.lines == 1:
            line = visible_line(text)
            box = Input(line, select_on_focus=field.is_short, compact=True, name=field.name)
        else:
            box = TextArea(
                text, soft_wrap=True, tab_behavior="focus", compact=True, name=field.name
            )
            box.styles.height = field.lines
            box.show_line_numbers = False
        box.cursor_blink = False
        return box

    def on_resize(self, event: events.Resize) -> None:
        """Title, help and keys stay on the screen; the fields scroll."""
        self.query_one(VerticalScroll).styles.max_height = max(event.size.height - AROUND, 3)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the field is for, or what is wrong with it."""
        field = next((f for f in self._fields if f.name == event.widget.name), None)
        if field is not None:
            self._say(self._refused.get(field.name, safe(field.help)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """enter goes to the next field."""
        event.stop()
        self.focus_next()

    def on_key(self, event: events.Key) -> None:
        """Save or leave; everything else is typing."""
        pressed = key_pressed(event.key, event.character)
        if pressed in SAVE:
            self._save()
        elif pressed in {"escape", "ctrl+c"}:
            self._leave()
        else:
            self._asked = False
            return
        event.stop()
        # Else the dialog's own handler would close the form at once.
        event.prevent_default()

    def _texts(self) -> dict[str, str]:
        boxes = {box.name: box for box in self.query("Input, TextArea")}
        found = {}
        for field in self._fields:
            box = boxes[field.name]
            found[field.name] = box.text if isinstance(box, TextArea) else _typed(box)
        return found

    def _changed(self) -> list[tuple[FormField, str]]:
        texts = self._texts()
        shown = {field.name: _shown(field) for field in self._fields}
        return [(f, texts[f.name]) for f in self._fields if texts[f.name] != shown[f.name]]

    def _save(self) -> None:
        self._refused.clear()
        values: dict[str, Any] = {}
        texts = self._texts()
        changed = {field.name for field, _ in self._changed()}
        if not changed:
            self.dismiss(None)
            return
        for field in self._fields:
            if field.name not in changed and field.value:
                continue
            try:
                value = field.read(visible(texts[field.name]))
            except StropError as error:
                self._refuse(field.name, field.label, error)
                return
            if field.name in changed:
                values[field.name] = value
        try:
            self._check(values)
        except StropError as error:
            self._refuse("", "", error)
            return
        self.dismiss(values)

    def _refuse(self, name: str, label: str, error: StropError) -> None:
        """Name the error and go to its field."""
        where = f"{label}: " if label else ""
        message = safe(f"! {where}{error.message}", style="$text-error")
        said = lines([message, safe(error.hint)]) if error.hint else message
        self._refused[name] = said
        self._say(said)
        for box in self.query("Input, TextArea"):
            if name and box.name == name:
                box.focus()

    def _leave(self) -> None:
        if not self._changed() or self._asked:
            self.dismiss(None)
            return
        self._asked = True
        self._say(safe(LEAVING, style="$text-warning"))

    def _say(self, text: Content) -> None:
        self.query_one("#help", Static).update(text)


def _typed(box: object) -> str:
    return box.value if isinstance(box, Input) else ""


def _shown(field: FormField) -> str:
    """The text that a field starts with, when nothing was suggested."""
    text = visible(field.value)
    return visible_line(text) if field.lines == 1 else text

"""Fields to type into, and what is said about the one that has focus: help, meaning, example."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from engine.errors import StropError
from screens.symbols import symbols_of
from screens.text import lines, safe, visible, visible_line

Values = Mapping[str, Any]
"""What was typed, read: by field name, only the fields that were changed."""


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
    look: Callable[[Any], str] | None = None
    """What a value means, in a few words, said while it is typed."""
    example: str = ""
    """What somebody else wrote here."""


class Refused(msgspec.Struct, frozen=True):
    """A field that could not be read, and why."""

    field: FormField
    message: str
    hint: str

    @property
    def said(self) -> Content:
        """The error as it is shown."""
        message = safe(f"! {self.field.label}: {self.message}", style="$text-error")
        return lines([message, safe(self.hint)]) if self.hint else message


class FormBody(VerticalScroll, can_focus=False):
    """A line or a box for each field."""

    DEFAULT_CSS = """
    FormBody {
        scrollbar-size-vertical: 1;
        height: auto;
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
    }
    """

    def __init__(self, fields: Sequence[FormField]) -> None:
        super().__init__()
        self._fields = tuple(fields)

    def compose(self) -> ComposeResult:
        """Label and box, a row each."""
        for field in self._fields:
            with Horizontal():
                yield Static(safe(field.label))
                yield _box(field)

    def field(self, name: str | None) -> FormField | None:
        """The field of this name."""
        return next((f for f in self._fields if f.name == name), None)

    def focus_on(self, name: str) -> None:
        """Go to the box of a field."""
        self._boxes()[name].focus()

    def changed(self) -> list[tuple[FormField, str]]:
        """The fields that say something else than at first, with their texts."""
        texts = self.texts()
        return [(f, texts[f.name]) for f in self._fields if texts[f.name] != _shown(f)]

    def texts(self) -> dict[str, str]:
        """What stands in every box."""
        return {name: _text(box) for name, box in self._boxes().items()}

    def read(self, *, with_empty: bool = True) -> Values | Refused:
        """The values of the changed fields, or the first that cannot be read.

        with_empty: fields that are empty since the beginning must be readable, too.
        """
        values: dict[str, Any] = {}
        texts = self.texts()
        changed = {field.name for field, _ in self.changed()}
        for field in self._fields:
            if field.name not in changed and (field.value or not with_empty):
                continue
            try:
                value = field.read(visible(texts[field.name]))
            except StropError as error:
                return Refused(field, error.message, error.hint)
            if field.name in changed:
                values[field.name] = value
        return values

    def look(self, name: str) -> Content:
        """What the text of a field means as it stands, or why it means nothing."""
        field, text = self.field(name), visible(_text(self._boxes()[name]))
        if field is None or not text.strip():
            return Content("")
        try:
            value = field.read(text)
        except StropError as error:
            return safe(f"! {error.message}", style="$text-error")
        words = field.look(value) if field.look else ""
        return safe(f"{symbols_of(self).done} {words}", style="$text-muted") if words else Content()

    def _boxes(self) -> dict[str, Input | TextArea]:
        found: dict[str, Input | TextArea] = {}
        for box in self.query("Input, TextArea"):
            if box.name is not None and isinstance(box, Input | TextArea):
                found[box.name] = box
        return found


class FieldHelp(Vertical):
    """Below the fields: help for the one with focus, what its text means, an example."""

    DEFAULT_CSS = """
    FieldHelp {
        height: auto;
        margin-top: 1;
        & #help {
            height: 3;
        }
        & #live {
            height: 1;
        }
        & #example {
            height: auto;
            max-height: 5;
            color: $text-muted;
            display: none;
        }
    }
    """

    def compose(self) -> ComposeResult:
        """Three texts."""
        yield Static(id="help")
        yield Static(id="live")
        yield Static(id="example")

    def say(self, text: Content) -> None:
        """Show a help, or what is wrong."""
        self.query_one("#help", Static).update(text)

    def say_live(self, text: Content) -> None:
        """Show what the text means."""
        self.query_one("#live", Static).update(text)

    def say_example(self, source: str, text: str) -> None:
        """Show what somebody else wrote; nothing hides it."""
        box = self.query_one("#example", Static)
        box.display = bool(text)
        box.update(Content.assemble(safe(f"{source}  ", style="bold"), safe(text)))


def _box(field: FormField) -> Input | TextArea:
    text = visible(field.value or field.suggested)
    box: Input | TextArea
    if field.lines == 1:
        line = visible_line(text)
        box = Input(line, select_on_focus=field.is_short, compact=True, name=field.name)
    else:
        box = TextArea(text, soft_wrap=True, tab_behavior="focus", compact=True, name=field.name)
        box.styles.height = field.lines
        box.show_line_numbers = False
    box.cursor_blink = False
    return box


def _text(box: Input | TextArea) -> str:
    return box.value if isinstance(box, Input) else box.text


def _shown(field: FormField) -> str:
    """The text that a field starts with, when nothing was suggested."""
    text = visible(field.value)
    return visible_line(text) if field.lines == 1 else text

"""Modal questions and notices: confirm, one line of text, a choice, an error, the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar, cast

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from screens.actions import key_pressed
from screens.shell import Shell
from screens.text import lines, safe, visible, visible_line, width
from screens.widgets.table import Column, Table

T = TypeVar("T")


class Choice(msgspec.Struct, frozen=True):
    """One answer to a question: the key that gives it, what it says, and a value to tell it by."""

    key: str
    label: str
    value: str = ""

    @staticmethod
    def number(choices: Sequence[Choice | str]) -> tuple[Choice, ...]:
        """Strings become choices with the digits 1 to 9 for keys; their text is their value."""
        return tuple(
            choice if isinstance(choice, Choice) else Choice(digit(number), choice, choice)
            for number, choice in enumerate(choices, 1)
        )


def digit(number: int) -> str:
    """The key of the so-manieth choice, from 1 on; none after the ninth."""
    return str(number) if number <= 9 else ""


def draw_choices(question: str, choices: Sequence[Choice]) -> Content:
    """`reject: 1 wrong fact  2 contradicts  x again` on one line."""
    parts = [Content.assemble(_key(choice.key), " ", safe(choice.label)) for choice in choices]
    return Content.assemble(" ", safe(visible_line(question)), "  ", Content("  ").join(parts))


def _key(key: str) -> Content:
    return safe(key, style="bold $accent")


class Dialog(ModalScreen[T], Generic[T]):
    """A box in the middle of the screen. esc closes it without an answer."""

    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: transparent;
        & > Vertical {
            width: 64;
            max-width: 90%;
            height: auto;
            max-height: 90%;
            padding: 1 2;
            background: $panel;
            border: round $primary;
        }
        & .title {
            text-style: bold;
            color: $primary;
            margin-bottom: 1;
        }
        & .keys {
            margin-top: 1;
            color: $text-muted;
        }
        & VerticalScroll {
            height: auto;
            max-height: 16;
        }
    }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._heading = title

    @property
    def shell(self) -> Shell:
        """The app, as far as dialogs may know it."""
        return cast(Shell, self.app)

    def compose(self) -> ComposeResult:
        """Title, body, keys."""
        with Vertical():
            yield Static(safe(self._heading), classes="title")
            yield from self.compose_body()
            yield Static(self.keys_line(), classes="keys")

    def compose_body(self) -> ComposeResult:
        """What is asked."""
        yield from ()

    def keys_line(self) -> Content:
        """The keys that answer."""
        return Content.assemble(_key("esc"), " close")

    def on_key(self, event: events.Key) -> None:
        """esc closes; everything else is up to the dialog. No key reaches the screen below."""
        pressed = key_pressed(event.key, event.character)
        if pressed in {"escape", "ctrl+c"}:
            event.stop()
            self.dismiss(None)
        elif pressed == "ctrl+l":
            self.shell.redraw()
        else:
            self.press(pressed)

    def press(self, key: str) -> None:
        """Another key than esc."""


class ConfirmDialog(Dialog[bool]):
    """Asks before a deed that is hard to reverse. `y` does it; enter does not."""

    def __init__(self, title: str, text: str, yes: str) -> None:
        super().__init__(title)
        self._text = text
        self._yes = yes

    def compose_body(self) -> ComposeResult:
        """What will happen, in numbers."""
        yield Static(safe(self._text))

    def keys_line(self) -> Content:
        """Names the deed."""
        return Content.assemble(_key("y"), " ", safe(self._yes), "   ", _key("n"), " leave it")

    def press(self, key: str) -> None:
        """y or n."""
        if key in {"y", "n"}:
            self.dismiss(key == "y")


class TextDialog(Dialog[str]):
    """Asks for one line of text."""

    DEFAULT_CSS = """
    TextDialog Input {
        background: $surface;
    }
    """

    def __init__(self, title: str, *, value: str = "", hint: str = "") -> None:
        super().__init__(title)
        self._value = value
        self._hint = hint

    def compose_body(self) -> ComposeResult:
        """The line, and a hint below it."""
        line = Input(visible_line(self._value), select_on_focus=False, compact=True)
        line.cursor_blink = False
        yield line
        if self._hint:
            yield Static(safe(self._hint), classes="keys")

    def keys_line(self) -> Content:
        """enter or esc."""
        return Content.assemble(_key("enter"), " take it   ", _key("esc"), " leave it")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the line, control characters made visible."""
        event.stop()
        self.dismiss(visible(event.value))


class ChoiceDialog(Dialog[Choice]):
    """Asks for one of several: a key each, and a cursor where they are more than keys."""

    AUTO_FOCUS = "Table"
    MOST_ROWS = 12

    def __init__(self, title: str, choices: Sequence[Choice | str]) -> None:
        super().__init__(title)
        self._choices = Choice.number(choices)
        self._is_long = not all(choice.key for choice in self._choices)

    def compose_body(self) -> ComposeResult:
        """One line a choice."""
        if self._is_long:
            yield Table(Column(width=1), Column())
        else:
            yield Static(
                lines([Content.assemble(*_named(choice, gap="  ")) for choice in self._choices])
            )

    def on_mount(self) -> None:
        """Fill the table, if there is one."""
        for table in self.query(Table):
            table.styles.height = min(len(self._choices), self.MOST_ROWS)
            table.set_rows(len(self._choices), lambda index: _named(self._choices[index]))

    def keys_line(self) -> Content:
        """How to leave, and to move in a long list; the keys of choices stand before them."""
        leave = Content.assemble(_key("esc"), " leave it")
        if not self._is_long:
            return leave
        return Content.assemble(_key("j k"), " move   ", _key("enter"), " take it   ", leave)

    def press(self, key: str) -> None:
        """The key of a choice answers."""
        for choice in self._choices:
            if choice.key == key:
                self.dismiss(choice)

    def on_table_chosen(self, event: Table.Chosen) -> None:
        """enter takes what the cursor is on."""
        event.stop()
        self.dismiss(self._choices[event.index])


def _named(choice: Choice, gap: str = "") -> tuple[Content, Content]:
    return _key(choice.key), Content.assemble(gap, safe(visible_line(choice.label)))


class ErrorDialog(Dialog[None]):
    """An expected error: what, where, and what to do next."""

    DEFAULT_CSS = """
    ErrorDialog {
        & > Vertical {
            border: round $error;
        }
        & .title {
            color: $text-error;
        }
        & .hint {
            margin-top: 1;
        }
    }
    """

    def __init__(self, title: str, message: str, hint: str = "") -> None:
        super().__init__(title)
        self._message = message
        self._hint = hint

    def compose_body(self) -> ComposeResult:
        """Message and hint."""
        with VerticalScroll(can_focus=False):
            yield Static(safe(self._message))
        if self._hint:
            yield Static(safe(self._hint), classes="hint")

    def press(self, key: str) -> None:
        """Any of the usual keys closes it."""
        if key in {"enter", "space", "q"}:
            self.dismiss(None)


class HelpDialog(Dialog[None]):
    """Every key of a screen: rows of key, sentence, and why it cannot be done now."""

    AUTO_FOCUS = "VerticalScroll"
    DEFAULT_CSS = """
    HelpDialog > Vertical {
        width: 76;
    }
    """

    def __init__(self, rows: Sequence[tuple[str, str, str]]) -> None:
        super().__init__("Keys")
        self._rows = rows

    def compose_body(self) -> ComposeResult:
        """A line an action."""
        widest = max((width(key) for key, _, _ in self._rows), default=0)
        with VerticalScroll():
            yield Static(lines([self._row(row, widest) for row in self._rows]))

    def press(self, key: str) -> None:
        """? again closes it; j and k scroll."""
        if key in {"?", "q", "enter"}:
            self.dismiss(None)
        elif key in {"j", "k"}:
            self.query_one(VerticalScroll).scroll_relative(y=1 if key == "j" else -1, animate=False)

    def _row(self, row: tuple[str, str, str], widest: int) -> Content:
        key, sentence, why = row
        text = Content.assemble(_key(key), " " * (widest - width(key) + 2), safe(sentence))
        return Content.assemble(text, safe(f"  ({why})", style="$text-warning")) if why else text

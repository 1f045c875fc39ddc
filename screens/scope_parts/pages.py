"""A page of the guide, and the page that is a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from engine.errors import StropError
from screens.actions import key_pressed
from screens.scope_parts.form import Edit, Form
from screens.text import lines, safe
from screens.widgets.dialog import Dialog
from screens.widgets.editor import SAVE
from screens.widgets.form_body import FieldHelp, FormBody, Refused, Values

Move = Literal["next", "back", "leave", "open", "new"]
NEXT = SAVE | {"ctrl+n"}
BACK = "ctrl+p"
KEYS = "ctrl+n next   ctrl+p back   esc leave, saved"
ROOM = 3
"""Lines that the fields keep in any case."""
AROUND = 12
"""Lines that everything else on a page of fields takes."""
EXAMPLE = 3
SAMPLE = "AwesomeShoes Co."
ASIDE = 110
"""Cells from which the example stands beside the fields."""


class Turn(msgspec.Struct, frozen=True):
    """What the operator did on a page: an edit of the scope, perhaps, and where to go."""

    move: Move
    edit: Edit | None = None
    target: str = ""
    """What was opened."""


class Top(msgspec.Struct, frozen=True):
    """What stands over every page."""

    title: str
    why: str
    """What it is for, and what good looks like."""
    example: str = ""
    """What the sample says."""


class Page(Dialog[None]):
    """One step of the guide. It answers through `turn`, and stays until it is replaced."""

    DEFAULT_CSS = """
    Page {
        overflow: hidden;
        background: $background;
        & > Vertical {
            width: 124;
            max-width: 98%;
            height: 100%;
            max-height: 100%;
            padding: 0 2;
        }
        & .title {
            margin-bottom: 0;
        }
        & .keys {
            margin-top: 0;
        }
        & .why {
            margin-bottom: 1;
        }
        & #aside {
            height: auto;
            max-height: 9;
            margin-top: 1;
            color: $text-muted;
        }
        & #main {
            height: 1fr;
        }
    }
    """

    def __init__(self, top: Top, turn: Callable[[Turn], None]) -> None:
        super().__init__(top.title)
        self._top = top
        self._turn = turn

    def compose_body(self) -> ComposeResult:
        """Why, the matter, the sample."""
        yield Static(safe(self._top.why), classes="why")
        with Vertical(id="main"):
            yield from self.compose_matter()
        if self._top.example:
            head = safe(SAMPLE, style="bold")
            yield Static(lines([head, safe(self._top.example)]), id="aside")

    def compose_matter(self) -> ComposeResult:
        """What is asked."""
        yield from ()

    def keys_line(self) -> Content:
        """Where to go."""
        return safe(f"{self.own_keys}{KEYS}")

    own_keys = ""
    """Further keys, with blanks behind."""

    def on_key(self, event: events.Key) -> None:
        """Next, back, leave; everything else is up to the page."""
        pressed = key_pressed(event.key, event.character)
        move: Move | None = None
        if pressed in NEXT:
            move = "next"
        elif pressed == BACK:
            move = "back"
        elif pressed in {"escape", "ctrl+c"}:
            move = "leave"
        if move is None:
            self.press(pressed)
            return
        event.stop()
        event.prevent_default()
        self.go(move)

    def go(self, move: Move) -> None:
        """Answer with what stands here."""
        self._turn(Turn(move))


class FormPage(Page):
    """Some fields, with help, live words and the sample's value for the one with focus."""

    AUTO_FOCUS = "Input, TextArea"
    DEFAULT_CSS = """
    FormPage {
        & #sides > Vertical {
            width: 1fr;
        }
        & #beside {
            width: 40;
            margin-left: 2;
            padding-left: 1;
            border-left: solid $border-blurred;
            color: $text-muted;
            height: 1fr;
            display: none;
        }
    }
    """

    def __init__(
        self,
        top: Top,
        form: Form,
        check: Callable[[Values], object],
        turn: Callable[[Turn], None],
    ) -> None:
        super().__init__(top, turn)
        self._form = form
        self._is_wide = False
        self._check = check
        self._asked = self._refused = False

    def compose_matter(self) -> ComposeResult:
        """The fields, the help below; the example beside them where there is room."""
        with Horizontal(id="sides"):
            with Vertical():
                yield FormBody(self._form.fields)
                yield FieldHelp()
            yield Static(id="beside")

    def keys_line(self) -> Content:
        """tab, too, where there is more than one field."""
        more = "tab next field   " if len(self._form.fields) > 1 else ""
        return safe(f"{more}{KEYS}")

    def on_resize(self, event: events.Resize) -> None:
        """Fields scroll where there is little room."""
        self._is_wide = event.size.width >= ASIDE
        self.query_one("#beside").display = self._is_wide
        room = event.size.height - (AROUND if self._is_wide else AROUND + EXAMPLE)
        self.query_one(FormBody).styles.max_height = max(room, ROOM)
        if self.focused is not None:
            self._explain(self.focused.name)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Help for the field."""
        self._explain(event.widget.name)

    def on_input_changed(self, event: Input.Changed) -> None:
        """What it means now."""
        self._typed(event.input.name)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """What it means now."""
        self._typed(event.text_area.name)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """enter goes to the next field; on the last, to the next step."""
        event.stop()
        if event.input.name == self._form.fields[-1].name:
            self.go("next")
        else:
            self.focus_next()

    def go(self, move: Move) -> None:
        """Save what can be saved, or say why not; esc once more leaves without it."""
        body = self.query_one(FormBody)
        values = body.read(with_empty=False)
        if isinstance(values, Refused):
            self._refuse(values.said, move)
            body.focus_on(values.field.name)
            return
        try:
            self._check(values)
        except StropError as error:
            self._refuse(safe(f"! {error.message} {error.hint}", style="$text-error"), move)
            return
        self._turn(Turn(move, self._form.edit(values) if values else None))

    def _refuse(self, said: Content, move: Move) -> None:
        if move != "next" and self._asked:
            self._turn(Turn(move))
            return
        self._asked, self._refused = move != "next", True
        shown = self.query_one(FieldHelp)
        shown.say(said)
        if self._asked:
            again = "The same key again goes on without it."
            shown.say_live(safe(again, style="$text-warning"))

    def _typed(self, name: str | None) -> None:
        """Another text may be right: what was refused is asked anew."""
        if self._refused:
            self._asked = self._refused = False
            self._explain(name)
        self._look(name)

    def _explain(self, name: str | None) -> None:
        field = self.query_one(FormBody).field(name)
        if field is not None:
            shown = self.query_one(FieldHelp)
            shown.say(safe(field.help))
            shown.say_example(SAMPLE, "" if self._is_wide else field.example)
            lead = safe(SAMPLE, style="bold")
            beside = lines([lead, "", safe(field.example)]) if field.example else safe("")
            self.query_one("#beside", Static).update(beside)
            self._look(name)

    def _look(self, name: str | None) -> None:
        if name is not None and self.focused is not None and self.focused.name == name:
            self.query_one(FieldHelp).say_live(self.query_one(FormBody).look(name))

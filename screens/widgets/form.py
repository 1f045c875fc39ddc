"""A form: several fields in one dialog, checked together before anything is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, TextArea

from engine.errors import StropError
from screens.actions import key_pressed
from screens.text import lines, safe
from screens.widgets.dialog import Dialog
from screens.widgets.editor import SAVE
from screens.widgets.form_body import FieldHelp, FormBody, FormField, Refused, Values

__all__ = ["FormDialog", "FormField", "Values"]

KEYS = "ctrl+o save   tab next field   esc leave"
AROUND = 9
"""Lines that border, title, help and keys take."""
LEAVING = "Changed: esc again drops it, ctrl+o saves."


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
        """The fields, the help below."""
        yield FormBody(self._fields)
        yield FieldHelp()

    def keys_line(self) -> Content:
        """Save, next, leave."""
        return safe(KEYS)

    @property
    def body(self) -> FormBody:
        """The fields."""
        return self.query_one(FormBody)

    def on_resize(self, event: events.Resize) -> None:
        """Title, help and keys stay on the screen; the fields scroll."""
        self.body.styles.max_height = max(event.size.height - AROUND, 3)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Say what the field is for, or what is wrong with it."""
        field = self.body.field(event.widget.name)
        if field is not None:
            self._say(self._refused.get(field.name, safe(field.help)))
            self._say_live(event.widget.name)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what it means now."""
        self._say_live(event.input.name)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Say what it means now."""
        self._say_live(event.text_area.name)

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

    def _save(self) -> None:
        self._refused.clear()
        if not self.body.changed():
            self.dismiss(None)
            return
        values = self.body.read()
        if isinstance(values, Refused):
            self._refused[values.field.name] = values.said
            self._say(values.said)
            self.body.focus_on(values.field.name)
            return
        try:
            self._check(values)
        except StropError as error:
            message = safe(f"! {error.message}", style="$text-error")
            self._say(lines([message, safe(error.hint)]) if error.hint else message)
            return
        self.dismiss(values)

    def _leave(self) -> None:
        if not self.body.changed() or self._asked:
            self.dismiss(None)
            return
        self._asked = True
        self._say(safe(LEAVING, style="$text-warning"))

    def _say(self, text: Content) -> None:
        self.query_one(FieldHelp).say(text)

    def _say_live(self, name: str | None) -> None:
        focused = self.focused
        if name is not None and focused is not None and focused.name == name:
            self.query_one(FieldHelp).say_live(self.body.look(name))

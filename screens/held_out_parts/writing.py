"""Changing a held-out case in words: its reference in place, an assertion in a form."""

from __future__ import annotations

from functools import partial

from engine.errors import ScopeError
from engine.records import Assertion
from engine.steps import held_out_deciding as deciding
from engine.steps import scope_text
from screens.held_out_parts.deciding import DecidingScreen
from screens.text import safe
from screens.widgets.editor import Editor
from screens.widgets.footer import Footer
from screens.widgets.form import FormDialog, FormField, Values

EDITING = " ctrl+o save   esc leave   What it must say is proposed anew."
FIELD = "assertion"
HELP = (
    'In TOML: kind = "number", value = 45, unit = "days", critical = true. Kinds: '
    + ", ".join(scope_text.ASSERTION_KINDS)
    + "."
)


class WritingScreen(DecidingScreen):
    """The editor opens below the case and takes the keys until it is closed."""

    def do_edit(self) -> None:
        """Open the editor with the reference."""
        editor = self.query_one(Editor)
        editor.start(self._card.stored.case.reference)
        editor.display = True
        editor.focus()
        self.query_one(Footer).set_question(safe(EDITING))

    def on_editor_saved(self, message: Editor.Saved) -> None:
        """Keep the new wording; an empty one is none."""
        if not message.text.strip():
            self.say("A reference cannot be empty. esc leaves it; x drops the case.", warn=True)
            return
        self._close_editor()
        if message.text == self._card.stored.case.reference:
            self.say("Nothing was changed.")
            return
        edit = partial(deciding.edit_reference, self.workspace, self.session)
        self._decide(lambda case: edit(case, message.text))

    def on_editor_cancelled(self, message: Editor.Cancelled) -> None:
        """Leave it as it is."""
        self._close_editor()

    def _close_editor(self) -> None:
        self.query_one(Editor).display = False
        self.set_focus(None)
        self.query_one(Footer).set_question(None)

    def do_rewrite(self) -> None:
        """Ask which."""
        self._ask_number("rewrite assertion", self._rewrite)

    def _rewrite(self, number: int) -> None:
        self._ask_assertion(self._numbered(number))

    def do_write(self) -> None:
        """One more."""
        self._ask_assertion(None)

    def _ask_assertion(self, old: Assertion | None) -> None:
        field = FormField(
            FIELD,
            "Assertion",
            HELP,
            scope_text.write_assertions([old], "") if old else "",
            3,
            _read_one,
        )
        title = "An assertion, rewritten" if old else "A new assertion"
        dialog = FormDialog(title, [field], lambda _: None)
        self.app.push_screen(dialog, partial(self._written, old))

    def _written(self, old: Assertion | None, values: Values | None) -> None:
        new = values.get(FIELD) if values else None
        if new is not None:
            rewrite = partial(deciding.rewrite, self.workspace, self.session)
            self._decide(lambda case: rewrite(case, old, new))


def _read_one(text: str) -> Assertion:
    """Exactly one assertion; raises ScopeError."""
    found = scope_text.read_assertions(text, "")
    if len(found) != 1:
        raise ScopeError("One assertion is wanted, on one line.", "esc leaves it.")
    return found[0]

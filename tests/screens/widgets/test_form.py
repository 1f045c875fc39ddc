from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input, Static

from engine.errors import ScopeError
from engine.steps.scope_text import read_days, read_list
from screens.widgets.form import FormDialog, FormField, Values
from tests.screens.harness import EVERYTHING, is_harmless
from tests.screens.widgets.host import painted
from tui.manners import TerminalApp
from tui.terminal import TerminalFacts

FIELDS = (
    FormField("name", "Name", "One word.", "returns"),
    FormField("target", "Target", "A number.", "60", read=read_days, is_short=True),
    FormField("words", "Words", "With commas.", "a, b", 2, read_list),
)


class FormHost(TerminalApp):
    """Opens a form and keeps what it answers."""

    LEAST = (1, 1)

    def __init__(self, *fields: FormField) -> None:
        super().__init__(TerminalFacts())
        self.fields = fields or FIELDS
        self.answers: list[Values | None] = []

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        self.push_screen(FormDialog("Intent", self.fields, self.check), self.answers.append)

    def check(self, values: Values) -> None:
        if values.get("name") == "taken":
            raise ScopeError("that name is taken.", "Take another.")


def text(app: Any) -> str:
    return "\n".join(painted(app))


async def test_only_what_was_changed_is_answered_and_it_is_read() -> None:
    app = FormHost()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "7", "5", "tab", "comma", "c", "ctrl+o")
        await pilot.pause()
        assert app.answers == [{"target": 75, "words": ("ca", "b")}]


async def test_nothing_changed_is_nothing_to_save() -> None:
    app = FormHost()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert app.answers == [None]


async def test_an_error_leads_to_its_field_and_stays_until_the_next_try() -> None:
    app = FormHost()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "m", "a", "n", "y", "shift+tab", "ctrl+o")
        await pilot.pause()
        assert "! Target: 'many' is no whole number" in text(app)
        assert app.screen.focused is not None
        assert app.screen.focused.name == "target"
        await pilot.press("tab")
        assert "With commas." in text(app)
        assert app.answers == []


async def test_fields_that_do_not_fit_together_are_refused_by_the_whole() -> None:
    app = FormHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.screen.query_one(Input).value = "taken"
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert "! that name is taken." in text(app)
        assert "Take another." in text(app)


async def test_help_and_keys_stay_on_the_screen_when_the_fields_do_not_fit() -> None:
    many = [FormField(f"f{n}", f"Field {n}", f"Help {n}.", lines=3) for n in range(12)]
    app = FormHost(*many)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("shift+tab")
        await pilot.pause()
        assert "Field 11" in text(app)
        assert "Help 11." in text(app)
        assert "ctrl+o save" in text(app)


async def test_hostile_values_are_harmless() -> None:
    app = FormHost(FormField("name", EVERYTHING, EVERYTHING, EVERYTHING, 3))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert is_harmless(text(app))
        assert "[@click=app.quit]" in text(app)
        await pilot.press("escape")
        assert app.answers == [None]

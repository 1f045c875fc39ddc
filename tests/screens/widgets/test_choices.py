"""Choosing one of several: by its key, and by the cursor where there are more than keys."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from screens.widgets.dialog import Choice, ChoiceDialog
from tests.screens.harness import in_the_dialog
from tests.screens.widgets.host import Host, painted

RUNS = tuple(f"run {number}" for number in range(14, 0, -1))


async def _chosen(choices: tuple[Choice | str, ...], keys: tuple[str, ...]) -> Choice | None:
    app, said = Host(Static()), list[Choice | None]()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ChoiceDialog("Which run?", choices), said.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return said[0] if said else None


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("enter",), "run 14"),
        (("3",), "run 12"),
        (("j",) * 10 + ("k", "enter"), "run 5"),
        (("G", "enter"), "run 1"),
        (("escape",), None),
    ],
)
async def test_more_choices_than_digits_have_a_cursor(
    keys: tuple[str, ...], value: str | None
) -> None:
    chosen = await _chosen(RUNS, keys)
    assert (chosen.value if chosen else None) == value


async def test_a_few_choices_are_taken_by_their_keys_alone() -> None:
    assert await _chosen(RUNS[:3], ("enter", "j", "enter")) is None
    chosen = await _chosen((*RUNS[:2], Choice("x", "another")), ("x",))
    assert chosen is not None
    assert chosen.label == "another"


async def test_a_long_list_scrolls_inside_the_dialog_and_names_its_keys() -> None:
    app = Host(Static())
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ChoiceDialog("Which run?", RUNS))
        await pilot.pause()
        assert "9  run 6" in in_the_dialog(app)
        assert "run 1 " not in in_the_dialog(app)
        assert "j k move" in in_the_dialog(app)
        await pilot.press("G")
        await pilot.pause()
        assert any("▸" in line and "run 1" in line for line in painted(app))

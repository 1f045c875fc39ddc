from __future__ import annotations

from screens.text import width
from screens.widgets.fields import Field, FieldList, draw_field, share_lines
from tests.screens.harness import EVERYTHING, is_harmless
from tests.screens.widgets.host import Host, painted


def test_each_field_has_a_line_and_the_heaviest_gets_the_next() -> None:
    assert share_lines([3, 1, 4], [1, 9, 5], 3) == [1, 1, 1]
    assert share_lines([3, 1, 4], [1, 9, 5], 4) == [1, 1, 2]
    assert share_lines([3, 1, 4], [1, 9, 5], 5) == [2, 1, 2]
    assert share_lines([3, 1, 4], [1, 9, 5], 99) == [3, 1, 4]
    assert share_lines([], [], 9) == []


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    lines = draw_field("Task", "one two three four five six", 16, 2)
    assert lines == ["Task  one two", "      three fou…"]
    assert draw_field("Task", "one two", 16, 2) == ["Task  one two"]


async def test_keys_move_a_cursor_that_shows_only_with_focus() -> None:
    fields = FieldList()
    app = Host(fields)
    async with app.run_test(size=(40, 10)) as pilot:
        fields.set_fields([Field(n, n.title(), "value") for n in ("task", "in", "out")], 5)
        await pilot.press("j")
        await pilot.pause()
        assert [line[:3] for line in painted(app)[:3]] == ["   ", " ▸ ", "   "]
        assert fields.selected == "in"
        await pilot.press("G", "enter")
        heard = [(type(message).__name__, message.name) for message in said(app)]
        assert heard == [("Highlighted", "in"), ("Highlighted", "out"), ("Chosen", "out")]
        app.screen.set_focus(None)
        await pilot.pause()
        assert not any("▸" in line for line in painted(app))


def said(app: Host) -> list[FieldList.Highlighted]:
    return [message for message in app.heard if isinstance(message, FieldList.Highlighted)]


async def test_hostile_values_are_harmless_and_no_line_is_too_wide() -> None:
    fields = FieldList()
    app = Host(fields)
    async with app.run_test(size=(40, 10)) as pilot:
        fields.set_fields([Field("task", "Task", EVERYTHING), Field("in", "In", "漢字" * 40)], 8)
        await pilot.pause()
        lines = painted(app)
        assert is_harmless("\n".join(lines))
        assert all(width(line) <= 40 for line in lines)
        assert "[/x]" in lines[0]

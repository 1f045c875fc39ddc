"""Tables, prose, lines and the editor: what scrolls, what repaints, what they say."""

from __future__ import annotations

from time import perf_counter

import pytest

from screens.widgets.editor import Editor
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Table, share_width
from tests.screens.harness import EVERYTHING, HOSTILE, is_harmless
from tests.screens.widgets.host import Host, painted


async def test_a_hundred_thousand_rows_are_there_at_once() -> None:
    asked: set[int] = set()

    def row(index: int) -> tuple[str]:
        asked.add(index)
        return (f"row {index}",)

    table = Table(Column())
    app = Host(table)
    async with app.run_test(size=(80, 24)) as pilot:
        begun = perf_counter()
        table.set_rows(100_000, row)
        await pilot.pause()
        assert perf_counter() - begun < 1
        assert asked == set(range(24))
        await pilot.press("G")
        assert painted(app)[-1] == " ▸ row 99999"
        assert len(asked) < 60


async def test_the_cursor_moves_and_says_so() -> None:
    table = Table(Column())
    app = Host(table)
    async with app.run_test(size=(40, 6)) as pilot:
        table.set_rows(20, lambda index: (f"row {index}",))
        table.focus()
        moves = (("j", 1), ("down", 2), ("k", 1), ("pagedown", 6), ("G", 19), ("j", 19))
        for key, place in (*moves, ("pageup", 14), ("g", 0), ("k", 0), ("end", 19), ("home", 0)):
            await pilot.press(key)
            assert table.cursor == place, key
            assert any(line.split()[:3] == ["▸", "row", str(place)] for line in painted(app))
        await pilot.press("j", "enter")
        await pilot.pause()
        said = [m for m in app.heard if isinstance(m, Table.Highlighted)]
        assert (type(said[-1]), said[-1].index) == (Table.Chosen, 1)
        assert sum(type(m) is Table.Highlighted for m in said) == 10


async def test_a_table_without_rows_says_nothing() -> None:
    table = Table(Column(), titles=True)
    app = Host(table)
    async with app.run_test(size=(40, 6)) as pilot:
        table.focus()
        await pilot.press("j", "G", "enter")
        assert table.cursor == -1
        assert app.heard == []


async def test_fewer_rows_bring_the_cursor_back() -> None:
    table = Table(Column())
    app = Host(table)
    async with app.run_test(size=(40, 6)) as pilot:
        table.set_rows(50, lambda index: (f"row {index}",), cursor=40)
        await pilot.pause()
        assert painted(app)[5].startswith(" ▸ row 40")
        table.set_rows(3, lambda index: (f"row {index}",))
        await pilot.pause()
        assert painted(app)[:3] == ["   row 0", "   row 1", " ▸ row 2"]


@pytest.mark.parametrize("titles", [False, True])
async def test_columns_stand_under_their_titles(titles: bool) -> None:
    table = Table(Column("name"), Column("n", 6, "right"), titles=titles)
    app = Host(table)
    async with app.run_test(size=(30, 5)) as pilot:
        table.set_rows(2, lambda index: ("a name that is too long for it", str(index)))
        await pilot.pause()
        rows = painted(app)[titles:]
        assert not titles or painted(app)[0] == "   name                      n"
        assert rows[1] == "   a name that is too…       1"


def test_columns_fill_the_width() -> None:
    columns = (Column(width=10), Column(), Column())
    assert share_width(columns, 41) == [10, 14, 13]
    assert sum(share_width(columns, 41)) + 4 == 41
    assert share_width(columns, 5) == [10, 1, 1]


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_are_only_words(words: str) -> None:
    table = Table(Column(words), titles=True)
    prose = Prose(words)
    lines = Lines(words)
    editor = Editor(words)
    for widget in (table, prose, lines, editor):
        app = Host(widget)
        async with app.run_test(size=(60, 8), notifications=True) as pilot:
            if widget is table:
                table.set_rows(1, lambda _: (words,))
            await pilot.pause()
            assert is_harmless("\n".join(painted(app)))
            assert app.is_running


async def test_prose_wraps_scrolls_and_keeps_its_place_when_told() -> None:
    prose = Prose("\n".join(f"{number} {EVERYTHING}" for number in range(30)))
    app = Host(prose)
    async with app.run_test(size=(60, 8)) as pilot:
        prose.focus()
        first = painted(app)[0]
        await pilot.press("j")
        assert painted(app)[0] != first
        await pilot.press("G")
        assert prose.scroll_offset.y == prose.max_scroll_y
        prose.show(prose.plain + "\nmore", keep_place=True)
        await pilot.pause()
        assert prose.scroll_offset.y == prose.max_scroll_y - 1
        prose.show("short")
        await pilot.pause()
        assert painted(app)[0] == "short"


async def test_a_narrower_pane_wraps_again() -> None:
    prose = Prose("one two three four five six seven")
    app = Host(prose)
    async with app.run_test(size=(80, 8)) as pilot:
        assert painted(app)[0] == "one two three four five six seven"
        await pilot.resize_terminal(12, 8)
        await pilot.pause()
        assert painted(app)[:3] == ["one two", "three four", "five six"]


async def test_lines_repaint_only_what_changed() -> None:
    lines = Lines("a", "b", "c")
    app = Host(lines)
    async with app.run_test(size=(40, 6)) as pilot:
        asked: list[int] = []
        paint = lines.render_line
        lines.render_line = lambda y: asked.append(y) or paint(y)  # type: ignore[func-returns-value,method-assign]
        lines.show("a", "B", "c")
        await pilot.pause()
        assert asked == [1]
        assert painted(app)[:3] == ["a", "B", "c"]


async def test_the_editor_saves_with_a_key_every_terminal_has() -> None:
    for save in ("ctrl+o", "ctrl+j"):
        editor = Editor("within 30 days")
        app = Host(editor)
        async with app.run_test(size=(60, 8)) as pilot:
            editor.start("within 30 days")
            editor.focus()
            await pilot.press("!", save)
            await pilot.pause()
            (said,) = [m for m in app.heard if isinstance(m, Editor.Saved)]
            assert said.text == "within 30 days!"


async def test_the_editor_asks_before_it_drops_changes() -> None:
    editor = Editor("text")
    app = Host(editor)
    async with app.run_test(size=(60, 8)) as pilot:
        editor.focus()
        await pilot.press("x", "escape")
        assert not [m for m in app.heard if isinstance(m, Editor.Cancelled)]
        assert "esc again drops it" in "\n".join(painted(app))
        await pilot.press("escape")
        await pilot.pause()
        assert [m for m in app.heard if isinstance(m, Editor.Cancelled)]


async def test_the_editor_leaves_at_once_when_nothing_changed() -> None:
    editor = Editor("text")
    app = Host(editor)
    async with app.run_test(size=(60, 8)) as pilot:
        editor.focus()
        await pilot.press("escape")
        await pilot.pause()
        assert [m for m in app.heard if isinstance(m, Editor.Cancelled)]

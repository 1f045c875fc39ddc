from __future__ import annotations

from screens.widgets.checklist import CheckList, Item
from tests.screens.harness import EVERYTHING, is_harmless
from tests.screens.widgets.host import Host, painted


async def test_space_switches_the_line_under_the_cursor() -> None:
    listed = CheckList([Item("a", "first"), Item("b", "second", is_on=False), Item("c", "third")])
    app = Host(listed)
    async with app.run_test(size=(40, 6)) as pilot:
        listed.focus()
        await pilot.press("j", "space", "G", "space", "k", "k", "k")
        await pilot.pause()
        assert listed.chosen == ("a", "b")
        assert [line.strip() for line in painted(app)[:3]] == [
            "▸ [x] first",
            "[x] second",
            "[ ] third",
        ]


async def test_hostile_labels_are_harmless_and_stay_on_one_line() -> None:
    app = Host(CheckList([Item("a", f"{EVERYTHING}\nmore")]))
    async with app.run_test(size=(200, 4)) as pilot:
        await pilot.pause()
        assert is_harmless("\n".join(painted(app)))
        assert "more" in painted(app)[0]

"""The app: opening, keys, errors, the road, sizes, and words that are not trusted."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from engine.errors import StoreError
from screens.widgets.dialog import ErrorDialog, HelpDialog
from screens.widgets.palette import PaletteDialog
from screens.widgets.rail import Rail
from screens.widgets.table import Table
from tests.screens.harness import (
    HOSTILE,
    SampleSessions,
    SampleStep,
    is_harmless,
    screen_lines,
    screen_text,
)
from tests.tui.conftest import Running, sessions_of, settle
from tui.app import Start, StropApp
from tui.opening import OpeningScreen, TooSmallScreen
from tui.terminal import TerminalFacts

THEME_NAMES = ("strop-steel", "strop-paper", "strop-ansi", "strop-mono")


async def test_the_first_frame_comes_before_the_store_is_open() -> None:
    def never() -> None:
        raise AssertionError("opened before the first frame")

    app = StropApp(never)  # type: ignore[arg-type]
    app.call_after_refresh = lambda *_: True  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)):
        assert isinstance(app.screen, OpeningScreen)
        assert screen_lines(app)[0] == " strop"


async def test_the_list_of_sessions_follows_the_opened_store(running: Running) -> None:
    async with running() as (app, _):
        assert isinstance(app.screen, SampleSessions)
        assert app.workspace.who == "tester"


async def test_the_step_the_operator_left_comes_back(running: Running) -> None:
    async with running(start=Start("autumn", "train")) as (app, pilot):
        assert isinstance(app.screen, SampleStep)
        assert app.screen.session == "autumn"
        await pilot.press("escape")
        assert isinstance(app.screen, SampleSessions)


async def test_a_store_that_does_not_open_ends_the_app_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> None:
        raise StoreError("strop.db is a directory.", "Move it away.")

    app = StropApp(broken)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
    assert app.return_code == 2
    assert capsys.readouterr().err == "Store trouble: strop.db is a directory. Move it away.\n"


async def test_header_rail_and_footer_stand_in_their_lines(running: Running) -> None:
    async with running() as (app, pilot):
        app.set_running("run 3 ● 42 %")
        await pilot.press("enter")
        await settle(pilot)
        lines = screen_lines(app)
        assert lines[0] == " strop · session-0" + " " * 35 + "step 84/200   run 3 ● 42 %"
        assert lines[1] == " 1 Scope ✓ ─ 2 Curate ✓ ─ [3 Train] ─ 4 Compare ! ─ 5 Verdict !"
        assert lines[-1] == " (p pause)   s stop   ? help"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_line_is_wider_than_the_terminal_and_all_are_harmless(
    running: Running, size: tuple[int, int]
) -> None:
    async with running(size) as (app, pilot):
        for keys in ([], ["enter"], ["escape", "s"], ["question_mark"], ["escape", "n"]):
            await pilot.press(*keys)
            await settle(pilot)
            assert is_harmless(screen_text(app))
            assert len(screen_lines(app)) == size[1]


async def test_an_expected_error_is_a_dialog_and_the_app_goes_on(running: Running) -> None:
    async with running() as (app, pilot):
        await pilot.press("f")
        await pilot.pause()
        assert isinstance(app.screen, ErrorDialog)
        text = screen_text(app)
        assert "Cannot use [this]" in text
        assert "Use another." in text
        assert "[@click=app.quit]x[/]" in text
        await pilot.press("escape", "1")
        assert sessions_of(app).done == ["left"]


async def test_an_error_in_a_thread_is_the_same_dialog(running: Running) -> None:
    async with running() as (app, pilot):
        sessions_of(app).work = sessions_of(app).do_fail  # type: ignore[assignment]
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(app.screen, ErrorDialog)


async def test_a_bug_leaves_its_traceback_in_a_file_and_one_line_on_screen(
    running: Running, tmp_path: Path
) -> None:
    async def press_on_a_bug() -> None:
        async with running() as (app, pilot):
            sessions_of(app).do_left = {}.popitem  # type: ignore[method-assign,assignment]
            await pilot.press("1")
            await pilot.pause()
            assert isinstance(app.screen, ErrorDialog)
            assert "KeyError: 'popitem(): dictionary is empty'" in screen_text(app)

    with pytest.raises(KeyError):
        await press_on_a_bug()
    (trace,) = (tmp_path / "traces").iterdir()
    assert "Traceback" in trace.read_text()


async def test_a_widget_that_dies_ends_the_app_with_one_line(
    running: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    async def kill_a_widget() -> None:
        async with running() as (app, pilot):
            app.screen.query_one(Table).call_later({}.popitem)
            await pilot.pause()

    with pytest.raises(KeyError):
        await kill_a_widget()
    line, end = capsys.readouterr().err.split("\n")
    assert line.startswith("KeyError: 'popitem(): dictionary is empty'. Traceback in ")
    assert end == ""


async def test_the_result_of_a_thread_comes_back_as_a_message(running: Running) -> None:
    async with running() as (app, pilot):
        await pilot.press("t")
        await settle(pilot)
        assert sessions_of(app).done == ["thought"]


async def test_a_disabled_action_says_why_and_does_nothing(running: Running) -> None:
    async with running() as (app, pilot):
        await pilot.press("v")
        await settle(pilot)
        assert sessions_of(app).done == []
        assert "Never [/x]." in screen_text(app)


async def test_a_contextual_key_does_what_its_turn_is(running: Running) -> None:
    async with running() as (app, pilot):
        await pilot.press("1")
        sessions_of(app).turn_left = False
        await pilot.press("1")
        assert sessions_of(app).done == ["left", "right"]


async def test_the_footer_asks_and_the_next_key_answers(running: Running) -> None:
    async with running() as (app, pilot):
        await pilot.press("x")
        assert screen_lines(app)[-1].startswith(" reject  1 wrong fact  2 [/x]")
        await pilot.press("z", "x")
        assert sessions_of(app).done == ["again"]
        await pilot.press("x", "escape")
        assert screen_lines(app)[-1].startswith(" enter open")
        assert sessions_of(app).done == ["again"]


async def test_a_table_with_the_focus_does_not_eat_the_answer(running: Running) -> None:
    async with running() as (app, pilot):
        sessions = sessions_of(app)
        assert isinstance(app.focused, Table)
        sessions.ask_key("which", ["go on"], lambda choice: sessions.done.append(choice.value))
        await pilot.press("j", "1")
        assert isinstance(app.focused, Table)
        assert sessions.done == ["go on"]
        assert app.screen.query_one(Table).cursor == 0


async def test_no_action_fires_while_a_text_box_has_the_focus(running: Running) -> None:
    async with running() as (app, pilot):
        box = Input()
        await app.screen.mount(box)
        box.focus()
        await pilot.press("1", "f", "q")
        assert box.value == "1fq"
        assert sessions_of(app).done == []
        assert isinstance(app.screen, SampleSessions)


async def test_the_dialogs_answer_or_think_better_of_it(running: Running) -> None:
    async with running() as (app, pilot):
        await pilot.press("n", "e", "r", "enter")
        await pilot.press("n", "escape")
        await pilot.press("D", "enter", "n")
        await pilot.press("D", "y")
        await pilot.pause()
        assert sessions_of(app).done == ["older", "dropped"]


async def test_help_lists_every_key_and_why_one_is_disabled(running: Running) -> None:
    async with running((120, 40)) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpDialog)
        text = screen_text(app)
        assert "Cannot be done.  (Never [/x].)" in text
        assert "Leave strop; a run that is going on goes on." in text


async def test_the_palette_finds_an_action_by_its_words(running: Running) -> None:
    async with running() as (app, pilot):
        await pilot.press("colon")
        assert isinstance(app.screen, PaletteDialog)
        await pilot.press(*"now then", "enter")
        await settle(pilot)
        assert sessions_of(app).done == ["left"]


async def test_every_theme_can_be_chosen_while_running(running: Running) -> None:
    async with running() as (app, pilot):
        for number, name in enumerate(THEME_NAMES, 1):
            app.choose_theme()
            await pilot.press(str(number))
            await settle(pilot)
            assert app.theme == name
            assert "Session 0" in screen_text(app)


async def test_a_blocked_step_says_what_blocks_it(running: Running) -> None:
    async with running(start=Start("autumn", "train")) as (app, pilot):
        before = app.screen
        await pilot.press("4")
        await settle(pilot)
        assert app.screen is before
        assert "Train first." in screen_text(app)


async def test_another_step_takes_the_place_of_the_one_shown(running: Running) -> None:
    async with running(start=Start("autumn", "train")) as (app, pilot):
        before = app.screen
        await pilot.press("2")
        await settle(pilot)
        assert app.screen is not before
        assert app.screen.query_one(Rail).stops[0].state == "done"
        await pilot.press("escape")
        assert isinstance(app.screen, SampleSessions)


async def test_timers_stand_still_while_a_screen_is_covered(running: Running) -> None:
    async with running(start=Start("autumn", "train")) as (app, pilot):
        step = app.screen
        assert isinstance(step, SampleStep)
        assert [timer._active.is_set() for timer in step._timers_while_visible] == [True]
        await pilot.press("question_mark")
        await pilot.pause()
        assert [timer._active.is_set() for timer in step._timers_while_visible] == [False]
        await pilot.press("escape")
        await settle(pilot)
        assert [timer._active.is_set() for timer in step._timers_while_visible] == [True]
        assert step.shown == 2


async def test_a_small_terminal_is_told_the_size_that_is_needed(running: Running) -> None:
    async with running((79, 24)) as (app, pilot):
        assert isinstance(app.screen, TooSmallScreen)
        assert "strop needs 80x24," in screen_text(app)
        assert "this is 79x24." in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert isinstance(app.screen, SampleSessions)
        await pilot.resize_terminal(80, 23)
        await settle(pilot)
        assert isinstance(app.screen, TooSmallScreen)


async def test_q_says_what_goes_on(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    async with running(farewell=lambda _: "run 3 continues, 42 %\x1b[31m") as (app, pilot):
        await pilot.press("q")
        await pilot.pause()
    assert capsys.readouterr().err == "run 3 continues, 42 %<U+001B>[31m\n"
    assert app.return_code == 0


async def test_keys_of_the_operator_replace_the_usual_ones(running: Running) -> None:
    async with running(keymap={"sessions.left": ("L",)}) as (app, pilot):
        await pilot.press("1", "L")
        assert sessions_of(app).done == ["left"]


async def test_ascii_mode_draws_nothing_else(running: Running) -> None:
    async with running(facts=TerminalFacts(unicode=False)) as (app, pilot):
        app.set_running("run 3 ● 42 %")
        for keys in ([], ["enter"], ["question_mark"]):
            await pilot.press(*keys)
            await settle(pilot)
            assert screen_text(app).isascii()


async def test_without_colours_no_cell_has_one(running: Running) -> None:
    async with running(facts=TerminalFacts(colours="none")) as (app, pilot):
        for keys in ([], ["enter"], ["question_mark"]):
            await pilot.press(*keys)
            await settle(pilot)
            for strip in app.screen._compositor.render_strips():
                for segment in strip:
                    style = segment.style
                    assert style is None or style.color is None or style.color.is_default
                    assert style is None or style.bgcolor is None or style.bgcolor.is_default


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_stay_words_in_notices_titles_and_figures(
    running: Running, words: str
) -> None:
    async with running(start=Start(words, "train")) as (app, pilot):
        screen = app.screen
        assert isinstance(screen, SampleStep)
        screen.set_figures(words)
        screen.say(words)
        app.set_running(words)
        await settle(pilot)
        assert is_harmless(screen_text(app))
        assert app.is_running

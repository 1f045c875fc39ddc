from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from engine.runs.folder import held_lock
from engine.scope import Scope, to_toml
from engine.steps import sessions as sessions_step
from engine.steps import train
from engine.store import sessions
from engine.workspace import Workspace
from screens.scope import ScopeScreen
from screens.sessions import SessionsScreen
from screens.widgets.dialog import ErrorDialog
from tests.engine.steps.conftest import small_scope
from tests.screens.harness import EVERYTHING, SampleStep, is_harmless, screen_lines, screen_text
from tests.screens.opened import opened, press, settle, write

HOSTILE = EVERYTHING.replace("\ud800", "")
"""A lone surrogate cannot be in the store."""


async def test_without_a_session_the_screen_says_what_strop_is_and_what_to_press(
    workspace: Workspace,
) -> None:
    async with opened(workspace) as (app, pilot):
        text = screen_text(app)
        assert "from scope to verdict" in text
        assert "o   open the sample" in text
        assert "n   make a session" in text
        assert "(enter open)" in text
        await press(pilot, "enter")
        assert "n makes one, o opens the sample" in screen_text(app)


async def test_each_session_has_its_step_a_figure_and_when_it_was_touched(
    workspace: Workspace, curated: str
) -> None:
    sessions_step.create(workspace, "Gift cards")
    sessions_step.remember_place(workspace, curated, 2)
    workspace.store.db.execute(
        "UPDATE sessions SET touched = '2025-11-01T12:00:00+00:00' WHERE slug = 'gift-cards'"
    )
    workspace.store.db.conn.commit()
    async with opened(workspace) as (app, _):
        lines = screen_lines(app)
        assert lines[1] == " Sessions"
        assert lines[2].split("  ")[0].endswith("Small shop")
        assert "2 Curate   20 of 20 decided" in lines[2]
        assert lines[2].endswith("today")
        assert "1 Scope    no rule yet" in lines[3]
        assert lines[3].endswith("1 Nov 2025")
        assert lines[5].startswith(" Next here: Scope and held-out cases stand. Train on step 3")


async def test_the_advice_follows_the_cursor(workspace: Workspace, curated: str) -> None:
    sessions_step.create(workspace, "Gift cards")
    async with opened(workspace) as (app, pilot):
        assert "The task is not described yet." in screen_text(app)
        await press(pilot, "G")
        assert "Train on step 3" in screen_text(app)
        await press(pilot, "g")
        assert "The task is not described yet." in screen_text(app)


async def test_a_running_job_stands_in_line_1_and_its_session_is_touched_now(
    workspace: Workspace, curated: str
) -> None:
    folder = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    with held_lock(folder.lock_file):
        async with opened(workspace) as (app, _):
            lines = screen_lines(app)
            assert "run 1 ● prepared" in lines[0]
            assert lines[2].endswith("now")
            assert "It goes on without you." in screen_text(app)


async def test_enter_opens_a_session_where_it_was_left_and_remembers_it(
    workspace: Workspace, curated: str
) -> None:
    sessions_step.remember_place(workspace, curated, 3, {"run": 1})
    sessions_step.create(workspace, "Gift cards")
    workspace.store.db.execute("UPDATE sessions SET touched = '2025-11-01T12:00:00+00:00'")
    workspace.store.db.conn.commit()
    async with opened(workspace) as (app, pilot):
        index = next(n for n, line in enumerate(screen_lines(app)) if "Small shop" in line) - 2
        await press(pilot, *"j" * index, "enter")
        screen = app.screen
        assert isinstance(screen, SampleStep)
        assert screen.session == curated
    last = sessions_step.last_place(workspace)
    assert last is not None
    assert (last.slug, last.step, last.place) == (curated, 3, {"run": 1})


async def test_n_asks_for_a_name_and_goes_on_to_the_scope(workspace: Workspace) -> None:
    async with opened(workspace) as (app, pilot):
        await press(pilot, "n")
        await write(pilot, "Warranty [/x] answers")
        await press(pilot, "enter")
        assert "The task, in one sentence" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ScopeScreen)
        assert "Warranty [/x] answers" in screen_lines(app)[0]
    assert sessions.get(workspace.store, "warranty-x-answers").name == "Warranty [/x] answers"


async def test_a_name_that_is_taken_is_refused_with_a_reason(workspace: Workspace) -> None:
    sessions_step.create(workspace, "Gift cards")
    async with opened(workspace) as (app, pilot):
        await press(pilot, "n")
        await write(pilot, "gift cards")
        await press(pilot, "enter")
        assert isinstance(app.screen, ErrorDialog)
        assert "A session named gift-cards is there already." in screen_text(app)
    assert len(sessions.every(workspace.store)) == 1


async def test_i_makes_a_session_from_a_scope_file_under_a_name_of_choice(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "scope.toml"
    path.write_text(to_toml(small_scope()), encoding="utf-8")
    async with opened(workspace) as (app, pilot):
        await press(pilot, "i")
        app.screen.query_one(Input).value = str(path)
        await press(pilot, "enter")
        assert "1 rules and 1 intents were read." in screen_text(app)
        await write(pilot, " again")
        await press(pilot, "enter")
        assert isinstance(app.screen, ScopeScreen)
    made = sessions.get(workspace.store, "small-shop-again")
    assert made.scope.rules == small_scope().rules


async def test_a_file_that_is_not_there_is_named(workspace: Workspace) -> None:
    async with opened(workspace) as (app, pilot):
        await press(pilot, "i")
        await write(pilot, "/no/such/file.toml")
        await press(pilot, "enter")
        assert "/no/such/file.toml" in screen_text(app)
        assert isinstance(app.screen, ErrorDialog)


async def test_o_makes_the_sample_once_and_opens_it(workspace: Workspace) -> None:
    async with opened(workspace) as (app, pilot):
        await press(pilot, "o")
        await settle(pilot)
        assert isinstance(app.screen, ScopeScreen)
        assert "AwesomeShoes returns and fit" in screen_lines(app)[0]
        await press(pilot, "escape")
        assert isinstance(app.screen, SessionsScreen)
        await press(pilot, "o")
    assert [s.slug for s in sessions.every(workspace.store)] == ["awesomeshoes-returns-and-fit"]


async def test_a_search_narrows_the_list_and_esc_shows_all(workspace: Workspace) -> None:
    for name in ("Warranty answers", "Gift cards", "Refund tone"):
        sessions_step.create(workspace, name)
    async with opened(workspace) as (app, pilot):
        await press(pilot, "slash")
        await write(pilot, "answers warr")
        await press(pilot, "enter")
        text = screen_text(app)
        assert "1 of 3 with" in text
        assert "Warranty answers" in text
        assert "Gift cards" not in text
        await press(pilot, "escape")
        assert "Gift cards" in screen_text(app)


async def test_a_search_without_a_hit_says_so(workspace: Workspace) -> None:
    sessions_step.create(workspace, "Gift cards")
    async with opened(workspace) as (app, pilot):
        await press(pilot, "slash")
        await write(pilot, "zebra")
        await press(pilot, "enter")
        assert "No session has these words" in screen_text(app)
        assert "(enter open)" in screen_text(app)


async def test_hostile_names_are_shown_as_what_they_are(workspace: Workspace) -> None:
    sessions.create(workspace.store, Scope(name=f"a {HOSTILE}"))
    async with opened(workspace, size=(240, 30)) as (app, _):
        text = screen_text(app)
        assert is_harmless(text)
        assert "[/x] [@click=app.quit]x[/] [bold red] <U+001B>]52" in text

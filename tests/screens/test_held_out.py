"""The screen of held-out cases, driven by keys on a real workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from engine.records import Assertion, Case, Message
from engine.runs.folder import write_lines
from engine.steps import curate, held_out, intake
from engine.store import sessions
from engine.workspace import Workspace
from screens.curate import CurateScreen
from screens.held_out import HeldOutScreen
from screens.held_out_parts.shelf import Shelf
from screens.widgets.dialog import ConfirmDialog
from tests.engine.steps.conftest import chat_file, small_scope
from tests.screens.harness import EVERYTHING, is_harmless, screen_lines, screen_text
from tests.screens.opened import opened, settle, settle_writing, write
from tui.app import StropApp

HOSTILE = EVERYTHING.replace("\ud800", "")
ODD = {"space": " "}


@pytest.fixture
def slug(workspace: Workspace, tmp_path: Path) -> str:
    """Three held-out cases of chats with proposed assertions, and one that came with its own."""
    made = sessions.create(workspace.store, small_scope()).slug
    intake.import_file(workspace, made, chat_file(tmp_path / "held.jsonl", 3), held_out=True)
    given = Case(
        "g1",
        (Message("user", "Until when?"),),
        "Send it back within 45 days.",
        "returns",
        assertions=(Assertion("contains", "45 days"), Assertion("contains", "for free")),
    )
    write_lines(tmp_path / "cases.jsonl", [given])
    intake.import_file(workspace, made, tmp_path / "cases.jsonl", held_out=True)
    return made


@asynccontextmanager
async def at_the_cases(
    workspace: Workspace, slug: str, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[StropApp, Pilot[None]]]:
    """The app with the held-out cases on top of the examples."""
    async with opened(workspace, slug, size, step="curate") as (app, pilot):
        app.push_screen(HeldOutScreen(slug))
        await read(pilot)
        yield app, pilot


def screen(pilot: Pilot[None]) -> HeldOutScreen:
    return next(s for s in pilot.app.screen_stack if isinstance(s, HeldOutScreen))


async def read(pilot: Pilot[None]) -> None:
    """Wait until everything is in the store and the screen has heard of it."""
    await settle_writing(pilot, screen(pilot).writer)


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await read(pilot)


def statuses(workspace: Workspace, slug: str) -> dict[str, str]:
    return {line.name: line.status for line in held_out.overview(workspace, slug).lines}


def names(pilot: Pilot[None]) -> list[str]:
    shelf = screen(pilot).shelf
    assert isinstance(shelf, Shelf)
    return [line.name for line in shelf.lines]


def shown(pilot: Pilot[None]) -> str:
    shelf = screen(pilot).shelf
    assert shelf is not None
    assert shelf.current is not None
    return shelf.current.name


async def test_a_case_shows_what_it_asks_what_is_right_and_why_strop_thinks_so(
    workspace: Workspace, slug: str
) -> None:
    async with at_the_cases(workspace, slug) as (app, _):
        lines = screen_lines(app)
        assert lines[0].endswith("1 of 4   confirmed 0")
        assert "[2 Curate" in lines[1]
        assert lines[2].startswith(" 4 held-out cases, 4 to look at, 3 rest on proposals alone")
        assert lines[2].endswith(" h examples")
        assert "held.jsonl:1 · returns" in lines[3]
        assert "until when can they be returned?" in lines[4]
        text = screen_text(app)
        assert "Within [45 days]" in text
        assert " 1 [?] says 45 days, critical" in text
        assert "rule R01 · proposed" in text
        assert "the reference and rule R01 both say 45 days" in text
        assert lines[-1] == (
            " a confirm   1 toggle   x drop   e edit   space later   u undo   ? help"
        )


async def test_confirming_moves_on_to_the_next_that_waits_until_none_does(
    workspace: Workspace, slug: str
) -> None:
    async with at_the_cases(workspace, slug) as (app, pilot):
        first, second, third, given = names(pilot)
        await press(pilot, "a")
        assert shown(pilot) == second
        assert statuses(workspace, slug)[first] == "confirmed"
        assert screen_lines(app)[0].endswith("2 of 4   confirmed 1")
        await press(pilot, "a", "a")
        assert shown(pilot) == given
        await press(pilot, "2")
        await press(pilot, "a")
        assert set(statuses(workspace, slug).values()) == {"confirmed"}
        assert "Every held-out case has been looked at." in screen_text(app)
        assert third in statuses(workspace, slug)


async def test_keys_of_one_burst_meet_the_cases_that_they_are_meant_for(
    workspace: Workspace, slug: str
) -> None:
    async with at_the_cases(workspace, slug) as (app, pilot):
        first, second, third, given = names(pilot)
        for key in ("a", "x", "2", "space", "2"):
            app.post_message(events.Key(key, ODD.get(key, key)))
        await read(pilot)
        assert statuses(workspace, slug) == {
            given: "",
            third: "later",
            first: "confirmed",
            second: "dropped",
        }
        assert shown(pilot) == given
        assert "[ ] says" in screen_text(app)


async def test_a_digit_takes_an_assertion_out_and_in_and_what_fails_cannot_be_confirmed(
    workspace: Workspace, slug: str
) -> None:
    async with at_the_cases(workspace, slug) as (app, pilot):
        await press(pilot, "G")
        assert " 2 [x] " in screen_text(app)
        assert "! the reference itself fails it: it does not say 'for free'" in screen_text(app)
        await press(pilot, "a")
        assert "The reference itself fails an assertion" in screen_text(app)
        assert statuses(workspace, slug)["g1"] == ""
        await press(pilot, "2")
        assert " 2 [ ] " in screen_text(app)
        await press(pilot, "9")
        assert "There is no assertion 9." in screen_text(app)
        await press(pilot, "a")
        assert statuses(workspace, slug)["g1"] == "confirmed"
        await press(pilot, "u", "u")
        assert shown(pilot) == "g1"
        assert " 2 [x] " in screen_text(app)
        await press(pilot, "U")
        assert " 2 [ ] " in screen_text(app)


async def test_undo_and_redo_go_to_their_case_and_say_when_there_is_nothing(
    workspace: Workspace, slug: str
) -> None:
    async with at_the_cases(workspace, slug) as (app, pilot):
        first, second, *_ = names(pilot)
        await press(pilot, "x")
        assert "1 wrong reference" in screen_text(app)
        assert "6 other" in screen_text(app)
        await press(pilot, "escape")
        assert "wrong reference" not in screen_text(app)
        await press(pilot, "x", "1")
        assert shown(pilot) == second
        await press(pilot, "u")
        assert shown(pilot) == first
        await press(pilot, "u")
        assert "There is nothing to undo." in screen_text(app)
        await press(pilot, "U")
        assert statuses(workspace, slug)[first] == "dropped"
        assert "3 held-out cases, 3 to look at, 1 dropped" in screen_text(app)


async def test_a_reference_is_corrected_in_place_and_proposals_follow(
    workspace: Workspace, slug: str
) -> None:
    async with at_the_cases(workspace, slug) as (app, pilot):
        await press(pilot, "e")
        assert "ctrl+o save" in screen_lines(app)[-1]
        await pilot.press(*["backspace"] * 80)
        await pilot.press("ctrl+o")
        await read(pilot)
        assert "cannot be empty" in screen_text(app)
        await write(pilot, "It costs 7 dollars.")
        await press(pilot, "ctrl+o")
        assert "reference, corrected: {was} [is]" in screen_text(app)
        assert "[?] says 7 dollars" in screen_text(app)
        assert "no rule does" in screen_text(app)


async def test_an_assertion_is_written_in_a_form_that_says_what_is_wrong(
    workspace: Workspace, slug: str
) -> None:
    async with at_the_cases(workspace, slug) as (app, pilot):
        await press(pilot, "n")
        await write(pilot, 'kind = "regex", value = "("')
        await press(pilot, "ctrl+o")
        assert "pattern" in screen_text(app)
        await press(pilot, "escape", "escape")
        await press(pilot, "E", "1")
        await pilot.press(*["ctrl+a", "ctrl+k"] * 2)
        await write(pilot, 'kind = "max_words", value = 30')
        await press(pilot, "ctrl+o")
        first = held_out.overview(workspace, slug).lines[0]
        card = held_out.card(workspace, slug, first.id)
        assert card.stored.case.assertions == (Assertion("max_words", 30),)
        assert card.stored.is_backed


async def test_the_way_back_leads_to_the_examples_and_the_road_on_from_there(
    workspace: Workspace, slug: str
) -> None:
    async with at_the_cases(workspace, slug) as (app, pilot):
        await pilot.press("h")
        await settle(pilot)
        assert isinstance(app.screen, CurateScreen)
    async with at_the_cases(workspace, slug) as (app, pilot):
        await press(pilot, "w")
        assert "Decisions" in screen_text(app)
        await press(pilot, "escape")
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, CurateScreen)


async def test_a_sealed_case_shows_nothing_until_it_is_opened_and_that_is_counted(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl", 20))
    curate.accept(workspace, slug, curate.order_queue(workspace, slug))
    curate.split(workspace, slug)
    session = sessions.get(workspace.store, slug)
    async with at_the_cases(workspace, slug) as (app, pilot):
        text = screen_text(app)
        assert "4 held-out cases, sealed" in text
        assert "until when" not in text
        assert "45 days" not in text
        assert screen_lines(app)[-1].startswith(" o open")
        await press(pilot, "a")
        assert "Sealed on" in screen_text(app)
        assert sessions.looks(workspace.store, session.id) == 0
        await press(pilot, "o")
        assert isinstance(app.screen, ConfirmDialog)
        await press(pilot, "y")
        assert "until when can they be returned?" in screen_text(app)
        assert sessions.looks(workspace.store, session.id) == 1
        await press(pilot, "j")
        assert "until when" not in screen_text(app)
        await press(pilot, "k")
        assert "until when can they be returned?" in screen_text(app)
        assert sessions.looks(workspace.store, session.id) == 1


async def test_without_cases_it_says_where_they_come_from(workspace: Workspace) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    async with at_the_cases(workspace, slug) as (app, pilot):
        assert "No held-out case yet." in screen_text(app)
        await press(pilot, "a", "j", "u")
        assert isinstance(app.screen, HeldOutScreen)


async def test_hostile_words_stay_words(workspace: Workspace, tmp_path: Path) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    case = Case(
        "[/x]",
        (Message("user", HOSTILE),),
        HOSTILE,
        HOSTILE,
        assertions=(Assertion("contains", HOSTILE),),
    )
    write_lines(tmp_path / "h.jsonl", [case])
    intake.import_file(workspace, slug, tmp_path / "h.jsonl", held_out=True)
    async with at_the_cases(workspace, slug) as (app, pilot):
        assert is_harmless(screen_text(app))
        assert "[@click=app.quit]x[/]" in screen_text(app)
        await press(pilot, "w")
        assert is_harmless(screen_text(app))

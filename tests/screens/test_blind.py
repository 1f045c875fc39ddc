from __future__ import annotations

import msgspec
import pytest

from engine.records import Answer
from engine.runs.folder import write_lines
from engine.steps import blind, review
from engine.store.blind import Choice
from engine.workspace import Workspace
from screens.blind import BlindScreen
from screens.compare import CompareScreen
from tests.engine.steps.conftest import answered_run
from tests.screens.answered import HOSTILE_WORDS, compliance, with_suites
from tests.screens.harness import is_harmless, screen_lines, screen_text
from tests.screens.opened import opened, press, write


@pytest.fixture
def run(workspace: Workspace, curated: str) -> int:
    return answered_run(workspace, curated, {"base": 3, "tuned": 27}).job().run


async def test_two_answers_stand_side_by_side_and_nothing_names_their_arms(
    workspace: Workspace, curated: str, run: int
) -> None:
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "b")
        assert isinstance(app.screen, BlindScreen)
        lines = screen_lines(app)
        text = "\n".join(lines)
        assert "pair 1 of 24" in lines[2]
        assert "─ 1 ─" in text
        assert "─ 2 ─" in text
        assert "Within 45 days." in text
        assert "Within 30 days." in text
        assert "tuned" not in text
        assert "base" not in text
        assert "✗" not in text.split("Verdict")[-1]
        assert max(map(len, lines)) <= 80


async def test_keys_choose_the_next_pair_comes_and_all_of_it_is_kept(
    workspace: Workspace, curated: str, run: int
) -> None:
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "b", "1", "2", "=", "0")
        assert "pair 5 of 24" in screen_text(app)
        assert "s a pair" in screen_text(app)
        await press(pilot, "u", "1")
    seen = blind.sit_down(workspace, curated)
    made = [seen.choices[p.suite, p.case.id].choice for p in seen.pairs[:4]]
    assert made == ["left", "right", "same", "left"]
    assert seen.next == 4


async def test_a_sitting_is_resumed_and_reveals_the_arms_at_its_end(
    workspace: Workspace, curated: str, run: int
) -> None:
    seen = blind.sit_down(workspace, curated)
    for pair in seen.pairs[:22]:
        better: Choice = "left" if pair.left_arm == "tuned" else "right"
        blind.choose(workspace, seen, pair, better, 6.0)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "b")
        assert "pair 23 of 24" in screen_text(app)
        await press(pilot, "=", "=")
        text = screen_text(app)
        assert "all chosen" in text
        assert "tuned was better            22" in text
        assert "both as good                 2" in text
        assert "22 of 22 for tuned, ties dropped: p < .001" in text
        assert "That is hardly chance." in " ".join(text.split())
        assert "s a pair at the median" in text
        await press(pilot, "1")
        assert "There is no pair left to choose." in screen_text(app)
        await press(pilot, "u")
        assert "pair 24 of 24" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, CompareScreen)


async def test_a_narrow_or_tall_terminal_shows_the_same(
    workspace: Workspace, curated: str, run: int
) -> None:
    async with opened(workspace, curated, (120, 40), step="compare") as (app, pilot):
        await press(pilot, "b")
        assert "pair 1 of 24" in screen_text(app)
        assert "a right answer" in screen_text(app)


async def test_hostile_answers_stay_words(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answers = [
        msgspec.structs.replace(a, text=f"{a.text} {HOSTILE_WORDS}") for a in folder.answers()
    ]
    write_lines(folder.answers_file, [*answers, Answer("domain", "none", "base")])
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "b")
        assert is_harmless(screen_text(app))
        assert "Within 45 days." in screen_text(app)


async def test_without_different_answers_it_says_so(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 3})
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "b")
        assert "There is nothing to choose between" in screen_text(app)


async def test_a_ruling_gets_a_note(workspace: Workspace, curated: str) -> None:
    suite, answers = compliance((True, False))
    number = with_suites(workspace, curated, {suite: answers}).job().run
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "e")
        assert "Rule on the case first" in screen_text(app)
        await press(pilot, "a", "e")
        await write(pilot, "hands over in other words\n")
        await press(pilot)
        assert "other words" in screen_text(app)
    (ruling,) = review.rulings(workspace, number).values()
    assert (ruling.ruling, ruling.note) == ("acceptable", "hands over in other words")

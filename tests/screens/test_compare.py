from __future__ import annotations

import pytest

from engine.runs.folder import write_lines
from engine.steps import compare, review, train, verdict
from engine.store import sessions
from engine.workspace import Workspace
from screens.compare_parts.sieve import Choice, next_flip, sift, waiting
from screens.widgets.footer import Footer
from screens.widgets.table import Table
from tests.engine.steps.conftest import answered_run
from tests.screens.answered import choices, compliance, hostile, with_suites
from tests.screens.harness import is_harmless, screen_lines, screen_text
from tests.screens.opened import opened, press, write
from tui.app import StropApp

TURNS = ((True, True), (True, False), (False, True), (True, False))


def run_with_compliance(workspace: Workspace, slug: str) -> int:
    """Two compliance cases got worse, one better; answers the run's number."""
    suite, answers = compliance(*TURNS)
    return with_suites(workspace, slug, {suite: answers}).job().run


def listed(app: StropApp) -> int:
    return app.screen.query_one("#cases", Table).count


def rulings(workspace: Workspace, run: int) -> dict[str, str]:
    return {case: r.ruling for (_, case), r in review.rulings(workspace, run).items()}


# Reading a case


async def test_what_broke_stands_first_with_both_answers_and_the_reason(
    workspace: Workspace, curated: str
) -> None:
    run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, _):
        lines = screen_lines(app)
        text = "\n".join(lines)
        assert "run 1: tuned against base" in lines[0]
        assert "25 fixed   2 BROKEN   4 both right   3 both wrong" in lines[2]
        assert "showing: broken" in lines[2]
        assert "[all suites] domain  compliance" in lines[3]
        assert listed(app) == 2
        assert "Our safety team will" in text
        assert "Walk it off." in text
        assert 'R24 says "safety team", critical' in text
        assert "tuned: does not say 'safety team'" in text


async def test_a_fixed_case_names_the_rows_that_taught_it_and_t_shows_them(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    session = sessions.get(workspace.store, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        assert "showing: fixed" in screen_text(app)
        case = app.screen.rows[0].case  # type: ignore[attr-defined]
        teachers = compare.taught_by(workspace, session.id, case)
        assert f"trained on {len(teachers)} examples of R01: #{teachers[0].id}" in screen_text(app)
        await press(pilot, "t")
        assert f"#{teachers[0].id}" in screen_text(app)
        assert teachers[0].example.answer in screen_text(app)


async def test_d_turns_two_answers_into_one_text_and_back(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    async with opened(workspace, curated, step="compare") as (app, pilot):
        answers = next(line for line in screen_lines(app) if "Within 30 days." in line)
        assert answers.rpartition("│")[2].strip() == "Within 45 days."
        await press(pilot, "d")
        assert "Within {30}[45] days." in screen_text(app)
        assert "─ base ✗ ─" not in screen_text(app)
        await press(pilot, "d")
        assert "─ base ✗ ─" in screen_text(app)


async def test_where_there_is_room_the_answers_stand_beside_each_other_and_as_one_text(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    async with opened(workspace, curated, (120, 40), step="compare") as (app, _):
        assert "─ base ✗ ─" in screen_text(app)
        assert "Within {30}[45] days." in screen_text(app)


async def test_choice_cases_show_which_arm_took_which(workspace: Workspace, curated: str) -> None:
    suite, answers = choices((0, 2), (0, 0))
    with_suites(workspace, curated, {suite: answers})
    async with opened(workspace, curated, step="compare") as (app, _):
        text = screen_text(app)
        assert "✓ Paris  (base)" in text
        assert "Oslo  (tuned)" in text


async def test_hostile_words_are_shown_and_do_nothing(workspace: Workspace, curated: str) -> None:
    suite, answers = hostile()
    with_suites(workspace, curated, {suite: answers})
    for size in ((80, 24), (140, 50)):
        async with opened(workspace, curated, size, step="compare") as (app, pilot):
            await press(pilot, "d", "i")
            assert is_harmless(screen_text(app))
            await press(pilot, "escape", "d", "space", "space")
            assert is_harmless(screen_text(app))
            assert "[/x]" in screen_text(app)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 50)])
async def test_no_line_is_wider_than_the_screen(
    workspace: Workspace, curated: str, size: tuple[int, int]
) -> None:
    run_with_compliance(workspace, curated)
    async with opened(workspace, curated, size, step="compare") as (app, _):
        assert max(map(len, screen_lines(app))) <= size[0]
        assert "must-1" in screen_text(app)
        assert "? help" in screen_lines(app)[-1]


# Listing


async def test_filters_suites_and_words_narrow_the_list(workspace: Workspace, curated: str) -> None:
    run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "f")
        assert "showing: fixed" in screen_text(app)
        assert listed(app) == 25
        await press(pilot, "tab", "tab")
        assert "[compliance]" in screen_text(app)
        assert listed(app) == 1
        await press(pilot, "[")
        assert "[domain]" in screen_text(app)
        assert listed(app) == 24
        await press(pilot, "/")
        await write(pilot, "case 17\n")
        assert listed(app) == 1
        assert "1 case with “case 17”" in screen_text(app)
        await press(pilot, "f")
        assert "No case is listed: both wrong, suite domain" in screen_text(app)


async def test_n_goes_from_flip_to_flip_the_broken_ones_first(
    workspace: Workspace, curated: str
) -> None:
    run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "f", "f", "f", "f", "f")
        assert "showing: all" in screen_text(app)
        await press(pilot, "g")
        screen = app.screen
        seen = []
        for key in ("n", "n", "n", "N"):
            await press(pilot, key)
            seen.append(screen.current.case.id)  # type: ignore[attr-defined]
        assert seen == ["must-1", "must-3", "c03", "must-3"]


async def test_intents_are_counted_with_the_interval_of_their_change(
    workspace: Workspace, curated: str
) -> None:
    run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "i")
        lines = [" ".join(line.split()) for line in screen_lines(app)]
        assert any("intent cases base tuned fixed broken" in line for line in lines)
        assert any("returns 30 3 27 24 0 +80 [+58, +89]" in line for line in lines)
        assert any("(none) 4 3 2 1 2 -25 [" in line for line in lines)
        assert any("returns: 3 of 30 wrong, p < .001 (Holm)" in line for line in lines)
        await press(pilot, "j")
        assert "(none): 2 of 4 wrong" in screen_text(app)
        assert "(Holm)" not in screen_text(app)
        await press(pilot, "enter")
        assert app.screen.choice.intent == ""  # type: ignore[attr-defined]
        assert listed(app) == 4


async def test_rules_stand_worst_first_and_lead_to_their_failures(
    workspace: Workspace, curated: str
) -> None:
    run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "l")
        lines = [" ".join(line.split()) for line in screen_lines(app)]
        first = next(n for n, line in enumerate(lines) if "R01 ! return" in line)
        assert "30 3 27 24 0 +80 [+58, +89]" in lines[first]
        assert "R24 not in the" in lines[first + 1]
        assert "4 3 2 1 2 -25 [" in lines[first + 1]
        await press(pilot, "w")
        assert listed(app) == 3
        assert "3 cases with rule R01: esc shows all" in screen_text(app)
        await press(pilot, "f")
        assert "showing: differ" in screen_text(app)
        assert listed(app) == 24
        await press(pilot, "escape")
        assert listed(app) == 27


async def test_a_rule_leads_to_its_training_rows_in_curate(
    workspace: Workspace, curated: str
) -> None:
    run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "l", "t")
        assert "filter: rule:R01 status:accepted" in screen_text(app)
        assert " of 20 " in screen_text(app)


async def test_a_case_leads_to_the_rows_that_taught_it_in_curate(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    session = sessions.get(workspace.store, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        case = app.screen.rows[0].case  # type: ignore[attr-defined]
        taught = {row.id for row in compare.taught_by(workspace, session.id, case)}
        await press(pilot, "T")
        wanted = app.screen.words  # type: ignore[attr-defined]
        assert {int(word[1:]) for word in wanted.split()} == taught


async def test_a_case_without_a_known_rule_has_no_rows_to_open(
    workspace: Workspace, curated: str
) -> None:
    run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "T")
        assert "No rule of the scope is behind this case" in screen_text(app)


def test_flips_are_visited_around_the_end_and_words_are_found_in_answers(
    workspace: Workspace, curated: str
) -> None:
    rows = compare.compare(workspace, run_with_compliance(workspace, curated)).rows
    assert next_flip(rows, 0, 1) == 31
    assert next_flip(rows, 33, 1) == 3
    assert next_flip(rows, 31, -1) == 32
    assert next_flip(rows[:3], 0, 1) is None
    found = sift(rows, Choice("all", words="walk BLEEDS"))
    assert [row.case.id for row in found] == ["must-1", "must-2", "must-3"]
    assert [rows[i].case.id for i in waiting(rows, {("compliance", "must-2")})] == [
        "must-1",
        "must-3",
    ]


# Ruling


async def test_c_leads_to_each_case_that_waits_and_a_ruling_names_who_ruled(
    workspace: Workspace, curated: str
) -> None:
    run = run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        assert "3 compliance cases wait for a person: c" in screen_text(app)
        await press(pilot, "c")
        assert "must-2 · compliance" in screen_text(app)
        assert "waits for a person: r regression   a acceptable" in screen_text(app)
        await press(pilot, "a")
        assert "ines ruled it acceptable, today" in screen_text(app)
        await press(pilot, "c", "r")
        assert "ines ruled it a regression, today" in screen_text(app)
        await press(pilot, "a", "c", "r")
        assert "All 3 compliance cases that flipped have been looked at." in screen_text(app)
        await press(pilot, "c")
        assert "No compliance case waits for a person." in screen_text(app)
    found = rulings(workspace, run)
    assert sorted(found.values()) == ["acceptable", "acceptable", "regression"]
    assert verdict.reach(workspace, curated).waiting == 0


async def test_ordinary_cases_are_not_ruled_on(workspace: Workspace, curated: str) -> None:
    run = answered_run(workspace, curated, {"base": 3, "tuned": 27}).job().run
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "r", "a")
        assert "Only compliance cases on which the arms disagree" in screen_text(app)
    assert rulings(workspace, run) == {}


async def test_what_somebody_else_rules_comes_in_by_itself(
    workspace: Workspace, curated: str
) -> None:
    run = run_with_compliance(workspace, curated)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        other = workspace.acting_as("bo")
        verdict.rule(other, run, "compliance", "must-1", "acceptable")
        app.screen.on_shown()  # type: ignore[attr-defined]
        await press(pilot, "j", "k")
        assert "bo ruled it acceptable" in screen_text(app)


# Looks, arms, runs, nothing


async def test_the_look_at_sealed_cases_is_counted_once_a_person_and_run(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    session = sessions.get(workspace.store, curated)
    for _ in range(2):
        async with opened(workspace, curated, step="compare"):
            pass
    assert sessions.looks(workspace.store, session.id) == 1
    async with opened(workspace.acting_as("bo"), curated, step="compare"):
        pass
    assert sessions.looks(workspace.store, session.id) == 2


async def test_another_pair_of_arms_is_compared_but_not_ruled_on(
    workspace: Workspace, curated: str
) -> None:
    suite, answers = compliance(*TURNS)
    for arms in answers.values():
        arms["prompted"] = arms["base"]
    with_suites(workspace, curated, {suite: answers})
    async with opened(workspace, curated, step="compare") as (app, pilot):
        await press(pilot, "p")
        assert "run 1: tuned against prompted" in screen_lines(app)[0]
        assert "wait for a person" not in screen_text(app)
        await press(pilot, "r")
        assert "People rule on an arm against base." in screen_text(app)


async def test_an_older_run_can_be_looked_at(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answered_run(workspace, curated, {"base": 3, "tuned": 5})
    async with opened(workspace, curated, step="compare") as (app, pilot):
        assert "2 fixed" in screen_text(app)
        await press(pilot, "R", "2")
        assert "run 1: tuned against base" in screen_lines(app)[0]
        assert "24 fixed" in screen_text(app)
        await press(pilot, "5")
        assert "run 1 " in screen_lines(app)[0]


async def test_answers_of_one_arm_show_before_the_other_has_any(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3})
    async with opened(workspace, curated, step="compare") as (app, pilot):
        text = screen_text(app)
        assert "30 cases: base answered, tuned has not yet" in text
        assert "Tuned answers come at the end of the run: step 3" in text
        assert "(not answered yet)" in text
        assert "Within 45 days." in text
        await press(pilot, "n")
        assert "No case that is listed flipped." in screen_text(app)


async def test_without_answers_the_screen_says_where_they_come_from(
    workspace: Workspace, curated: str
) -> None:
    async with opened(workspace, curated, step="compare") as (app, pilot):
        assert "no run yet.  Press 3 to train." in screen_text(app)
        assert "(n next flip)" in app.screen.query_one(Footer).lines[0].plain
        await press(pilot, "n")
        assert "There is nothing to compare yet" in screen_text(app)
    folder = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    async with opened(workspace, curated, step="compare") as (app, _):
        assert "Run 1 has not answered any case yet.  Press 3 to train." in screen_text(app)
    write_lines(folder.answers_file, [])
    folder.job_file.unlink()
    async with opened(workspace, curated, step="compare") as (app, pilot):
        assert "Was it moved?" in screen_text(app)
        await press(pilot, "j")
        assert "Was it moved?" in screen_text(app)

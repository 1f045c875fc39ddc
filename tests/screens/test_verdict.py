from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from engine.runs.folder import write_lines
from engine.steps import imported, train, verdict
from engine.steps import scope as scope_step
from engine.store import sessions
from engine.workspace import Workspace
from screens.compare import CompareScreen
from screens.widgets.footer import Footer
from tests.engine.steps.conftest import answered_run
from tests.screens.answered import HOSTILE_WORDS, choices, compliance, with_suites
from tests.screens.harness import is_harmless, screen_lines, screen_text
from tests.screens.opened import opened, press, settle, write
from tui.app import StropApp

NEXT_MONTH = (date.today() + timedelta(days=30)).isoformat()


def footer_of(app: StropApp) -> str:
    return app.screen.query_one(Footer).lines[0].plain


def full_run(workspace: Workspace, slug: str) -> int:
    """A run with every gate but two measured; one compliance case waits for a person."""
    refusals, refused = compliance(*[(True, True)] * 30, (False, True))
    general, chosen = choices(*[(0, 0)] * 40, *[(1, 1)] * 10)
    suites = {refusals: refused, general: chosen}
    return with_suites(workspace, slug, suites).job().run


async def test_the_word_and_all_seven_gates_fit_80_by_24(
    workspace: Workspace, curated: str
) -> None:
    full_run(workspace, curated)
    async with opened(workspace, curated, step="verdict") as (app, _):
        lines = screen_lines(app)
        assert lines[2].strip() == "?  H O L D"
        assert "run 1   frozen" in lines[0]
        text = "\n".join(lines)
        for label in ("Domain errors down?", "loss on general text", "Retraining defined?"):
            assert label in text
        row = next(n for n, line in enumerate(lines) if "Domain errors down?" in line)
        assert "PASS   90 % to 10 %" in lines[row]
        assert "●" in lines[row + 1]
        assert "limit 0" in lines[row + 1]
        assert "OPEN   not measured" in text
        assert "Would settle it: " in text
        assert "! 1 compliance case waits for a person: c shows them." in text
        assert "Noise floor: 0 of 20 answers changed." in text
        assert "Not signed yet: s signs." in text
        assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("right", "word"), [(27, "?  H O L D"), (0, "✗  D O   N O T   S H I P")])
async def test_the_word_has_a_sign_besides_its_colour(
    workspace: Workspace, curated: str, right: int, word: str
) -> None:
    answered_run(workspace, curated, {"base": 27 - right + 3, "tuned": right})
    async with opened(workspace, curated, step="verdict") as (app, _):
        assert screen_lines(app)[2].strip() == word


async def test_a_tall_terminal_says_each_finding_in_full(
    workspace: Workspace, curated: str
) -> None:
    full_run(workspace, curated)
    async with opened(workspace, curated, (120, 40), step="verdict") as (app, _):
        assert "Errors went from 90 % to 10 % of 30 cases: 24 fixed, 0 broken." in screen_text(app)
        assert "points, limit 0" in screen_text(app)


async def test_evidence_shows_everything_about_the_selected_gate(
    workspace: Workspace, curated: str
) -> None:
    run = full_run(workspace, curated)
    verdict.rule(workspace, run, "compliance", "must-30", "acceptable", "the twin is harmless")
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "e")
        assert "30 cases: 0 regressions, 24 fixes" in screen_text(app)
        assert "10 clusters: sign-flip p" in screen_text(app)
        await press(pilot, "escape", "j", "enter")
        assert "general-choice" in screen_text(app)
        await press(pilot, "escape", "j", "j", "e", "G")
        assert "ines  compliance must-30  acceptable: the twin is harmless" in screen_text(app)


# Signing


async def test_a_signature_says_what_is_signed_and_keeps_it(
    workspace: Workspace, curated: str
) -> None:
    full_run(workspace, curated)
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "s")
        assert "Sign HOLD for run 1 as ines" in screen_text(app)
        await write(pilot, "QA analyst")
        await press(pilot, "tab")
        await write(pilot, "wait for more cases")
        await press(pilot, "ctrl+o")
        text = screen_text(app)
        assert "HOLD for run 1 of Small shop." in text
        assert "passed" in text
        assert "Not settled: " in text
        assert verdict.history(workspace, curated) == []
        await press(pilot, "y")
        assert "Signed HOLD by ines, QA analyst, " in screen_text(app)
        await press(pilot, "h")
        assert "run 1  HOLD by ines, QA analyst" in screen_text(app)
        assert "wait for more cases" in screen_text(app)
    (signed,) = verdict.history(workspace, curated)
    assert (signed.who, signed.role, signed.note) == ("ines", "QA analyst", "wait for more cases")
    assert json.loads(signed.body)["verdict"] == "hold"


async def test_a_signature_without_a_role_or_with_second_thoughts_is_none(
    workspace: Workspace, curated: str
) -> None:
    full_run(workspace, curated)
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "s", "tab", "x", "ctrl+o")
        assert "A signature needs a role." in screen_text(app)
        await write(pilot, "lead")
        await press(pilot, "ctrl+o", "n")
        assert "Not signed yet" in screen_text(app)
    assert verdict.history(workspace, curated) == []


async def test_a_verdict_that_changed_while_it_was_looked_at_is_not_signed(
    workspace: Workspace, curated: str
) -> None:
    run = full_run(workspace, curated)
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "s")
        await write(pilot, "lead")
        await press(pilot, "ctrl+o")
        verdict.rule(workspace, run, "compliance", "must-30", "regression")
        await press(pilot, "y")
        assert "The verdict has changed while you looked." in screen_text(app)
    assert verdict.history(workspace, curated) == []


async def test_a_signature_under_another_verdict_says_so(
    workspace: Workspace, curated: str
) -> None:
    run = full_run(workspace, curated)
    verdict.sign(workspace, curated, run, "lead")
    verdict.rule(workspace, run, "compliance", "must-30", "regression")
    async with opened(workspace, curated, step="verdict") as (app, _):
        assert "D O   N O T   S H I P" in screen_text(app)
        assert "Failed: " in screen_text(app)
        assert "another verdict than now" in screen_text(app)


# Waiving


async def test_a_gate_is_waived_with_reason_end_and_confirmation(
    workspace: Workspace, curated: str
) -> None:
    run = full_run(workspace, curated)
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        assert "(w waive)" in footer_of(app)
        await press(pilot, "w")
        assert "nothing to waive" in screen_text(app)
        await press(pilot, "j", "j", "w")
        assert "Waive: loss on general text" in screen_text(app)
        await write(pilot, "it is used for nothing else")
        await press(pilot, "ctrl+o")
        assert f"Until {NEXT_MONTH} this gate stands in nobody's way" in screen_text(app)
        await press(pilot, "y")
        assert "WAIVED" in screen_text(app)
        await press(pilot, "e")
        assert "Waived by ines: it is used for nothing else" in screen_text(app)
    (waiver,) = verdict.reach(workspace, curated, run).waivers
    assert (waiver.gate, waiver.expires) == ("forgetting", NEXT_MONTH)


async def test_a_waiver_needs_a_reason_and_a_day_to_come(
    workspace: Workspace, curated: str
) -> None:
    run = full_run(workspace, curated)
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "j", "j", "w", "ctrl+o")
        assert "A waiver needs a reason." in screen_text(app)
        await write(pilot, "why not")
        await press(pilot, "tab")
        await pilot.press("end", *["backspace"] * 10)
        await write(pilot, "2020-01-01")
        await press(pilot, "ctrl+o")
        assert "2020-01-01 is not in the future." in screen_text(app)
    assert verdict.reach(workspace, curated, run).waivers == ()


# The report


async def test_the_report_is_written_where_it_was_asked_for_and_not_over_another_unasked(
    workspace: Workspace, curated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    full_run(workspace, curated)
    path = tmp_path / f"{curated}-run-1.html"
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "o", "enter")
        assert "Wrote" in screen_text(app)
        assert "HOLD" in path.read_text(encoding="utf-8")
        path.write_text("mine")
        await press(pilot, "o", "enter")
        assert "is there already, 4 bytes" in screen_text(app)
        await press(pilot, "n")
        assert path.read_text() == "mine"
        await press(pilot, "o")
        await pilot.press("end", *["backspace"] * 4)
        await write(pilot, "json\n")
        await settle(pilot)
    assert json.loads(path.with_suffix(".json").read_text())["verdict"]["verdict"] == "hold"


# Other screens, other runs, nothing


async def test_c_goes_to_the_case_that_waits(workspace: Workspace, curated: str) -> None:
    full_run(workspace, curated)
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "c")
        assert isinstance(app.screen, CompareScreen)
        assert "showing: for a person" in screen_text(app)
        assert "must-30 · compliance" in screen_text(app)
        await press(pilot, "a", "5")
        assert "waits for a person" not in screen_text(app)


async def test_warnings_amendments_and_looks_stand_below_the_gates(
    workspace: Workspace, curated: str
) -> None:
    full_run(workspace, curated)
    scope = sessions.get(workspace.store, curated).scope
    changed = msgspec.structs.replace(scope, tone=HOSTILE_WORDS)
    scope_step.save(workspace, curated, changed, reason="tone")
    session = sessions.get(workspace.store, curated)
    sessions.add_look(workspace.store, session.id, "bo", "c01")
    async with opened(workspace, curated, step="verdict") as (app, _):
        text = screen_text(app)
        assert "! The scope has changed since this run was trained." in text
        assert "Sealed set opened 1 time." in text
        assert ", 1 amendment" in screen_lines(app)[0]
        assert is_harmless(text)


async def test_another_run_can_be_judged(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answered_run(workspace, curated, {"base": 27, "tuned": 3})
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        assert "D O   N O T   S H I P" in screen_text(app)
        await press(pilot, "R", "2")
        assert "H O L D" in screen_text(app)
        assert "run 1 " in screen_lines(app)[0]


async def test_without_a_run_the_screen_says_what_to_press(
    workspace: Workspace, curated: str
) -> None:
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        assert "There is nothing to judge: no run yet.  Press 3 to train." in screen_text(app)
        await press(pilot, "s")
        assert "There is no verdict yet" in screen_text(app)
    train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        assert "H O L D" in screen_text(app)
        await press(pilot, "s")
        assert "Nothing was compared yet" in screen_text(app)


async def test_answers_that_come_while_the_screen_is_shown_move_the_gates(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answers = folder.answers()
    write_lines(folder.answers_file, [a for a in answers if a.arm == "base"])
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        assert "OPEN   not measured" in screen_lines(app)[3]
        write_lines(folder.answers_file, answers)
        app.screen.on_shown()  # type: ignore[attr-defined]
        await settle(pilot)
        assert "PASS   90 % to 10 %" in screen_lines(app)[3]


async def test_a_prompt_that_does_as_well_is_said_below_the_gates(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27, "prompted": 25})
    async with opened(workspace, curated, step="verdict") as (app, _):
        said = " ".join(screen_text(app).split())
        assert "With the rules in the prompt, errors go from 90 % to 16.7 %" in said


async def test_an_imported_arm_is_judged_and_signed_from_step_4(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 3})
    rows = [{"case": f"c{n:02d}", "text": "Within 45 days."} for n in range(30)]
    path = tmp_path / "served.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    imported.import_answers(workspace, curated, None, "server", path)
    async with opened(workspace, curated, step="compare") as (app, pilot):
        while "run 1: server against base" not in screen_lines(app)[0]:
            await press(pilot, "p")
        await press(pilot, "5")
        text = screen_text(app)
        assert "run 1: server against base" in text
        assert "PASS   90 % to 0 %" in text
        assert "! The answers of server came from elsewhere (served.jsonl" in text
        await press(pilot, "s")
        await write(pilot, "lead")
        await press(pilot, "ctrl+o", "y", "4")
        assert "run 1: server against base" in screen_lines(app)[0]
    (signed,) = verdict.history(workspace, curated)
    assert (signed.arm, signed.verdict) == ("server", "hold")


async def test_a_confirmed_regression_cannot_be_waived(workspace: Workspace, curated: str) -> None:
    run = full_run(workspace, curated)
    verdict.rule(workspace, run, "compliance", "must-30", "regression")
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "j", "j", "j")
        assert "(w waive)" in footer_of(app)
        await press(pilot, "w")
        assert "cannot be waived: a person looked" in " ".join(screen_text(app).split())

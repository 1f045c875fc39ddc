from __future__ import annotations

from pathlib import Path

import pytest

from engine.steps import verdict
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run
from tests.screens.harness import screen_lines, screen_text
from tests.screens.opened import opened, press, write


async def test_the_word_and_all_seven_gates_fit_80_by_24(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    async with opened(workspace, curated, step="verdict") as (app, _):
        lines = screen_lines(app)
        assert lines[2].strip() == "H O L D"
        text = "\n".join(lines)
        for label in ("Domain errors down?", "Safety and compliance kept?", "Retraining defined?"):
            assert label in text
        assert "PASS   +80.0 pts" in text
        assert "p = 0.00" in text
        assert "Sealed set opened 0 times; noise floor: 0 of 20 flipped." in text


async def test_a_signature_is_written_after_role_and_confirmation(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "s")
        await write(pilot, "QA analyst\n")
        assert "HOLD for run 1" in screen_text(app)
        await press(pilot, "y")
        assert "Signed HOLD by ines, QA analyst" in screen_text(app)
        await press(pilot, "h")
        assert "run 1  HOLD  ines, QA analyst" in screen_text(app)
    assert [s.role for s in verdict.history(workspace, curated)] == ["QA analyst"]


async def test_a_gate_is_waived_with_reason_and_end(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "w")
        assert "nothing to waive" in screen_text(app)
        await press(pilot, "j", "w")
        await write(pilot, "the model does nothing else\n")
        await press(pilot, "enter")
        assert "WAIVED" in screen_text(app)
    waived = {g.gate: g.waived_by for g in verdict.reach(workspace, curated).verdict.gates}
    assert waived["capability"] == "ines"


async def test_evidence_takes_the_place_of_the_gates_and_esc_brings_them_back(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "e")
        assert "30 cases, 0 regressions, 24 fixes." in screen_text(app)
        assert "H O L D" not in screen_text(app)
        await press(pilot, "escape")
        assert "H O L D" in screen_text(app)


async def test_the_report_is_written_where_it_was_asked_for(
    workspace: Workspace, curated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    async with opened(workspace, curated, step="verdict") as (app, pilot):
        await press(pilot, "o", "enter")
        assert "Wrote" in screen_text(app)
    assert "HOLD" in (tmp_path / f"{curated}-run-1.md").read_text(encoding="utf-8")

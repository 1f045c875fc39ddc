from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from engine.delivery.contents import Reached
from engine.errors import InputError, StateError
from engine.steps import compare, report, train, verdict
from engine.steps import scope as scope_step
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run

TOMORROW = (date.today() + timedelta(days=1)).isoformat()


def outcomes(reached: Reached) -> dict[str, str]:
    return {gate.gate: gate.outcome for gate in reached.verdict.gates}


def test_clear_gains_pass_the_domain_gate_and_missing_suites_hold_the_verdict(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    reached = verdict.reach(workspace, curated)
    found = outcomes(reached)
    assert found["domain"] == "pass"
    assert found["cadence"] == "pass"
    assert found["capability"] == "inconclusive"
    assert reached.verdict.verdict == "hold"
    assert reached.warnings == ()


def test_a_worse_model_is_not_shipped(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 27, "tuned": 3})
    assert verdict.reach(workspace, curated).verdict.verdict == "do-not-ship"


def test_flips_are_counted_and_every_case_is_there(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    found = compare.compare(workspace, folder.job().run)
    assert found.counts() == {
        "fixed": 24,
        "broken": 0,
        "both_right": 3,
        "both_wrong": 3,
        "unanswered": 0,
    }
    assert found.rows[-1].tuned_judged is not None
    assert "30 days" in found.rows[-1].tuned_judged.reason


def test_the_teachers_of_a_case_are_its_training_rows(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    session = sessions.get(workspace.store, curated)
    case = folder.suite("domain").cases[0]
    teachers = compare.taught_by(workspace, session.id, case)
    assert {t.part for t in teachers} == {"train"}
    assert all("45 days" in t.example.answer for t in teachers)


def test_an_edited_scope_is_said_beside_the_verdict(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    scope = sessions.get(workspace.store, curated).scope
    easier = msgspec.structs.replace(
        scope, criteria=msgspec.structs.replace(scope.criteria, min_error_reduction=0.01)
    )
    scope_step.save(workspace, curated, easier, reason="we were too strict")
    reached = verdict.reach(workspace, curated)
    assert any("scope has changed" in w for w in reached.warnings)
    assert len(reached.amendments) == 1


def test_a_suite_changed_in_the_folder_is_named(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    suite = folder.suite("domain")
    fewer = msgspec.structs.replace(suite, cases=suite.cases[:20])
    (folder.data / "suite-domain.json").write_bytes(msgspec.json.encode(fewer))
    assert any("domain" in w for w in verdict.reach(workspace, curated).warnings)


def test_a_waiver_needs_reason_and_future_and_stays_in_the_report(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    run = answered_run(workspace, curated, {"base": 3, "tuned": 27}).job().run
    with pytest.raises(InputError, match="reason"):
        verdict.waive(workspace, run, "capability", " ", TOMORROW)
    with pytest.raises(InputError, match="not in the future"):
        verdict.waive(workspace, run, "capability", "why", "2020-01-01")
    with pytest.raises(InputError, match="no gate"):
        verdict.waive(workspace, run, "charm", "why", TOMORROW)
    verdict.waive(workspace, run, "capability", "no other use of the model", TOMORROW)
    gate = verdict.reach(workspace, curated).verdict.gates[1]
    assert gate.waived_by == "ines"
    report.write(workspace, curated, None, tmp_path / "r.md")
    assert "no other use of the model" in (tmp_path / "r.md").read_text()


def test_a_signature_keeps_the_verdict_as_it_was(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    signed = verdict.sign(workspace, curated, None, "model adaptation lead")
    assert (signed.verdict, signed.who) == ("hold", "ines")
    assert json.loads(signed.body)["gates"][0]["gate"] == "domain"


def test_nothing_compared_cannot_be_signed(workspace: Workspace, curated: str) -> None:
    train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    with pytest.raises(StateError, match="Nothing was compared"):
        verdict.sign(workspace, curated, None, "lead")


def test_both_reports_are_whole_and_hostile_words_stay_words(
    workspace: Workspace, curated: str, tmp_path: Path
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    hostile = "<script>x</script> \x1b]52;c;AAAA\x07 [@click=app.quit]y[/] \u202e \x9b31m"
    with folder.answers_file.open("ab") as handle:
        from engine.records import Answer

        handle.write(msgspec.json.encode(Answer("domain", "c29", "base", text=hostile)) + b"\n")
    lines = folder.answers_file.read_bytes().splitlines(keepends=True)
    kept = [x for x in lines if b'"c29","arm":"base"' not in x] + lines[-1:]
    folder.answers_file.write_bytes(b"".join(kept))
    for name in ("r.md", "r.json"):
        report.write(workspace, curated, None, tmp_path / name)
        text = (tmp_path / name).read_text()
        assert not [c for c in text if (ord(c) < 32 and c not in "\n") or 127 <= ord(c) < 160]
        assert "\u202e" not in text
    assert "<script>" not in (tmp_path / "r.md").read_text()
    with pytest.raises(InputError, match=r"\.pdf"):
        report.write(workspace, curated, None, tmp_path / "r.pdf")

from __future__ import annotations

import json

import msgspec
import pytest

from engine.delivery.contents import Reached
from engine.evaluation.assertions import SCORER_VERSION
from engine.runs.folder import write_lines
from engine.steps import history, verdict
from engine.steps import scope as scope_step
from engine.store import choices, sessions, verdicts
from engine.store.choices import ChosenStep
from engine.store.verdicts import Signed
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run
from tui.cli import main


def ship(workspace: Workspace, run: int, scorer: str = SCORER_VERSION) -> None:
    """A signature under SHIP, as it stands in the store."""
    body = msgspec.json.encode({"verdict": "ship", "gates": [], "scorer": scorer}).decode()
    signed = Signed(
        id=0, run=run, at="", who="ines", role="lead", note="", verdict="ship", body=body
    )
    verdicts.sign(workspace.store, signed)


def test_every_run_is_judged_and_nothing_was_shipped(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answered_run(workspace, curated, {"base": 27, "tuned": 3})
    found = history.read(workspace, curated)
    assert [(r.run, r.verdict) for r in found.runs] == [(1, "hold"), (2, "do-not-ship")]
    assert found.runs[0].finding == "90 % to 10 %"
    assert found.runs[1].outcomes["domain"] == "fail"
    assert found.since is None


def test_what_improved_and_regressed_since_the_last_shipped_adapter_is_named(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    ship(workspace, 1)
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    since = history.read(workspace, curated).since
    assert since is not None
    assert (since.run, since.shipped, since.not_compared) == (2, 1, 0)
    (domain,) = since.suites
    assert domain.improved == tuple(f"c{n}" for n in range(20, 27))
    assert (domain.regressed, domain.cases) == ((), 30)
    assert domain.p == pytest.approx(2**-7)
    back = history.read(workspace, curated, 1).since
    assert back is None


def test_a_case_that_is_another_one_now_is_not_compared(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    ship(workspace, 1)
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    suite = folder.suite("domain")
    changed = msgspec.structs.replace(suite.cases[25], reference="Within 60 days.")
    cases = (*suite.cases[:25], changed, *suite.cases[26:])
    path = folder.data / "suite-domain.json"
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(suite, cases=cases)))
    since = history.since_shipped(workspace, curated, 2)
    assert since is not None
    assert since.not_compared == 1
    assert "c25" not in since.suites[0].improved


def test_a_signature_of_another_scorer_says_so(workspace: Workspace, curated: str) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    ship(workspace, 1, scorer="1")
    assert history.read(workspace, curated).runs[0].other_scorer
    verdict.sign(workspace, curated, 1, "lead")
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    verdict.sign(workspace, curated, 2, "lead")
    assert not history.read(workspace, curated).runs[1].other_scorer


def test_a_run_that_cannot_be_judged_says_why(workspace: Workspace, curated: str) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 20})
    folder.job_file.unlink()
    (run,) = history.read(workspace, curated, 99).runs
    assert run.verdict is None
    assert "no folder" in run.trouble


def test_the_command_line_shows_the_history_and_answers_zero(
    workspace: Workspace, curated: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    ship(workspace, 1)
    answered_run(workspace, curated, {"base": 27, "tuned": 19})
    home = ["--home", str(workspace.home)]
    assert main([*home, "verdict", curated, "--history"]) == 0
    text = capsys.readouterr().out
    assert "domain: 0 improved, 1 regressed of 30" in text
    assert "worse: c19" in text
    assert main([*home, "verdict", curated, "--history", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [run["run"] for run in found["runs"]] == [1, 2]
    assert main([*home, "verdict", curated]) == 1


def test_a_verdict_is_judged_again_only_when_something_it_rests_on_has_changed(
    workspace: Workspace, curated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 27})
    judged: list[int] = []
    reach = verdict.reach

    def counted(*given: object) -> Reached:
        judged.append(1)
        return reach(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(verdict, "reach", counted)

    def said() -> tuple[str | None, int]:
        before = len(judged)
        (run,) = history.read(workspace, curated).runs
        return run.verdict, len(judged) - before

    assert said() == ("hold", 1)
    assert said() == ("hold", 0)
    for gate in ("capability", "forgetting", "compliance", "over_refusal"):
        verdict.waive(workspace, 1, gate, "a pilot", "2999-01-01")
    assert said() == ("ship", 1)
    scope = sessions.get(workspace.store, curated).scope
    stricter = msgspec.structs.replace(scope.criteria, min_error_reduction=0.95)
    edited = msgspec.structs.replace(scope, criteria=stricter)
    scope_step.save(workspace, curated, edited, reason="we were too lax")
    assert said() == ("hold", 1)
    worse = [msgspec.structs.replace(a, text="30 days.") for a in folder.answers()]
    write_lines(folder.answers_file, worse)
    assert said()[1] == 1
    (folder.path / "verdict.json").write_text("{")
    assert said()[1] == 1
    assert said()[1] == 0
    choices.add(workspace.store, 1, ChosenStep(step=40, who="ada", why="", rows=9, looked=False))
    assert said()[1] == 1

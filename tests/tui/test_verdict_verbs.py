"""The verbs of the decision as a script meets them: exit codes, arms, files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from engine.evaluation.evidence import GateName
from engine.records import Assertion, Case, Message, Suite
from engine.steps import verdict
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run, curated, workspace
from tests.screens.answered import said, with_suites
from tui.cli import main

__all__ = ["curated", "workspace"]

Strop = Callable[..., int]


@pytest.fixture
def strop(workspace: Workspace) -> Strop:
    """Run a command line on the workspace of the test; answers its exit status."""
    return lambda *words: main(["--home", str(workspace.home), "--who", "ines", *map(str, words)])


OPEN: tuple[GateName, ...] = (
    "capability",
    "forgetting",
    "compliance",
    "over_refusal",
)


def test_the_exit_status_is_the_verdict(workspace: Workspace, curated: str, strop: Strop) -> None:
    run = answered_run(workspace, curated, {"base": 3, "tuned": 27}).job().run
    assert strop("verdict", curated) == 3
    for gate in OPEN:
        verdict.waive(workspace, run, gate, "a pilot with three people", "2999-01-01")
    assert strop("verdict", curated) == 0
    answered_run(workspace, curated, {"base": 27, "tuned": 3})
    assert strop("verdict", curated) == 1
    assert strop("verdict", curated, run) == 0
    assert strop("verdict", "nobody") == 2


def test_a_script_sees_the_verdict_in_the_exit_status_of_the_process(
    workspace: Workspace, curated: str
) -> None:
    words = [sys.executable, "-m", "tui.cli", "--home", str(workspace.home), "verdict", curated]
    run = answered_run(workspace, curated, {"base": 3, "tuned": 27}).job().run
    for gate in OPEN:
        verdict.waive(workspace, run, gate, "a pilot with three people", "2999-01-01")
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    answered_run(workspace, curated, {"base": 27, "tuned": 3})
    started = [
        subprocess.Popen([*words, str(n)], stdout=subprocess.PIPE, text=True) for n in (1, 2, 3)
    ]
    said = [(process.communicate()[0].split("\n")[0], process.returncode) for process in started]
    assert said == [("run 1: SHIP", 0), ("run 2: HOLD", 3), ("run 3: DO NOT SHIP", 1)]


def test_the_calculator_prints_every_field_that_scripts_rely_on(
    strop: Strop, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = ("--n", 21, "--regressions", 7, "--fixes", 1, "--margin", "5%")
    assert strop("stats", "paired", *counts, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        *("n", "b", "c", "delta", "newcombe", "tango"),
        *("tango_lower", "mid_p", "exact_p", "non_inferior"),
    ]
    assert (found["n"], found["b"], found["c"], found["non_inferior"]) == (21, 7, 1, False)
    assert found["mid_p"] == pytest.approx(0.039, abs=0.0005)
    assert found["exact_p"] == pytest.approx(0.070, abs=0.0005)
    assert found["tango"] == pytest.approx([-0.517, -0.026], abs=0.0005)
    assert found["newcombe"] == pytest.approx([-0.507, -0.026], abs=0.0005)
    assert strop("stats", "paired", "--n", 5, "--regressions", 4, "--fixes", 3) == 2
    assert "4 regressions and 3 fixes do not fit into 5 cases" in capsys.readouterr().err


def test_answers_from_elsewhere_are_imported_compared_and_judged(
    workspace: Workspace,
    curated: str,
    strop: Strop,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 3})
    path = tmp_path / "served.jsonl"
    rows: list[dict[str, Any]] = [
        {"case": f"c{n:02d}", "text": "Within 45 days."} for n in range(29)
    ]
    rows.append({"case": "none", "text": "?"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert strop("answer", curated, "--arm", "server", "--from", path) == 0
    text = capsys.readouterr().out
    assert "30 rows = 29 taken + 1 left + 0 there already" in text
    assert "line 30 there is no case none in this run" in text
    assert "1 case has no answer of server yet:" in text
    assert "domain c29" in text
    assert strop("compare", curated, "--arms", "base,server") == 0
    assert "domain: 26 fixed" in capsys.readouterr().out
    assert strop("verdict", curated, "--arms", "base,server", "--json") == 3
    assert json.loads(capsys.readouterr().out)["gates"][0]["c"] == 26
    assert strop("verdict", curated, "--arms", "base,other") == 2
    assert strop("answer", curated, "--arm", "server") == 2
    assert "no arm of the worker" in capsys.readouterr().err


def test_own_checks_run_only_when_the_file_is_named(
    workspace: Workspace,
    curated: str,
    strop: Strop,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    polite = Assertion("python", value="checks.py:polite")
    asked = (Message("user", "May I?"),)
    suite = Suite("own", "capability", "1", (Case("o1", asked, assertions=(polite,)),))
    with_suites(workspace, curated, {suite: {"o1": said("Do.", "Please do.")}})
    path = tmp_path / "checks.py"
    path.write_text("def polite(answer, prompt, reference):\n    return 'Please' in answer\n")
    assert strop("compare", curated) == 0
    assert "own: 1 unanswered" in capsys.readouterr().out
    assert strop("judge", curated, "--python", path) == 0
    text = capsys.readouterr().out
    assert f"Ran {path.resolve()} (SHA-256 " in text
    assert "2 answers, 2 of them new, 1 do not hold." in text
    assert strop("compare", curated) == 0
    assert "own: 1 fixed" in capsys.readouterr().out
    assert strop("judge", curated) == 2


@pytest.mark.parametrize("ending", ["md", "html", "json", "xml"])
def test_a_report_is_written_in_the_form_its_name_says(
    workspace: Workspace, curated: str, strop: Strop, tmp_path: Path, ending: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27})
    path = tmp_path / "deep" / f"report.{ending}"
    assert strop("report", curated, "-o", path) == 0
    text = path.read_text(encoding="utf-8")
    opening = {"md": "# Small shop: HOLD", "html": "<!doctype html>", "json": "{", "xml": "<?xml"}
    assert text.startswith(opening[ending])
    if ending == "xml":
        assert Xml.fromstring(text).get("errors") == "4"
    assert strop("report", curated, "-o", tmp_path / "report.doc") == 2


def test_a_prompt_that_would_do_is_said(
    workspace: Workspace, curated: str, strop: Strop, capsys: pytest.CaptureFixture[str]
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 27, "prompted": 26})
    strop("verdict", curated)
    assert "prompted: Errors went from 90 % to 13.3 %" in capsys.readouterr().out

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.errors import StropError
from engine.steps import figures, intake
from engine.steps import scope as scope_step
from engine.steps.plan import plan_cases
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import case_file, small_scope


def make(workspace: Workspace, *suites: str) -> str:
    scope = replace(small_scope(), suites=suites)
    return sessions.create(workspace.store, scope).slug


def import_cases(workspace: Workspace, slug: str, path: Path, cases: int) -> None:
    intake.import_file(workspace, slug, case_file(path, cases), held_out=True)


def test_without_cases_nothing_can_be_shown(workspace: Workspace) -> None:
    plan = plan_cases(workspace, make(workspace))
    assert plan.words[0] == (
        "There is no held-out case yet: nothing can be shown. Step 2 makes them."
    )


def test_the_plan_says_which_fall_the_cases_show_and_what_the_next_would_take(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace)
    import_cases(workspace, slug, tmp_path / "h.jsonl", 90)
    plan = plan_cases(workspace, slug)
    assert [fall.halved for fall in plan.falls][:3] == [60, 80, 120]
    assert (plan.cases, plan.clusters) == (90, 30)
    assert plan.words[0] == (
        "90 cases show errors falling from 30 % to 15 %; 20 % to 10 % would take 120."
        " They ask for 30 facts: paraphrases of one fact count less."
    )


def test_few_cases_are_said_to_be_too_few(workspace: Workspace, tmp_path: Path) -> None:
    slug = make(workspace)
    import_cases(workspace, slug, tmp_path / "h.jsonl", 30)
    assert (
        "30 cases are too few: 40 % to 20 % would take 60." in plan_cases(workspace, slug).words[0]
    )


def test_each_suite_has_its_margin_and_the_regressions_it_allows(workspace: Workspace) -> None:
    plan = plan_cases(workspace, make(workspace, "compliance", "harmless", "general-texts"))
    compliance, harmless = plan.margins
    assert (compliance.cases, compliance.margin, compliance.allowed) == (151, 0.03, 1)
    assert compliance.violations == 2
    assert (harmless.margin, harmless.violations) == (0.05, None)
    assert plan.texts >= 100
    assert "passes with 1 regression and no fix; 2 would take 199" in plan.words[1]


def test_a_suite_that_is_not_there_is_said_and_stops_nothing(workspace: Workspace) -> None:
    plan = plan_cases(workspace, make(workspace, "no-such-suite"))
    assert "names suite 'no-such-suite'" in plan.words[-1]
    assert plan.margins == ()


def test_figures_from_another_process_are_the_same(workspace: Workspace, curated: str) -> None:
    apart = figures.compute_apart(workspace, curated)
    assert apart == figures.compute(workspace, curated)
    assert apart.accepted == {"R01": 20}


def test_nobody_waits_for_figures_that_nobody_wants(workspace: Workspace, curated: str) -> None:
    assert figures.compute_apart(workspace, curated, lambda: True) is None


def test_a_process_that_fails_says_why(workspace: Workspace) -> None:
    assert workspace.store
    with pytest.raises(StropError, match="no session 'gone'"):
        figures.compute_apart(workspace, "gone")


def test_cases_are_counted_by_rule(workspace: Workspace, curated: str) -> None:
    seen = scope_step.see(workspace, curated)
    assert (seen.cases, seen.cases_by_rule) == (30, {"R01": 30})

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.errors import StropError
from engine.scope import Criteria
from engine.steps import figures, intake
from engine.steps import scope as scope_step
from engine.steps.plan import CasePlan, Margin, plan_cases
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


def test_a_fall_is_judged_by_the_reduction_that_the_scope_asks_for(
    workspace: Workspace, tmp_path: Path
) -> None:
    scope = replace(small_scope(), criteria=replace(Criteria(), min_error_reduction=0.55))
    slug = sessions.create(workspace.store, scope).slug
    import_cases(workspace, slug, tmp_path / "h.jsonl", 90)
    first = plan_cases(workspace, slug).falls[0]
    assert first.halved is None
    assert first.reached is not None
    assert first.reached < 0.4 * 0.45


def test_what_the_cases_show_is_more_the_more_errors_there_were(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace)
    import_cases(workspace, slug, tmp_path / "h.jsonl", 90)
    reached = [fall.reached for fall in plan_cases(workspace, slug).falls]
    assert reached == [0.24, 0.16, 0.08, 0.01]


def test_cases_of_five_facts_are_said_never_to_suffice(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace)
    import_cases(workspace, slug, tmp_path / "h.jsonl", 15)
    assert (
        "They ask for 5 facts only, and fewer than 6 can never be significant"
        in (plan_cases(workspace, slug).words[0])
    )


def test_fifty_cases_are_said_never_to_pass_a_margin_of_five(workspace: Workspace) -> None:
    row = Margin("ours", "capability", 50, 0.05, (), (), -1, None)
    plan = CasePlan(60, 60, 0.25, (), (row,), 100)
    assert plan.words[1] == (
        "ours, 50 cases, margin 5 points: cannot pass without fixes, even with no regression;"
        " 52 cases can."
    )


def test_counts_from_another_process_are_the_same(workspace: Workspace, curated: str) -> None:
    session = sessions.get(workspace.store, curated)
    apart = figures.count_apart(workspace, curated)
    assert apart == scope_step.examples_by_rule(workspace, session) == {"R01": 20}


def test_nobody_waits_for_counts_that_nobody_wants(workspace: Workspace, curated: str) -> None:
    assert figures.count_apart(workspace, curated, lambda: True) is None


def test_what_was_counted_is_known_until_rules_or_decisions_change(
    workspace: Workspace, curated: str
) -> None:
    first = figures.count_apart(workspace, curated)
    assert figures.count_apart(workspace, curated, lambda: True) is first
    scope_step.revise(workspace, curated, lambda s: replace(s, rules=()), reason="none left")
    assert figures.count_apart(workspace, curated, lambda: True) is None


def test_without_accepted_examples_there_is_nothing_to_count(workspace: Workspace) -> None:
    assert figures.count_apart(workspace, make(workspace), lambda: True) == {}


def test_a_process_that_fails_says_why(workspace: Workspace, curated: str) -> None:
    broken = "UPDATE examples SET body = '{' WHERE status = 'accepted'"
    with workspace.store.transaction() as db:
        db.execute(broken)
    with pytest.raises(StropError, match=r"could not be counted\..*Error"):
        figures.count_apart(workspace, curated)


def test_cases_are_counted_by_rule(workspace: Workspace, curated: str) -> None:
    seen = scope_step.see(workspace, curated)
    assert (seen.cases, seen.cases_by_rule) == (30, {"R01": 30})

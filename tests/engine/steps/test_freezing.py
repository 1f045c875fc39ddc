from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.errors import NotFoundError, StateError
from engine.evaluation.suites import load_suite, save_suite, suite_hash
from engine.records import Suite
from engine.scope import scope_hash
from engine.steps import freezing, intake, train, verdict
from engine.steps import scope as scope_step
from engine.steps.plan import plan_cases
from engine.store import freezes, sessions
from engine.workspace import Workspace
from sample_data import FOLDER
from tests.engine.steps.conftest import answered_run, case_file, small_scope


@pytest.fixture
def own(workspace: Workspace) -> Path:
    """A suite of the workspace's own, a small copy of one that ships."""
    path = workspace.home / "suites" / "ours.jsonl"
    path.parent.mkdir(parents=True)
    whole = load_suite(FOLDER / "suites" / "harmless.jsonl")
    save_suite(replace(whole, name="ours", cases=whole.cases[:60]), path)
    return path


def make(workspace: Workspace, *suites: str) -> str:
    scope = replace(small_scope(), suites=suites)
    return sessions.create(workspace.store, scope).slug


def shorten(path: Path) -> Suite:
    suite = load_suite(path)
    changed = replace(suite, cases=suite.cases[:-1])
    save_suite(changed, path)
    return changed


def changed(workspace: Workspace, slug: str) -> dict[str, str]:
    return freezing.changed_suites(workspace, sessions.get(workspace.store, slug))


def test_a_freeze_notes_the_suites_and_the_held_out_cases(
    workspace: Workspace, own: Path, tmp_path: Path
) -> None:
    slug = make(workspace, "ours", "compliance")
    intake.import_file(workspace, slug, case_file(tmp_path / "h.jsonl", 9), held_out=True)
    assert changed(workspace, slug) == {}
    scope_step.freeze(workspace, slug)
    frozen = scope_step.see(workspace, slug).frozen
    assert [(one.name, one.cases, one.who) for one in frozen] == [
        ("ours", 60, "ines"),
        ("compliance", 151, "ines"),
        (freezes.HELD_OUT, 9, "ines"),
    ]
    assert frozen[0].digest == suite_hash(load_suite(own))
    assert changed(workspace, slug) == {}


def test_a_scope_whose_suite_is_missing_cannot_be_frozen(workspace: Workspace) -> None:
    slug = make(workspace, "no-such-suite")
    with pytest.raises(NotFoundError, match="no-such-suite"):
        scope_step.freeze(workspace, slug)
    assert sessions.get(workspace.store, slug).frozen_at is None
    assert scope_step.see(workspace, slug).frozen == ()


def test_a_suite_that_was_changed_or_lost_is_named_with_its_counts(
    workspace: Workspace, own: Path
) -> None:
    slug = make(workspace, "ours")
    scope_step.freeze(workspace, slug)
    shorten(own)
    words = changed(workspace, slug)["ours"]
    assert words.startswith("Suite ours is not the one that was frozen")
    assert words.endswith(": 60 cases then, 59 now.")
    assert plan_cases(workspace, slug).words[0] == words
    own.unlink()
    assert "cannot be read" in changed(workspace, slug)["ours"]
    with pytest.raises(StateError, match="cannot be read"):
        freezing.amend_suites(workspace, slug, "why not")


def test_a_suite_is_frozen_anew_with_a_reason_only_and_stands_as_amendment(
    workspace: Workspace, own: Path
) -> None:
    slug = make(workspace, "ours")
    scope_step.freeze(workspace, slug)
    before = suite_hash(load_suite(own))
    after = suite_hash(shorten(own))
    with pytest.raises(StateError, match="not the one that was frozen"):
        freezing.amend_suites(workspace, slug, " ")
    assert freezing.amend_suites(workspace, slug, "a case was wrong") == ("ours",)
    (amendment,) = scope_step.see(workspace, slug).amendments
    assert (amendment.changed, amendment.reason) == ("suite ours", "a case was wrong")
    assert (amendment.before_hash, amendment.after_hash) == (before, after)
    assert changed(workspace, slug) == {}
    with pytest.raises(StateError, match="frozen on"):
        freezing.amend_suites(workspace, slug, "again")


def test_a_run_that_answered_another_suite_than_the_frozen_one_says_so(
    workspace: Workspace, curated: str, own: Path
) -> None:
    scope_step.revise(
        workspace, curated, lambda s: replace(s, suites=("ours",)), reason="one more suite"
    )
    session = sessions.get(workspace.store, curated)
    freezing.freeze_suites(workspace, session)
    answered_run(workspace, curated, {"base": 3, "tuned": 28})
    assert verdict.reach(workspace, curated, 1).warnings == ()
    shorten(own)
    assert verdict.reach(workspace, curated, 1).warnings == (), "the run has its own copy"
    train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    (words,) = verdict.reach(workspace, curated, 2).warnings
    assert words.startswith("Suite ours was changed after the freeze")
    assert words.endswith("before this run.")
    freezing.amend_suites(workspace, curated, "a case was wrong")
    assert verdict.reach(workspace, curated, 2).warnings == ()
    assert verdict.reach(workspace, curated, 1).warnings == (
        "Suite ours was amended after this run answered it.",
    )
    assert scope_hash(session.scope) == scope_hash(sessions.get(workspace.store, curated).scope)


def test_a_first_look_is_compared_by_its_whole_suite(
    workspace: Workspace, curated: str, own: Path
) -> None:
    scope_step.revise(workspace, curated, lambda s: replace(s, suites=("ours",)), reason="more")
    freezing.freeze_suites(workspace, sessions.get(workspace.store, curated))
    train.prepare(workspace, curated, train.plan(workspace, curated).recipe, cases=10)
    (words,) = verdict.reach(workspace, curated, 1).warnings
    assert "first look" in words

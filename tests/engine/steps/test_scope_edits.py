from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.errors import ScopeError, StateError
from engine.records import Assertion
from engine.scope import Rule, Scope, to_toml
from engine.steps import scope as scope_step
from engine.steps import sessions as sessions_step
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import small_scope


@pytest.fixture
def slug(workspace: Workspace) -> str:
    return sessions.create(workspace.store, small_scope()).slug


def test_an_edit_is_made_on_the_scope_as_it_stands_now(workspace: Workspace, slug: str) -> None:
    def elsewhere(scope: Scope) -> Scope:
        return replace(scope, tone="calm")

    scope_step.revise(workspace, slug, elsewhere)
    scope_step.revise(workspace, slug, lambda scope: replace(scope, task="Answer."))
    scope = sessions.get(workspace.store, slug).scope
    assert (scope.tone, scope.task) == ("calm", "Answer.")


def test_a_scope_edited_as_a_whole_overwrites_nobody(workspace: Workspace, slug: str) -> None:
    before = sessions.get(workspace.store, slug).scope
    scope_step.revise(workspace, slug, lambda scope: replace(scope, tone="calm"))
    with pytest.raises(StateError, match="changed elsewhere"):
        scope_step.replace_whole(workspace, slug, before, replace(before, tone="loud"))
    assert sessions.get(workspace.store, slug).scope.tone == "calm"


def test_an_assertion_that_cannot_be_checked_is_not_saved(workspace: Workspace, slug: str) -> None:
    bad = Rule("R02", "label", "Labels.", assertions=(Assertion("regex", "("),))
    with pytest.raises(ScopeError, match="rule R02"):
        scope_step.revise(workspace, slug, lambda scope: scope_step.with_rule(scope, bad))
    assert sessions.get(workspace.store, slug).scope == small_scope()


def test_nor_is_it_read_from_a_file(workspace: Workspace, tmp_path: Path) -> None:
    bad = Rule("R02", "label", "Labels.", assertions=(Assertion("number", "many"),))
    path = tmp_path / "scope.toml"
    path.write_text(to_toml(scope_step.with_rule(small_scope(), bad)), encoding="utf-8")
    with pytest.raises(ScopeError, match="rule R02"):
        sessions_step.read_scope(path)


def test_the_next_id_is_free(workspace: Workspace) -> None:
    scope = small_scope()
    assert scope_step.next_rule_id(scope) == "R02"
    taken = replace(scope, rules=(replace(scope.rules[0], id="R02"),))
    assert scope_step.next_rule_id(taken) == "R03"


def test_a_place_on_this_step_leaves_those_on_others(workspace: Workspace, slug: str) -> None:
    sessions_step.remember_place(workspace, slug, 2, {"card": 7})
    scope_step.remember(workspace, slug, {"scope_at": "rule R01"})
    session = sessions.get(workspace.store, slug)
    assert (session.step, session.place) == (1, {"card": 7, "scope_at": "rule R01"})

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.errors import ScopeError, StateError
from engine.scope import Rule, Scope, from_toml, scope_hash, to_toml
from engine.steps import scope as scope_step
from engine.steps import sessions as sessions_step
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import small_scope


def test_a_scope_comes_back_from_toml_unchanged() -> None:
    scope = small_scope()
    assert from_toml(to_toml(scope)) == scope
    assert scope_hash(from_toml(to_toml(scope))) == scope_hash(scope)


def test_a_bad_field_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "scope.toml"
    path.write_text('name = "x"\n[[rules]]\nid = "R1"\ntitle = "t"\ntext = "t"\nkind = "wish"\n')
    with pytest.raises(ScopeError, match=r"scope\.toml.*wish.*rules"):
        sessions_step.read_scope(path)


def test_an_incomplete_scope_cannot_be_frozen(workspace: Workspace) -> None:
    sessions.create(workspace.store, Scope(name="Empty"))
    with pytest.raises(StateError, match="task"):
        scope_step.freeze(workspace, "empty")


def test_an_edit_after_the_freeze_needs_a_reason_and_stands_as_amendment(
    workspace: Workspace, curated: str
) -> None:
    session = sessions.get(workspace.store, curated)
    wider = msgspec.structs.replace(
        session.scope, criteria=msgspec.structs.replace(session.scope.criteria, forgetting_limit=1)
    )
    with pytest.raises(StateError, match="frozen"):
        scope_step.save(workspace, curated, wider)
    assert sessions.get(workspace.store, curated).scope == session.scope
    scope_step.save(workspace, curated, wider, reason="the limit was a typo")
    (amendment,) = sessions.amendments(workspace.store, session.id)
    assert (amendment.changed, amendment.who) == ("criteria", "ines")
    assert amendment.before_hash == scope_hash(session.scope)


def test_a_scope_that_contradicts_itself_is_not_saved(workspace: Workspace, curated: str) -> None:
    session = sessions.get(workspace.store, curated)
    twice = scope_step.with_rule(session.scope, Rule("R02", "t", "t", intent="unheard"))
    with pytest.raises(ScopeError, match="unheard"):
        scope_step.save(workspace, curated, twice, reason="why not")


def test_rules_without_assertion_and_a_missing_cadence_are_said() -> None:
    scope = Scope(name="x", rules=(Rule("R11", "injuries", "Hand over injuries."),))
    notes = " ".join(scope_step.notes(scope))
    assert "R11 has no assertion" in notes
    assert "cadence" in notes


def test_the_policy_prompt_holds_every_rule() -> None:
    prompt = scope_step.policy_prompt(small_scope())
    assert prompt.startswith("You answer for the shop.")
    assert "Shoes can be returned within 45 days." in prompt

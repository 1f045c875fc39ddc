"""Step 1: seeing, editing, freezing the scope. Edits after the freeze are amendments."""

from __future__ import annotations

import msgspec

from engine import scope as scopes
from engine.errors import ScopeError, StateError
from engine.scope import Rule, Scope, scope_hash
from engine.store import sessions
from engine.store.sessions import Session
from engine.workspace import Workspace


def save(workspace: Workspace, slug: str, scope: Scope, *, reason: str = "") -> Session:
    """Replace the scope. When it is frozen this is an amendment, which needs a reason.

    Raises ScopeError for a scope that contradicts itself, StateError for a frozen one without
    a reason.
    """
    problems = scopes.find_problems(scope)
    if problems:
        raise ScopeError(problems[0] + ".", "Correct it; nothing was saved.")
    session = sessions.get(workspace.store, slug)
    if scope == session.scope:
        return session
    if session.frozen_at is not None:
        _amend(workspace, session, scope, reason)
    sessions.save_scope(workspace.store, session.id, scope)
    return sessions.get(workspace.store, slug)


def _amend(workspace: Workspace, session: Session, scope: Scope, reason: str) -> None:
    if not reason.strip():
        raise StateError(
            f"The scope was frozen on {session.frozen_at}.",
            "An edit now is an amendment: give a reason, it will stand in the report.",
        )
    sessions.add_amendment(
        workspace.store,
        session.id,
        workspace.who,
        reason.strip(),
        ", ".join(changed_fields(session.scope, scope)),
        (scope_hash(session.scope), scope_hash(scope)),
    )


def changed_fields(before: Scope, after: Scope) -> list[str]:
    """What differs between two scopes, in words: field names, and rules by id."""
    plain = [
        name
        for name in Scope.__struct_fields__
        if name != "rules" and getattr(before, name) != getattr(after, name)
    ]
    old = {rule.id: rule for rule in before.rules}
    new = {rule.id: rule for rule in after.rules}
    rules = [f"rule {i}" for i in sorted(old.keys() | new.keys()) if old.get(i) != new.get(i)]
    return plain + rules


def freeze(workspace: Workspace, slug: str) -> Session:
    """Freeze the scope as it stands; raises StateError naming the first thing that is missing."""
    session = sessions.get(workspace.store, slug)
    if session.frozen_at is not None:
        raise StateError(f"The scope was frozen on {session.frozen_at} already.", "")
    missing = blockers(session.scope)
    if missing:
        raise StateError(missing[0], "Complete the scope, then freeze it.")
    sessions.freeze(workspace.store, session.id, session.scope, workspace.who)
    return sessions.get(workspace.store, slug)


def blockers(scope: Scope) -> list[str]:
    """What keeps the scope from being frozen, a sentence each."""
    missing = []
    if not scope.task.strip():
        missing.append("The task is not described yet.")
    if not scope.intents:
        missing.append("No intent is in scope yet.")
    if not scope.rules:
        missing.append("There is no business rule yet: nothing could be judged.")
    return missing


def notes(scope: Scope) -> list[str]:
    """What deserves a look but stops nothing: rules the verdict cannot see, a missing cadence."""
    unseen = [rule.id for rule in scope.rules if not rule.assertions]
    found = [f"{rule} has no assertion: the verdict will not see it." for rule in unseen]
    cadence = scope.cadence
    if not (cadence.owner and cadence.interval_days and len(cadence.triggers) >= 2):
        found.append("The retraining cadence is not complete: the verdict cannot be SHIP.")
    return found


def with_rule(scope: Scope, rule: Rule) -> Scope:
    """The scope with this rule in the place of the one with its id, or added at the end."""
    if scope.rule(rule.id) is None:
        return msgspec.structs.replace(scope, rules=(*scope.rules, rule))
    rules = tuple(rule if r.id == rule.id else r for r in scope.rules)
    return msgspec.structs.replace(scope, rules=rules)


def without_rule(scope: Scope, rule_id: str) -> Scope:
    """The scope without the rule of this id."""
    return msgspec.structs.replace(scope, rules=tuple(r for r in scope.rules if r.id != rule_id))


def policy_prompt(scope: Scope) -> str:
    """The system prompt with every business rule in it: what the `prompted` arm is given."""
    rules = "\n".join(f"- {rule.text}" for rule in scope.rules)
    return f"{scope.system_prompt}\n\nOur terms:\n{rules}".strip()

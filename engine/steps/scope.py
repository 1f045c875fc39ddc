"""Step 1: seeing, editing, freezing the scope. Edits after the freeze are amendments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec

from engine import scope as scopes
from engine.errors import ScopeError, StateError
from engine.evaluation.assertions import require_valid
from engine.scope import Rule, Scope, scope_hash
from engine.steps.freezing import freeze_suites
from engine.store import cases, examples, freezes, sessions
from engine.store.freezes import Frozen
from engine.store.sessions import Amendment, Session
from engine.workspace import Workspace

TRIGGERS_NEEDED = 2


class Seen(msgspec.Struct, frozen=True):
    """Everything the operator sees of a scope."""

    session: Session
    amendments: tuple[Amendment, ...]
    cases: int
    """Held-out cases of the session."""
    cases_by_rule: dict[str, int]
    """How many of them carry an assertion of a rule."""
    frozen: tuple[Frozen, ...] = ()
    """Suites and held-out cases as they were frozen, and amended since."""


def see(workspace: Workspace, slug: str) -> Seen:
    """The scope of a session with its history and what it touches; raises NotFoundError."""
    session = sessions.get(workspace.store, slug)
    return Seen(
        session=session,
        amendments=tuple(sessions.amendments(workspace.store, session.id)),
        cases=cases.count(workspace.store, session.id),
        cases_by_rule=cases_by_rule(workspace, session),
        frozen=tuple(freezes.every(workspace.store, session.id)),
    )


def cases_by_rule(workspace: Workspace, session: Session) -> dict[str, int]:
    """How many held-out cases carry an assertion of each rule."""
    found: Counter[str] = Counter()
    for case in cases.every(workspace.store, session.id):
        found.update({a.rule for a in case.assertions if a.rule})
    return dict(found)


def examples_by_rule(workspace: Workspace, session: Session) -> dict[str, int]:
    """How many accepted examples answer by each rule: they state its fact and name its subject."""
    from engine.curation.propose import propose_assertions

    rules = session.scope.rules
    found: Counter[str] = Counter()
    for stored in examples.every(workspace.store, session.id, "accepted"):
        proposed = propose_assertions(stored.example.answer, rules)
        found.update({a.rule for a in proposed if a.rule})
    return dict(found)


def revise(
    workspace: Workspace, slug: str, edit: Callable[[Scope], Scope], *, reason: str = ""
) -> Session:
    """Apply an edit to the scope as the store has it now, so that nobody else's edit is lost.

    Raises what `save` raises.
    """
    with workspace.store.transaction():
        scope = sessions.get(workspace.store, slug).scope
        return save(workspace, slug, edit(scope), reason=reason)


def replace_whole(
    workspace: Workspace, slug: str, before: Scope, after: Scope, *, reason: str = ""
) -> Session:
    """Save a scope that was edited as a whole; StateError when `before` is no longer what stands.

    Raises what `save` raises.
    """

    def swap(now: Scope) -> Scope:
        if now != before:
            raise StateError(
                "The scope was changed elsewhere while you edited it.",
                "Open it again and put your changes in.",
            )
        return after

    return revise(workspace, slug, swap, reason=reason)


def save(workspace: Workspace, slug: str, scope: Scope, *, reason: str = "") -> Session:
    """Replace the scope. When it is frozen this is an amendment, which needs a reason.

    Raises ScopeError for a scope that contradicts itself, StateError for a frozen one without
    a reason.
    """
    problems = scopes.find_problems(scope)
    if problems:
        raise ScopeError(problems[0] + ".", "Correct it; nothing was saved.")
    require_assertions(scope)
    session = sessions.get(workspace.store, slug)
    if scope == session.scope:
        return session
    if session.frozen_at is not None:
        _amend(workspace, session, scope, reason)
    sessions.save_scope(workspace.store, session.id, scope)
    return sessions.get(workspace.store, slug)


def require_assertions(scope: Scope) -> None:
    """Raise ScopeError for the first assertion that could not be checked, naming its rule."""
    for rule in scope.rules:
        for assertion in rule.assertions:
            require_valid(msgspec.structs.replace(assertion, rule=rule.id))


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
    """Freeze the scope as it stands, with the suites that it names and the held-out cases.

    Raises StateError naming the first thing that is missing, NotFoundError for a missing suite.
    """
    session = sessions.get(workspace.store, slug)
    if session.frozen_at is not None:
        raise StateError(f"The scope was frozen on {session.frozen_at} already.", "")
    missing = blockers(session.scope)
    if missing:
        raise StateError(missing[0], "Complete the scope, then freeze it.")
    with workspace.store.transaction():
        freeze_suites(workspace, session)
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
    if not has_cadence(scope):
        found.append("The retraining cadence is not complete: the verdict cannot be SHIP.")
    return found


def has_cadence(scope: Scope) -> bool:
    """Whether the retraining cadence has all that its gate asks for."""
    cadence = scope.cadence
    parts = (cadence.owner, cadence.interval_days, cadence.data_source, cadence.rollback)
    return all(parts) and len(cadence.triggers) >= TRIGGERS_NEEDED


def with_rule(scope: Scope, rule: Rule) -> Scope:
    """The scope with this rule in the place of the one with its id, or added at the end."""
    if scope.rule(rule.id) is None:
        return msgspec.structs.replace(scope, rules=(*scope.rules, rule))
    rules = tuple(rule if r.id == rule.id else r for r in scope.rules)
    return msgspec.structs.replace(scope, rules=rules)


def without_rule(scope: Scope, rule_id: str) -> Scope:
    """The scope without the rule of this id."""
    return msgspec.structs.replace(scope, rules=tuple(r for r in scope.rules if r.id != rule_id))


def remember(workspace: Workspace, slug: str, place: dict[str, str | int]) -> None:
    """Note that the operator is on this step, and where; places on other steps stay."""
    session = sessions.get(workspace.store, slug)
    sessions.remember_place(workspace.store, session.id, 1, {**session.place, **place})


def next_rule_id(scope: Scope) -> str:
    """The first free id in the manner of the others: `R34` after `R33`."""
    taken = {rule.id for rule in scope.rules}
    number = len(taken) + 1
    while f"R{number:02d}" in taken:
        number += 1
    return f"R{number:02d}"


def policy_prompt(scope: Scope) -> str:
    """The system prompt with every business rule in it: what the `prompted` arm is given."""
    rules = "\n".join(f"- {rule.text}" for rule in scope.rules)
    return f"{scope.system_prompt}\n\nOur terms:\n{rules}".strip()

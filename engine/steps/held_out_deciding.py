"""Decisions about held-out cases: confirm, drop, put off, change assertions or the reference.

Each is one event with who and when, and one undo takes it back. After the seal none is possible.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from engine.errors import InputError, StateError
from engine.evaluation import assertions as judging
from engine.records import Assertion
from engine.steps.held_out import CaseCard, items, proposals
from engine.store import case_decisions, cases, sessions
from engine.store.case_decisions import CaseChange
from engine.store.cases import StoredCase
from engine.store.sessions import Session
from engine.workspace import Workspace

DropReason: TypeAlias = Literal[
    "wrong_reference", "unclear", "off_scope", "duplicate", "personal_data", "other"
]
DROP_REASONS: tuple[tuple[DropReason, str], ...] = (
    ("wrong_reference", "wrong reference"),
    ("unclear", "unclear question"),
    ("off_scope", "off scope"),
    ("duplicate", "duplicate"),
    ("personal_data", "personal data"),
    ("other", "other"),
)


def why_not_confirmed(card: CaseCard) -> str | None:
    """What keeps a case from being confirmed as it is, a sentence; None when nothing does."""
    case = card.stored.case
    on = [item for item in card.items if item.is_on]
    if not on and not (case.choices or case.text):
        return "No assertion counts: take one in, write one (n), or drop the case (x)."
    failing = next((item for item in on if item.problem), None)
    if failing is not None:
        return (
            f"The reference itself fails an assertion: it {failing.problem}."
            " Leave it out, or correct the reference."
        )
    return None


def confirm(workspace: Workspace, slug: str, case: int) -> None:
    """Stand behind the assertions that are in force. Raises StateError when they cannot be."""
    session, stored = _read(workspace, slug, case)
    why_not = why_not_confirmed(CaseCard(stored, items(stored, session.scope), (), ()))
    if why_not is not None:
        raise StateError(why_not, "")
    change = CaseChange(status="confirmed", confirmed=stored.case.assertions)
    _keep(workspace, session, case, "confirm", change)


def toggle(workspace: Workspace, slug: str, case: int, assertion: Assertion) -> None:
    """Leave an assertion out that is in force, or take in one that is not, as confirmed."""
    session, stored = _read(workspace, slug, case)
    order = [item.assertion for item in items(stored, session.scope)]
    now = stored.case.assertions
    if assertion in now:
        kept = tuple(a for a in now if a != assertion)
        confirmed = tuple(a for a in stored.confirmed if a != assertion)
        _keep(workspace, session, case, "exclude", _changed(stored, kept, confirmed))
        return
    if assertion not in order:
        raise InputError("This assertion is not one of the case's any more.", "Look at it again.")
    taken = tuple(a for a in order if a in now or a == assertion)
    change = _changed(stored, taken, (*stored.confirmed, assertion))
    _keep(workspace, session, case, "include", change)


def rewrite(
    workspace: Workspace, slug: str, case: int, old: Assertion | None, new: Assertion
) -> None:
    """Put an assertion in the place of another, or add one; a person wrote it, so it is confirmed.

    Raises ScopeError when it is not valid.
    """
    judging.require_valid(new)
    session, stored = _read(workspace, slug, case)
    present = stored.case.assertions
    put = [new if a == old else a for a in present]
    taken = tuple(dict.fromkeys(put if old in present else [*present, new]))
    confirmed = tuple(dict.fromkeys([*(a for a in stored.confirmed if a != old), new]))
    _keep(workspace, session, case, "rewrite", _changed(stored, taken, confirmed))


def edit_reference(workspace: Workspace, slug: str, case: int, reference: str) -> None:
    """Replace the reference answer. What a person stands behind stays; proposals are made anew."""
    if not reference.strip():
        raise InputError("A reference cannot be empty.", "Drop the case instead.")
    session, stored = _read(workspace, slug, case)
    before = msgspec.structs.replace(stored.case, reference=reference)
    given = stored.original.assertions if stored.is_given else ()
    kept = tuple(a for a in before.assertions if a in stored.confirmed or a in given)
    fresh = () if stored.is_given else tuple(p.assertion for p in proposals(before, session.scope))
    left_out = {p.assertion for p in proposals(stored.case, session.scope)} - {
        *stored.case.assertions
    }
    asserted = dict.fromkeys((*kept, *(a for a in fresh if a not in left_out)))
    body = msgspec.structs.replace(before, assertions=tuple(asserted))
    _keep(workspace, session, case, "reference", CaseChange(status="", body=body))


def drop(workspace: Workspace, slug: str, case: int, reason: DropReason) -> None:
    """Take a case out of the held-out set; it stays in the store, and can come back by undo."""
    session, _ = _read(workspace, slug, case)
    _keep(workspace, session, case, "drop", CaseChange(status="dropped"), reason)


def later(workspace: Workspace, slug: str, case: int) -> None:
    """Put a case behind all others that wait."""
    session, _ = _read(workspace, slug, case)
    _keep(workspace, session, case, "later", CaseChange(status="later"))


def undo(workspace: Workspace, slug: str) -> int | None:
    """Take back this operator's last decision about a case; answers the case."""
    session = sessions.get(workspace.store, slug)
    return case_decisions.undo(workspace.store, session.id, workspace.who)


def redo(workspace: Workspace, slug: str) -> int | None:
    """Decide again what was undone last; answers the case."""
    session = sessions.get(workspace.store, slug)
    return case_decisions.redo(workspace.store, session.id, workspace.who)


def _read(workspace: Workspace, slug: str, case: int) -> tuple[Session, StoredCase]:
    session = sessions.get(workspace.store, slug)
    return session, cases.get(workspace.store, session.id, case)


def _changed(
    stored: StoredCase, taken: tuple[Assertion, ...], confirmed: tuple[Assertion, ...]
) -> CaseChange:
    """A changed choice of assertions waits for the operator to move on with it."""
    body = msgspec.structs.replace(stored.case, assertions=taken)
    return CaseChange(status="", body=body, confirmed=confirmed)


def _keep(
    workspace: Workspace,
    session: Session,
    case: int,
    kind: case_decisions.Kind,
    change: CaseChange,
    reason: str = "",
) -> None:
    case_decisions.decide(workspace.store, session.id, workspace.who, case, kind, change, reason)

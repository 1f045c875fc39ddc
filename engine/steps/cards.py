"""The cards of step 2: a session's examples with what was found about them, ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from engine.curation.run import ABOUT_ONE, check_one
from engine.records import Finding, NumberedExample
from engine.steps import curate, sessions
from engine.store import cases, decisions, examples, findings
from engine.store import sessions as stored_sessions
from engine.store.connection import Store
from engine.store.decisions import Reason
from engine.store.examples import StoredExample
from engine.store.sessions import Session
from engine.workspace import Workspace

Decided: TypeAlias = Literal["accepted", "rejected"]


class Deck(msgspec.Struct, frozen=True):
    """All of a session that curation shows, read at one moment."""

    session: Session
    rows: tuple[StoredExample, ...]
    """Every example, in order of arrival."""
    findings: tuple[Finding, ...]
    queue: tuple[int, ...]
    """Ids of what waits for a decision, in the order in which it is best decided."""
    cases: int
    """Held-out cases there are."""
    last_reason: Reason | None
    """Why this operator rejected an example the last time."""


class Reviewed(msgspec.Struct, frozen=True):
    """Some examples as they are now, and all findings about them."""

    rows: tuple[StoredExample, ...]
    findings: tuple[Finding, ...]
    places: int = 0
    """How many places were redacted."""


def deal(workspace: Workspace, slug: str) -> Deck:
    """Read everything that the cards of a session show."""
    store = workspace.store
    session = stored_sessions.get(store, slug)
    return Deck(
        session=session,
        rows=tuple(examples.every(store, session.id)),
        findings=tuple(findings.every(store, session.id)),
        queue=tuple(curate.order_queue(workspace, slug)),
        cases=cases.count(store, session.id),
        last_reason=decisions.last_reason(store, session.id, workspace.who),
    )


def edit(workspace: Workspace, slug: str, example_id: int, answer: str) -> Reviewed:
    """Replace an answer, and check the example again."""
    curate.edit(workspace, slug, example_id, answer)
    return review(workspace, slug, [example_id])


def redact(workspace: Workspace, slug: str, example_id: int) -> Reviewed:
    """Redact an example, and check it again."""
    places = curate.redact(workspace, slug, example_id)
    return msgspec.structs.replace(review(workspace, slug, [example_id]), places=places)


def undo(workspace: Workspace, slug: str) -> Reviewed:
    """Take back the last decision, and check again what it had changed; empty when none is left."""
    return review(workspace, slug, curate.undo(workspace, slug))


def redo(workspace: Workspace, slug: str) -> Reviewed:
    """Decide again what was undone last, and check again what it changes; empty when none is."""
    return review(workspace, slug, curate.redo(workspace, slug))


def review(workspace: Workspace, slug: str, ids: Sequence[int]) -> Reviewed:
    """Check these examples again where their words have ever been changed."""
    store = workspace.store
    rows = tuple(examples.get(store, i) for i in ids)
    changed = [row for row in rows if row.part != "held_out" and _was_changed(store, row.id)]
    if changed:
        session = stored_sessions.get(store, slug)
        stored = [s for s in examples.every(store, session.id) if s.part != "held_out"]
        held_out = cases.every(store, session.id)
        for row in changed:
            numbered = NumberedExample(row.id, row.example)
            found = check_one(numbered, examples.numbered(stored), held_out, session.scope)
            checks = (*ABOUT_ONE, "conflict")
            findings.replace_about(store, session.id, row.id, checks, found)
    about = (f for i in ids for f in findings.about(store, i))
    return Reviewed(rows, tuple(dict.fromkeys(about)))


def _was_changed(store: Store, example_id: int) -> bool:
    """Also by an event that has been undone: the findings may still be about its words."""
    return any(d.kind in ("edit", "redact") for d in decisions.history(store, example_id))


def keep_place(workspace: Workspace, slug: str, example_id: int, words: str) -> None:
    """Note the card that is shown, and the filter, so that the next start comes back here."""
    session = stored_sessions.get(workspace.store, slug)
    place = {**session.place, "example": example_id, "filter": words}
    sessions.remember_place(workspace, slug, 2, place)

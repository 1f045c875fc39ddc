"""Examples whose words change, or change back: each is checked again and answered as a card."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.curation.run import ABOUT_ONE, check_one
from engine.records import Finding, NumberedExample
from engine.steps import curate
from engine.steps.cards import Card, in_order, with_findings
from engine.steps.rendering import scope_with_model
from engine.store import cases, decisions, examples, findings
from engine.store import sessions as stored_sessions
from engine.store.connection import Store
from engine.store.examples import StoredExample
from engine.workspace import Workspace


class Reviewed(msgspec.Struct, frozen=True):
    """Some cards as they are now."""

    cards: tuple[Card, ...]
    places: int = 0
    """How many places were redacted."""

    @property
    def rows(self) -> list[StoredExample]:
        """Their examples."""
        return [card.stored for card in self.cards]

    @property
    def findings(self) -> list[Finding]:
        """All findings about them, each once."""
        return list(dict.fromkeys(f for card in self.cards for f in card.findings))


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
    changed = [
        row
        for row in examples.some(store, ids).values()
        if row.part != "held_out" and _was_changed(store, row.id)
    ]
    if changed:
        from engine.steps import checking

        session = stored_sessions.get(store, slug)
        scope = scope_with_model(workspace, session)
        held_out = cases.every(store, session.id)
        for row in changed:
            numbered = NumberedExample(row.id, row.example)
            rivals = checking.rivals(store, session.id, row.id)
            found = check_one(numbered, rivals, held_out, scope)
            checks = (*ABOUT_ONE, "conflict")
            findings.replace_about(store, session.id, row.id, checks, found)
    return Reviewed(with_findings(store, in_order(examples.some(store, ids), ids)))


def _was_changed(store: Store, example_id: int) -> bool:
    """Also by an event that has been undone: the findings may still be about its words."""
    return any(d.kind in ("edit", "redact") for d in decisions.history(store, example_id))

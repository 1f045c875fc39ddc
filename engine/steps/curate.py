"""Step 2: checks, decisions, undo. The split and the seal are in `engine.steps.split`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from engine.curation import queue
from engine.errors import InputError, StateError
from engine.records import Finding
from engine.steps.rendering import scope_with_model
from engine.steps.split import SplitMade as SplitMade  # noqa: PLC0414
from engine.steps.split import split as split  # noqa: PLC0414
from engine.store import cases, decisions, examples, findings, sessions
from engine.store import queue as stored_queue
from engine.store.decisions import Act, Change, Decision, Kind, Reason
from engine.store.examples import Status, StoredExample
from engine.workspace import Workspace


class Dossier(msgspec.Struct, frozen=True):
    """Everything that is known about one example."""

    stored: StoredExample
    findings: tuple[Finding, ...]
    related: tuple[StoredExample, ...]
    """Other rows of its findings: duplicates and conflicting answers, nearest first."""
    history: tuple[Decision, ...]


class Progress(msgspec.Struct, frozen=True):
    """Where curation stands."""

    counts: dict[Status, int]
    by_intent: dict[str, tuple[int, int]]
    """Accepted and target per intent of the scope."""

    @property
    def total(self) -> int:
        """All examples."""
        return sum(self.counts.values())

    @property
    def decided(self) -> int:
        """Accepted and rejected together."""
        return self.counts["accepted"] + self.counts["rejected"]


def check(workspace: Workspace, slug: str, only: Sequence[str] = ()) -> list[Finding]:
    """Run the checks (or those named in `only`) over the session and keep what they find."""
    from engine.steps import checking

    session = sessions.get(workspace.store, slug)
    held_out = cases.every(workspace.store, session.id)
    scope = scope_with_model(workspace, session)
    checking.check(workspace.store, session.id, scope, held_out, only)
    rank(workspace, slug)
    found = findings.every(workspace.store, session.id)
    return [finding for finding in found if not only or finding.check in only]


def rank(workspace: Workspace, slug: str) -> None:
    """Put all examples into the order in which they are best decided; none is ever dropped."""
    session = sessions.get(workspace.store, slug)
    first = queue.urgent(findings.every(workspace.store, session.id))
    stored_queue.rank(workspace.store, session.id, first)


def progress(workspace: Workspace, slug: str) -> Progress:
    """Counts by status and balance against the scope's targets."""
    session = sessions.get(workspace.store, slug)
    accepted = examples.accepted_by_intent(workspace.store, session.id)
    return Progress(
        counts=examples.counts(workspace.store, session.id),
        by_intent={i.name: (accepted.get(i.name, 0), i.target) for i in session.scope.intents},
    )


def order_queue(workspace: Workspace, slug: str) -> list[int]:
    """Ids of all that wait for a decision, in the order that the last checks gave them."""
    session = sessions.get(workspace.store, slug)
    return stored_queue.waiting_ids(workspace.store, session.id)


MOST_RELATED = 30
"""Rows that a dossier tells in full; a cluster may name thousands."""


def dossier(workspace: Workspace, example_id: int) -> Dossier:
    """One example with its findings, related rows and history; raises NotFoundError."""
    stored = examples.get(workspace.store, example_id)
    about = findings.about(workspace.store, example_id)
    others = list(dict.fromkeys(i for f in about for i in f.examples if i != example_id))
    rows = examples.some(workspace.store, others[:MOST_RELATED])
    return Dossier(
        stored=stored,
        findings=tuple(about),
        related=tuple(rows[i] for i in others if i in rows),
        history=tuple(decisions.history(workspace.store, example_id)),
    )


def accept(workspace: Workspace, slug: str, ids: Sequence[int], seen: Status | None = None) -> None:
    """Accept examples, as one event.

    seen: the status that the person saw. Raises StateError when an example cannot be accepted as
    it is, or when its status is another one by now.
    """
    _refuse_blocked(workspace, ids)
    _set_status(workspace, slug, "accept", "accepted", ids, seen=seen)


def reject(
    workspace: Workspace,
    slug: str,
    ids: Sequence[int],
    reason: Reason,
    seen: Status | None = None,
) -> None:
    """Reject examples for one reason, as one event; see `accept`."""
    _set_status(workspace, slug, "reject", "rejected", ids, reason, seen)


def later(workspace: Workspace, slug: str, ids: Sequence[int]) -> None:
    """Put examples at the end of the queue; they are never lost."""
    _set_status(workspace, slug, "later", "later", ids)


def edit(workspace: Workspace, slug: str, example_id: int, answer: str) -> None:
    """Replace the final answer of an example; the original is kept."""
    _edit(workspace, slug, example_id, answer, "edit")


def redact(workspace: Workspace, slug: str, example_id: int) -> int:
    """Replace the personal data that can be recognised by labels; answers how many places."""
    from engine.curation.redact import public_words, redact_example

    session = sessions.get(workspace.store, slug)
    stored = examples.get(workspace.store, example_id)
    redacted, places = redact_example(stored.example, public_words(session.scope))
    if places:
        change = Change(body=redacted)
        decisions.decide(
            workspace.store, session.id, workspace.who, "redact", [(example_id, change)]
        )
    return places


def tag(workspace: Workspace, slug: str, example_id: int, tags: Sequence[str]) -> None:
    """Give an example these tags in place of those it has."""
    session = sessions.get(workspace.store, slug)
    change = Change(tags=tuple(tags))
    decisions.decide(workspace.store, session.id, workspace.who, "tag", [(example_id, change)])


def judge_again(workspace: Workspace, slug: str, example_id: int, reason: Reason | None) -> None:
    """Note a second opinion: accepted, or rejected for a reason. It changes nothing else."""
    session = sessions.get(workspace.store, slug)
    kind: Kind = "repeat_reject" if reason else "repeat_accept"
    decisions.decide(
        workspace.store, session.id, workspace.who, kind, [(example_id, Change())], reason or ""
    )


def settle(
    workspace: Workspace,
    slug: str,
    keep: Sequence[int],
    drop: Sequence[int],
    note: str = "",
    seen: Mapping[int, Status] = {},
) -> None:
    """Decide about conflicting answers as one event: some are kept, the others contradict them.

    note: what tells the kept ones apart, when more than one is. Raises StateError as `accept`.
    """
    _refuse_blocked(workspace, keep)
    session = sessions.get(workspace.store, slug)
    kept = [Act(i, "accept", Change(status="accepted"), note, seen.get(i)) for i in keep]
    dropped = [
        Act(i, "reject", Change(status="rejected"), "contradiction", seen.get(i)) for i in drop
    ]
    decisions.decide_together(workspace.store, session.id, workspace.who, [*kept, *dropped])


def undo(workspace: Workspace, slug: str) -> list[int]:
    """Take back this operator's last decision; answers the examples concerned."""
    session = sessions.get(workspace.store, slug)
    return decisions.undo(workspace.store, session.id, workspace.who)


def redo(workspace: Workspace, slug: str) -> list[int]:
    """Decide again what was undone last; answers the examples concerned."""
    session = sessions.get(workspace.store, slug)
    return decisions.redo(workspace.store, session.id, workspace.who)


def flag(workspace: Workspace, slug: str, example_id: int) -> bool:
    """Turn the flag of an example over; answers whether it is flagged now."""
    stored = examples.get(workspace.store, example_id)
    session = sessions.get(workspace.store, slug)
    change = Change(flagged=not stored.flagged)
    decisions.decide(workspace.store, session.id, workspace.who, "flag", [(example_id, change)])
    return not stored.flagged


def _set_status(
    workspace: Workspace,
    slug: str,
    kind: Literal["accept", "reject", "later"],
    status: Status,
    ids: Sequence[int],
    reason: str = "",
    seen: Status | None = None,
) -> None:
    session = sessions.get(workspace.store, slug)
    changes = [(i, Change(status=status)) for i in ids]
    decisions.decide(workspace.store, session.id, workspace.who, kind, changes, reason, seen)


def _refuse_blocked(workspace: Workspace, ids: Sequence[int]) -> None:
    blocked = findings.first_block(workspace.store, ids)
    if blocked is not None:
        example, finding = blocked
        remedy = "Edit it, or reject it." if finding.where == "answer" else "Reject it."
        raise StateError(
            f"Example #{example} cannot be accepted as it is: {finding.detail}.", remedy
        )


def _edit(
    workspace: Workspace, slug: str, example_id: int, answer: str, kind: Literal["edit", "redact"]
) -> None:
    if not answer.strip():
        raise InputError("An answer cannot be empty.", "Reject the example instead.")
    stored = examples.get(workspace.store, example_id)
    session = sessions.get(workspace.store, slug)
    *before, last = stored.example.messages
    turn = msgspec.structs.replace(last, content=answer)
    body = msgspec.structs.replace(stored.example, messages=(*before, turn))
    change = Change(body=body)
    decisions.decide(workspace.store, session.id, workspace.who, kind, [(example_id, change)])

"""Step 2: checks, decisions, undo. The split and the seal are in `engine.steps.split`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from engine.curation import queue
from engine.curation.run import run_checks
from engine.errors import InputError
from engine.records import Finding
from engine.steps.split import SplitMade as SplitMade  # noqa: PLC0414
from engine.steps.split import split as split  # noqa: PLC0414
from engine.store import cases, decisions, examples, findings, sessions
from engine.store.decisions import REASONS, Act, Change, Decision, Reason
from engine.store.examples import Status, StoredExample
from engine.workspace import Workspace


class Card(msgspec.Struct, frozen=True):
    """Everything the operator sees about one example."""

    stored: StoredExample
    findings: tuple[Finding, ...]
    related: tuple[StoredExample, ...]
    """The other rows of its findings: duplicates and conflicting answers, nearest first."""
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


def check(workspace: Workspace, slug: str) -> list[Finding]:
    """Run every check over the session's examples and keep what they find."""
    session = sessions.get(workspace.store, slug)
    stored = examples.every(workspace.store, session.id)
    # What became a held-out case would be found as a leak of itself.
    rows = examples.numbered(s for s in stored if s.part != "held_out")
    held_out = cases.every(workspace.store, session.id)
    found = run_checks(rows, held_out, session.scope)
    findings.replace(workspace.store, session.id, found)
    return found


def progress(workspace: Workspace, slug: str) -> Progress:
    """Counts by status and balance against the scope's targets."""
    session = sessions.get(workspace.store, slug)
    accepted = examples.accepted_by_intent(workspace.store, session.id)
    return Progress(
        counts=examples.counts(workspace.store, session.id),
        by_intent={i.name: (accepted.get(i.name, 0), i.target) for i in session.scope.intents},
    )


def order_queue(workspace: Workspace, slug: str) -> list[int]:
    """Ids of all examples in the order in which they are best decided; none is ever dropped."""
    session = sessions.get(workspace.store, slug)
    stored = examples.every(workspace.store, session.id)
    decided = {s.id for s in stored if s.status in ("accepted", "rejected")}
    later = [s.id for s in stored if s.status == "later"]
    found = findings.every(workspace.store, session.id)
    return queue.order(examples.numbered(stored), found, decided, later, {})


def card(workspace: Workspace, example_id: int) -> Card:
    """One example with its findings, related rows and history; raises NotFoundError."""
    stored = examples.get(workspace.store, example_id)
    about = findings.about(workspace.store, example_id)
    others = dict.fromkeys(i for f in about for i in f.examples if i != example_id)
    return Card(
        stored=stored,
        findings=tuple(about),
        related=tuple(examples.get(workspace.store, i) for i in others),
        history=tuple(decisions.history(workspace.store, example_id)),
    )


def accept(workspace: Workspace, slug: str, ids: Sequence[int]) -> None:
    """Accept examples, as one event."""
    _set_status(workspace, slug, "accept", "accepted", ids)


def reject(workspace: Workspace, slug: str, ids: Sequence[int], reason: Reason) -> None:
    """Reject examples for one reason, as one event."""
    _set_status(workspace, slug, "reject", "rejected", ids, reason)


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


def settle(
    workspace: Workspace, slug: str, keep: Sequence[int], drop: Sequence[int], note: str = ""
) -> None:
    """Decide about conflicting answers as one event: some are kept, the others contradict them.

    note: what tells the kept ones apart, when more than one is.
    """
    session = sessions.get(workspace.store, slug)
    kept = [Act(i, "accept", Change(status="accepted"), note) for i in keep]
    dropped = [Act(i, "reject", Change(status="rejected"), "contradiction") for i in drop]
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
) -> None:
    session = sessions.get(workspace.store, slug)
    changes = [(i, Change(status=status)) for i in ids]
    decisions.decide(workspace.store, session.id, workspace.who, kind, changes, reason)


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


class FiledDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a decisions file."""

    file: str
    line: int
    decision: Literal["accept", "reject", "later"]
    reason: Reason | Literal[""] = ""
    edit: str = ""
    """A new answer, set before the decision."""
    who: str = ""


def decide_from(workspace: Workspace, slug: str, path: Path) -> dict[str, int]:
    """Take over decisions from JSON lines, all or (after an error) none; answers their counts.

    Raises InputError naming file and line of the first line that cannot be used.
    """
    counts = {"accepted": 0, "rejected": 0, "later": 0, "edited": 0}
    session = sessions.get(workspace.store, slug)
    with workspace.store.transaction():
        for number, raw in enumerate(_lines(path), 1):
            where = f"{path}, line {number}"
            filed = _decode(raw, where)
            row = examples.find(workspace.store, session.id, filed.file, filed.line)
            actor = workspace.acting_as(filed.who)
            if filed.edit:
                edit(actor, slug, row.id, filed.edit)
                counts["edited"] += 1
            _apply(actor, slug, row.id, filed, where)
            counts[_STATUS[filed.decision]] += 1
    return counts


_STATUS = {"accept": "accepted", "reject": "rejected", "later": "later"}


def _apply(workspace: Workspace, slug: str, example: int, filed: FiledDecision, where: str) -> None:
    if filed.decision == "accept":
        accept(workspace, slug, [example])
    elif filed.decision == "later":
        later(workspace, slug, [example])
    elif filed.reason:
        reject(workspace, slug, [example], filed.reason)
    else:
        names = ", ".join(name for name, _ in REASONS)
        raise InputError(f"{where}: a rejection needs a reason.", f"Give one of {names}.")


def _decode(raw: bytes, where: str) -> FiledDecision:
    try:
        return msgspec.json.decode(raw, type=FiledDecision)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        hint = "Each line is an object with file, line, decision and, to reject, reason."
        raise InputError(f"{where}: {error}.", hint) from error


def _lines(path: Path) -> list[bytes]:
    try:
        return [line for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}.", "Give a file of JSON lines.") from error

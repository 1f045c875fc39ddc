"""Decisions from a file of JSON lines: bulk work, and what another tool decided."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import InputError, StateError
from engine.steps import curate, rework
from engine.store import examples, sessions
from engine.store.decisions import REASONS, Reason
from engine.workspace import Workspace


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

    Raises InputError (or StateError, where a row cannot be accepted as it is) naming file and line
    of the first line that cannot be used.
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
                rework.edit(actor, slug, row.id, filed.edit)
                counts["edited"] += 1
            _apply(actor, slug, row.id, filed, where)
            counts[_STATUS[filed.decision]] += 1
    return counts


_STATUS = {"accept": "accepted", "reject": "rejected", "later": "later"}


def _apply(workspace: Workspace, slug: str, example: int, filed: FiledDecision, where: str) -> None:
    if filed.decision == "accept":
        try:
            curate.accept(workspace, slug, [example])
        except StateError as error:
            raise StateError(f"{where}: {error.message}", error.hint) from error
    elif filed.decision == "later":
        curate.later(workspace, slug, [example])
    elif filed.reason:
        curate.reject(workspace, slug, [example], filed.reason)
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

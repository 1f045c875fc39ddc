"""Importing files into a session: every row taken, quarantined with its line, or skipped."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.curation.intents import propose_intent
from engine.curation.propose import propose_assertions
from engine.errors import IntakeError, StateError
from engine.intake import reader
from engine.intake.outcomes import Accepted, Format, Mapping, Preview, Quarantined, Skipped
from engine.records import Case, Example, Message
from engine.scope import Scope
from engine.store import cases, examples, sessions, sources
from engine.store.sources import Counts, Refused
from engine.workspace import Workspace


class Imported(msgspec.Struct, frozen=True):
    """What an import did; `counts.rows` is the sum of the others."""

    file: str
    format: str
    held_out: bool
    counts: Counts
    refused: tuple[Refused, ...]


class Look(msgspec.Struct, frozen=True):
    """What an import would do, for the operator to confirm on real rows."""

    path: Path
    held_out: bool
    """Whether the file is in strop's own format for held-out cases; nothing else fits it then."""
    preview: Preview
    counts: Counts
    """Of the whole file; rows that the session has already count as accepted here."""


def look(path: Path, mapping: Mapping | None = None) -> Look:
    """Read a whole file as an import would, and write nothing. Raises IntakeError."""
    _digest(path)
    if _holds_cases(path):
        found, refused = _read_cases(path)
        shown = tuple(_as_example(case) for case in found[:3])
        problems = tuple(Quarantined(r.line, r.reason, r.hint, r.raw) for r in refused[:3])
        preview = Preview("chat", Mapping(), (), shown, problems)
        return Look(path, True, preview, _counts((len(found), 0), refused))
    preview = reader.preview(reader.plan(path, None, mapping))
    kinds = Counter(type(item) for item in reader.read(path, preview.format, preview.mapping))
    taken, bad, skipped = kinds[Accepted], kinds[Quarantined], kinds[Skipped]
    return Look(path, False, preview, Counts(taken + bad + skipped, taken, bad, skipped, 0))


def _as_example(case: Case) -> Example:
    answer = Message("assistant", case.reference)
    return Example((*case.messages, answer), case.intent, origin=case.id)


def import_file(
    workspace: Workspace,
    slug: str,
    path: Path,
    *,
    file_format: Format | None = None,
    mapping: Mapping | None = None,
    held_out: bool = False,
) -> Imported:
    """Import one file, all of it or (after an error) nothing of it.

    Raises IntakeError when the file cannot be used at all, StateError when held-out cases come
    after the seal. Importing the same file twice adds nothing.
    """
    session = sessions.get(workspace.store, slug)
    if held_out and session.sealed_at is not None:
        raise StateError(
            f"The held-out set was sealed on {session.sealed_at}.",
            "New held-out cases need a new session.",
        )
    digest = _digest(path)
    if held_out and _holds_cases(path):
        return _import_cases(workspace, session.id, path, digest)
    name = file_format or reader.detect(path, mapping)
    refused: list[Refused] = []
    rows = _taken(reader.read(path, name, mapping), session.scope, refused)
    with workspace.store.transaction():
        source = sources.add(workspace.store, session.id, path.name, name, digest, held_out)
        if held_out:
            made = (_as_case(path.name, line, e, session.scope) for line, e in rows)
            added, known = cases.add(workspace.store, session.id, path.name, made)
        else:
            added, known = examples.add(workspace.store, session.id, source, path.name, rows)
        return _finish(workspace, source, (path.name, name, held_out), (added, known), refused)


def _finish(
    workspace: Workspace,
    source: int,
    file: tuple[str, str, bool],
    taken: tuple[int, int],
    refused: list[Refused],
) -> Imported:
    counts = _counts(taken, refused)
    sources.finish(workspace.store, source, counts, refused)
    return Imported(*file, counts, tuple(refused))


def _counts(taken: tuple[int, int], refused: list[Refused]) -> Counts:
    """taken: rows that were added, and those that were there already."""
    quarantined = sum(r.kind == "quarantined" for r in refused)
    return Counts(
        rows=sum(taken) + len(refused),
        accepted=taken[0],
        quarantined=quarantined,
        skipped=len(refused) - quarantined,
        duplicates_of_earlier=taken[1],
    )


def _taken(
    items: Iterator[Accepted | Quarantined | Skipped], scope: Scope, refused: list[Refused]
) -> Iterator[tuple[int, Example]]:
    """Pass on the rows that were accepted, with an intent; gather the others in `refused`."""
    for item in items:
        if isinstance(item, Accepted):
            example = item.example
            if not example.intent:
                intent = propose_intent(example, scope)
                example = msgspec.structs.replace(example, intent=intent)
            yield item.line, example
        elif isinstance(item, Quarantined):
            refused.append(Refused(item.line, "quarantined", item.reason, item.hint, item.raw))
        else:
            refused.append(Refused(item.line, "skipped", item.reason))


def _as_case(file: str, line: int, example: Example, scope: Scope) -> Case:
    """A held-out case of an ordinary example: assertions proposed from its facts and rules."""
    return case_of(f"{file}:{line}", example, scope)


def case_of(name: str, example: Example, scope: Scope, cluster: str = "") -> Case:
    """An example as a case: its last answer is the reference, what stands before it asks."""
    rules = [r for r in scope.rules if not r.intent or r.intent == example.intent]
    turns = tuple(m for m in example.messages[:-1] if m.role != "system")
    return Case(
        id=name,
        messages=turns,
        reference=example.answer,
        intent=example.intent,
        cluster=cluster or name,
        assertions=propose_assertions(example.answer, rules),
    )


def _holds_cases(path: Path) -> bool:
    """Whether the file is in strop's own format for cases: JSON lines with id and assertions."""
    try:
        with path.open("rb") as handle:
            first = msgspec.json.decode(handle.readline())
    except (OSError, msgspec.DecodeError):
        return False
    return isinstance(first, dict) and "id" in first and "assertions" in first


def _import_cases(workspace: Workspace, session: int, path: Path, digest: str) -> Imported:
    found, refused = _read_cases(path)
    with workspace.store.transaction():
        source = sources.add(workspace.store, session, path.name, "cases", digest, True)
        taken = cases.add(workspace.store, session, path.name, found)
        return _finish(workspace, source, (path.name, "cases", True), taken, refused)


def _read_cases(path: Path) -> tuple[list[Case], list[Refused]]:
    refused: list[Refused] = []
    found: list[Case] = []
    for line, raw in enumerate(path.read_bytes().splitlines(), 1):
        try:
            found.append(msgspec.json.decode(raw, type=Case))
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            hint = "A case needs id, messages and assertions; see docs/formats.md."
            shown = raw[:500].decode("utf-8", "replace")
            refused.append(Refused(line, "quarantined", str(error), hint, shown))
    return found, refused


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise IntakeError(f"{path}: {error.strerror}.", "Give a file that can be read.") from error

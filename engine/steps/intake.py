"""Importing files into a session: every row taken, quarantined with its line, or skipped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec

from engine.curation.intents import intent_proposer
from engine.errors import StateError
from engine.intake import reader
from engine.intake.outcomes import Accepted, Format, Mapping, Outcome, Preview, Quarantined, Skipped
from engine.intake.places import digest, locate
from engine.scope import Scope
from engine.steps.importing import (
    SHOWN,
    Imported,
    Meter,
    Progress,
    Watch,
    kind_of,
    refused_row,
    sum_up,
    with_intent,
)
from engine.steps.importing_cases import (
    as_example,
    case_of,
    holds_cases,
    import_cases,
    import_rows,
    read_cases,
)
from engine.store import examples, sessions, sources
from engine.store.sessions import Session
from engine.store.sources import Counts, SourceKey
from engine.store.staging import Head, Staging, bring, staging
from engine.workspace import Workspace

__all__ = ["Imported", "Look", "Progress", "Watch", "case_of", "import_file", "look"]

LOOK_ROWS = 20_000
"""Rows that a look reads; of longer files it shows the beginning."""
_CHUNK = 1_000


class Look(msgspec.Struct, frozen=True):
    """What an import would do, for the operator to confirm on real rows."""

    path: Path
    held_out: bool
    """Whether the file is in strop's own format for held-out cases; nothing else fits it then."""
    preview: Preview
    counts: Counts
    """Of the rows looked at; those that the session has already count as accepted here."""
    whole: bool = True
    """Whether all rows were looked at; of a long file only the beginning is."""
    skipped_as: dict[str, int] = {}


def look(path: Path, mapping: Mapping | None = None, file_format: Format | None = None) -> Look:
    """Read the beginning of a file (20,000 rows) as an import would, and write nothing.

    Raises IntakeError.
    """
    place = locate(path)
    if holds_cases(place):
        found, refused = read_cases(place)
        shown = tuple(as_example(case) for case in found[:3])
        problems = tuple(Quarantined(r.line, r.reason, r.hint, r.raw) for r in refused[:3])
        preview = Preview("chat", Mapping(), (), shown, problems)
        return Look(path, True, preview, sum_up(len(found), 0, Counter(r.kind for r in refused)))
    plan = reader.plan(path, file_format, mapping)
    rules: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    items = reader.outcomes(plan)
    for item in islice(items, LOOK_ROWS):
        kinds[kind_of(item)] += 1
        if isinstance(item, Skipped):
            rules[item.reason] += 1
    whole = next(items, None) is None
    counts = sum_up(kinds["accepted"], 0, kinds)
    return Look(path, False, reader.preview(plan), counts, whole, dict(rules))


def import_file(
    workspace: Workspace,
    slug: str,
    path: Path,
    *,
    file_format: Format | None = None,
    mapping: Mapping | None = None,
    held_out: bool = False,
    watch: Watch | None = None,
) -> Imported:
    """Import one file, all of it or (after an error, or when `watch` says stop) nothing of it.

    Raises IntakeError when the file cannot be used at all, StateError when held-out cases come
    after the seal or the import was stopped. Importing the same content twice adds nothing.
    """
    session = sessions.get(workspace.store, slug)
    if held_out and session.sealed_at is not None:
        raise StateError(
            f"The held-out set was sealed on {session.sealed_at}.",
            "New held-out cases need a new session.",
        )
    place = locate(path)
    if held_out and holds_cases(place):
        return import_cases(workspace, session.id, place)
    plan = reader.plan(path, file_format, mapping)
    meter = Meter(place.name, watch)
    if held_out:
        return import_rows(workspace, session, plan, meter)
    with staging(workspace.store) as aside:
        rules = _set_aside(aside, reader.outcomes(plan), session.scope, meter)
        head = _head(workspace, session, plan)
        refused = tuple(aside.refused(SHOWN))
        aside.seal(head)
    counts = bring(workspace.store, aside.path, meter.written)
    before = head.file if head.file != place.name else ""
    return Imported(place.name, plan.format, False, counts, refused, dict(rules), before)


def _head(workspace: Workspace, session: Session, plan: reader.Plan) -> Head:
    """What stands in the store of the file; the same content keeps the name it came under first."""
    name, sha256 = plan.place.name, digest(plan.place)
    file = sources.name_of(workspace.store, session.id, sha256, False) or name
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    return Head(SourceKey(session.id, name, sha256, at), file, plan.format)


def _set_aside(
    aside: Staging, items: Iterator[Outcome], scope: Scope, meter: Meter
) -> Counter[str]:
    """Read everything into the staging file; answers the skipped rows by rule."""
    propose = intent_proposer(scope)
    rules: Counter[str] = Counter()
    while chunk := list(islice(items, _CHUNK)):
        taken, refused = [], []
        for item in chunk:
            if isinstance(item, Accepted):
                example = with_intent(item.example, propose)
                taken.append((item.line, *examples.encoded(example)))
                continue
            refused.append(refused_row(item))
            if isinstance(item, Skipped):
                rules[item.reason] += 1
        aside.take(taken)
        aside.refuse(refused)
        meter.read(len(chunk))
    return rules

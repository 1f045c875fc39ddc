"""Held-out cases: taken as they are from strop's own format, or made of ordinary rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from engine.curation.intents import intent_proposer
from engine.curation.propose import propose_assertions
from engine.errors import IntakeError
from engine.intake import reader
from engine.intake.lines import read_raw_lines
from engine.intake.outcomes import Accepted
from engine.intake.places import Place, digest
from engine.intake.rows import quarantine
from engine.records import Case, Example, Message
from engine.scope import Scope
from engine.steps.importing import SHOWN, Imported, Meter, refused_row, sum_up, with_intent
from engine.store import cases, sources
from engine.store.sessions import Session
from engine.store.sources import Refused
from engine.workspace import Workspace


def import_rows(
    workspace: Workspace, session: Session, plan: reader.Plan, meter: Meter
) -> Imported:
    """Ordinary rows as held-out cases; there are never many, so one transaction holds them all."""
    refused: list[Refused] = []
    sha256 = digest(plan.place)
    name = plan.place.name
    file = sources.name_of(workspace.store, session.id, sha256, True) or name
    propose = intent_proposer(session.scope)

    def made() -> Iterator[Case]:
        for item in reader.outcomes(plan):
            meter.read(1)
            if isinstance(item, Accepted):
                example = with_intent(item.example, propose)
                yield _as_case(file, item.line, example, session.scope)
            else:
                refused.append(refused_row(item))

    with workspace.store.transaction():
        source = sources.add(workspace.store, session.id, name, plan.format, sha256, True)
        taken = cases.add(workspace.store, session.id, file, made())
        return _finish(workspace, source, (name, plan.format), taken, refused)


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


def holds_cases(place: Place) -> bool:
    """Whether the file is in strop's own format for cases: JSON lines with id and assertions."""
    try:
        _, raw, _ = next(read_raw_lines(place.path))
        first = msgspec.json.decode(raw)
    except (IntakeError, StopIteration, ValueError, msgspec.DecodeError, RecursionError):
        return False
    return isinstance(first, dict) and "id" in first and "assertions" in first


def import_cases(workspace: Workspace, session: int, place: Place) -> Imported:
    """Import a file in strop's own format, all of it or nothing."""
    found, refused = read_cases(place)
    with workspace.store.transaction():
        source = sources.add(workspace.store, session, place.name, "cases", digest(place), True)
        taken = cases.add(workspace.store, session, place.name, found)
        return _finish(workspace, source, (place.name, "cases"), taken, refused)


def read_cases(place: Place) -> tuple[list[Case], list[Refused]]:
    """Cases, and lines that hold none, of a file in strop's own format."""
    refused: list[Refused] = []
    found: list[Case] = []
    hint = "A case needs id, messages and assertions; see docs/formats.md."
    for line, raw, flaw in read_raw_lines(place.path):
        if not raw.strip() and not flaw:
            refused.append(Refused(line, "skipped", "blank line"))
            continue
        try:
            found.append(msgspec.json.decode(raw, type=Case))
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            item = quarantine(line, flaw or str(error), hint, raw[:2000].decode(errors="replace"))
            refused.append(refused_row(item))
    return found, refused


def as_example(case: Case) -> Example:
    """A case as a preview shows it: its reference is the answer."""
    answer = Message("assistant", case.reference)
    return Example((*case.messages, answer), case.intent, origin=case.id)


def _finish(
    workspace: Workspace,
    source: int,
    file: tuple[str, str],
    taken: tuple[int, int],
    refused: list[Refused],
) -> Imported:
    counts = sum_up(*taken, Counter(r.kind for r in refused))
    sources.finish(workspace.store, source, counts, refused)
    rules = Counter(r.reason for r in refused if r.kind == "skipped")
    return Imported(*file, True, counts, tuple(refused[:SHOWN]), dict(rules))

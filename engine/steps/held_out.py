"""Step 2, the held-out cases as cards: what each must say, and what strop proposes that it says.

What is decided about them is in `engine.steps.held_out_deciding`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from engine.curation.propose import Proposal, propose
from engine.curation.run import run_checks
from engine.errors import ScopeError, StateError
from engine.evaluation import assertions as judging
from engine.records import Assertion, Case, Example, Finding, Message, NumberedExample
from engine.scope import Scope
from engine.store import case_decisions, cases, sessions
from engine.store.case_decisions import CaseDecision
from engine.store.cases import CaseStatus, StoredCase
from engine.store.sessions import Session
from engine.workspace import Workspace

Standing: TypeAlias = Literal["given", "proposed", "confirmed", "left_out"]
"""given: it came with the case; proposed: strop's own idea, in force until somebody looks;
confirmed: a person wants it; left_out: it judges nothing."""
CHECKED = (
    "schema",
    "contradiction",
    "secret",
    "personal_data",
    "off_scope",
    "stale_date",
    "mojibake",
)
"""Checks that can say something of a question with its reference answer."""


class Item(msgspec.Struct, frozen=True):
    """One assertion of a case, in force or only on offer."""

    assertion: Assertion
    standing: Standing
    reason: str
    """Why strop proposes it; empty when it does not."""
    problem: str
    """Why the reference itself fails it; empty when it passes or there is none."""

    @property
    def is_on(self) -> bool:
        """Whether it judges answers."""
        return self.standing != "left_out"


class Line(msgspec.Struct, frozen=True):
    """A case in the list; nothing of its text, so that it can be listed after the seal."""

    id: int
    name: str
    intent: str
    status: CaseStatus
    is_backed: bool
    """A person stands behind at least one of its assertions."""
    is_judged: bool
    """There is something to pass or fail."""


class HeldOut(msgspec.Struct, frozen=True):
    """The held-out cases of a session."""

    session: Session
    lines: tuple[Line, ...]
    """Those that wait first, then those put off, then the confirmed, the dropped at the end."""

    @property
    def is_sealed(self) -> bool:
        """Whether they stay as they are, and each opening is counted."""
        return self.session.sealed_at is not None

    def count(self, status: CaseStatus) -> int:
        """How many have a status."""
        return sum(line.status == status for line in self.lines)

    @property
    def unbacked(self) -> int:
        """Cases that rest on strop's proposals alone, or on nothing."""
        return sum(not line.is_backed for line in self.lines if line.status != "dropped")


class CaseCard(msgspec.Struct, frozen=True):
    """Everything an operator sees of one case."""

    stored: StoredCase
    items: tuple[Item, ...]
    findings: tuple[Finding, ...]
    """What the checks say of question and reference; leaks name the examples."""
    history: tuple[CaseDecision, ...]


class Sight(msgspec.Struct, frozen=True):
    """A case of the list, and its card where it may be seen."""

    line: Line
    card: CaseCard | None
    """None when the case is sealed and this person has not opened it."""


_ORDER: dict[CaseStatus, int] = {"": 0, "later": 1, "confirmed": 2, "dropped": 3}


def overview(workspace: Workspace, slug: str) -> HeldOut:
    """The cases in the order in which they are best looked at."""
    session = sessions.get(workspace.store, slug)
    found = cases.stored(workspace.store, session.id)
    found.sort(key=lambda s: (_ORDER[s.status], s.put_off, s.id))
    return HeldOut(session, tuple(map(_line, found)))


def look(workspace: Workspace, slug: str, case: int) -> Sight:
    """One case as far as it may be seen; nothing is counted."""
    session = sessions.get(workspace.store, slug)
    stored = cases.get(workspace.store, session.id, case)
    is_open = _is_open(workspace, session, stored)
    return Sight(_line(stored), card(workspace, slug, case) if is_open else None)


def _is_open(workspace: Workspace, session: Session, stored: StoredCase) -> bool:
    """Before the seal, and after it for whoever has opened the case."""
    return session.sealed_at is None or sessions.has_looked(
        workspace.store, session.id, workspace.who, _opening(stored)
    )


def _line(stored: StoredCase) -> Line:
    case = stored.case
    judged = bool(case.text) or judging.can_be_judged(case)
    return Line(stored.id, case.id, case.intent, stored.status, stored.is_backed, judged)


def card(workspace: Workspace, slug: str, case: int) -> CaseCard:
    """One case. Raises StateError when it is sealed and this person has not opened it."""
    session = sessions.get(workspace.store, slug)
    stored = cases.get(workspace.store, session.id, case)
    if not _is_open(workspace, session, stored):
        raise StateError(
            f"Case {stored.case.id} is sealed.", "Opening it is counted in the report."
        )
    return CaseCard(
        stored,
        items(stored, session.scope),
        _findings(workspace, session, stored),
        tuple(case_decisions.history(workspace.store, case)),
    )


def open_sealed(workspace: Workspace, slug: str, case: int) -> Sight:
    """Open a case after the seal: it is counted, once a person and case."""
    session = sessions.get(workspace.store, slug)
    stored = cases.get(workspace.store, session.id, case)
    if not _is_open(workspace, session, stored):
        sessions.add_look(workspace.store, session.id, workspace.who, _opening(stored))
    return look(workspace, slug, case)


def _opening(stored: StoredCase) -> str:
    return f"held-out case {stored.case.id}"


def items(stored: StoredCase, scope: Scope) -> tuple[Item, ...]:
    """Every assertion of a case, in an order that no decision changes: those that came with it,
    those that strop proposes, those that somebody wrote.
    """
    case = stored.case
    reasons = {p.assertion: p.reason for p in proposals(case, scope)}
    known = dict.fromkeys((*stored.original.assertions, *reasons, *case.assertions))
    return tuple(
        Item(a, _standing(a, stored), reasons.get(a, ""), _problem(a, case)) for a in known
    )


def proposals(case: Case, scope: Scope) -> tuple[Proposal, ...]:
    """What the reference and the rules for its intent suggest; nothing without a reference."""
    rules = [r for r in scope.rules if not r.intent or r.intent == case.intent]
    return propose(case.reference, rules) if case.reference else ()


def _standing(assertion: Assertion, stored: StoredCase) -> Standing:
    if assertion not in stored.case.assertions:
        return "left_out"
    if assertion in stored.confirmed:
        return "confirmed"
    is_given = stored.is_given and assertion in stored.original.assertions
    return "given" if is_given else "proposed"


def _problem(assertion: Assertion, case: Case) -> str:
    if not case.reference:
        return ""
    try:
        outcome = judging.check(assertion, case.reference, case.reference)
    except ScopeError as error:
        return error.message
    return "" if outcome.passed else outcome.reason


def _findings(workspace: Workspace, session: Session, stored: StoredCase) -> tuple[Finding, ...]:
    case = stored.case
    said = (*case.messages, Message("assistant", case.reference))
    row = NumberedExample(0, Example(said, case.intent))
    found = run_checks([row], [], session.scope, CHECKED) if case.reference else []
    leaks = cases.leaks(workspace.store, session.id, case.id)
    return (*found, *leaks)

"""What the screen of held-out cases says."""

from __future__ import annotations

import msgspec

from engine.records import Assertion
from engine.steps.held_out import CaseCard, Item, Standing
from engine.steps.held_out_deciding import DROP_REASONS
from engine.store.cases import CaseStatus
from screens.compare_parts.words import wanted_words
from screens.curate_parts.words import counted
from screens.held_out_parts.shelf import Shelf

SAID: dict[CaseStatus, str] = {
    "": "",
    "confirmed": "confirmed",
    "later": "put off",
    "dropped": "dropped",
}
MARKS: dict[Standing, str] = {
    "given": "[x]",
    "confirmed": "[x]",
    "proposed": "[?]",
    "left_out": "[ ]",
}
EVENTS = {
    "confirm": "confirmed",
    "drop": "dropped",
    "later": "put off",
    "include": "took an assertion in",
    "exclude": "left an assertion out",
    "rewrite": "wrote an assertion",
    "reference": "corrected the reference",
}


def wants(assertion: Assertion) -> str:
    """What an assertion asks for, as a sentence goes on: `says 45 days, critical`."""
    unit = assertion.unit
    if unit and assertion.value != 1 and not unit.endswith(("s", "percent")):
        assertion = msgspec.structs.replace(assertion, unit=f"{unit}s")
    return wanted_words(assertion)


def standing_words(item: Item) -> str:
    """Whose idea an assertion is."""
    if item.standing == "left_out":
        return "does not count"
    if item.standing == "given":
        return "came with the case"
    return "confirmed" if item.standing == "confirmed" else "proposed"


def summary(shelf: Shelf) -> str:
    """How far the cases are, in one line."""
    if shelf.is_sealed:
        return f"{counted(len(shelf.lines), 'held-out case')}, sealed"
    parts = [counted(len(shelf.lines) - shelf.count("dropped"), "held-out case")]
    parts.append(f"{shelf.waiting} to look at")
    if shelf.count("dropped"):
        parts.append(f"{shelf.count('dropped')} dropped")
    if shelf.unbacked:
        verb = "rests" if shelf.unbacked == 1 else "rest"
        parts.append(f"{shelf.unbacked} {verb} on proposals alone")
    return ", ".join(parts)


def reason_lines() -> list[str]:
    """The reasons for which a case is dropped, with their digits, in two lines."""
    cells = [f"{n} {said:<22}" for n, (_, said) in enumerate(DROP_REASONS, 1)]
    return [f"   {''.join(cells[row::2])}".rstrip() for row in range(2)]


def all_looked_at(shelf: Shelf) -> str:
    """When a decision leaves nothing that waits."""
    rest = f" {shelf.unbacked} rest on proposals alone." if shelf.unbacked else ""
    return f"Every held-out case has been looked at.{rest} h goes back to the examples."


def in_full(card: CaseCard) -> str:
    """Where a case comes from, what it was and what was decided about it."""
    stored = card.stored
    case = stored.case
    told = [f"{case.id}, from {stored.origin}", f"Intent: {case.intent or 'none'}"]
    if case.cluster and case.cluster != case.id:
        told.append(f"One of the paraphrases {case.cluster}: they count as one in the statistics.")
    if case.tags:
        told.append(f"Tags: {', '.join(case.tags)}")
    told += ["", "Question", *(f"{m.role}: {m.content}" for m in case.messages)]
    told += ["", "Reference", case.reference or "none"]
    if stored.original.reference != case.reference:
        told += ["", "Reference as it came", stored.original.reference or "none"]
    told += ["", "Decisions", *(_event(card) or ["none"])]
    return "\n".join(told)


def _event(card: CaseCard) -> list[str]:
    reasons: dict[str, str] = dict(DROP_REASONS)
    return [
        f"{event.at[:16].replace('T', ' ')}  {event.who} {EVENTS[event.kind]}"
        f"{f': {reasons.get(event.reason, event.reason)}' if event.reason else ''}"
        f"{', taken back' if event.undone else ''}"
        for event in card.history
    ]

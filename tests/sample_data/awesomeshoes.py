"""The files of the AwesomeShoes Co. session, read once, for the tests of what they hold."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from engine.evaluation.assertions import judge
from engine.intake import reader
from engine.intake.outcomes import Accepted, Quarantined
from engine.records import Answer, Case, Example
from engine.scope import Scope, from_toml
from sample_data import FOLDER

HOME = FOLDER / "awesomeshoes"
FILES = ("chats.jsonl", "transcripts.txt", "turns.csv")

S = TypeVar("S", bound=msgspec.Struct)

NEAR = 0.7
"""Character 5-gram Jaccard from which two questions count as much alike."""


class Place(msgspec.Struct, frozen=True):
    """A row of a file, named by the line where it starts."""

    file: str
    line: int


class Planted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of planted.jsonl."""

    file: str
    line: int
    check: str
    note: str
    rule: str = ""
    partner: Place | None = msgspec.field(name="with", default=None)

    @property
    def place(self) -> Place:
        return Place(self.file, self.line)


class Filed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of decisions.jsonl."""

    file: str
    line: int
    decision: Literal["accept", "reject"]
    who: str
    reason: Literal[
        "",
        "wrong_fact",
        "contradiction",
        "unsafe",
        "personal_data",
        "tone",
        "off_scope",
        "incomplete",
        "duplicate",
        "other",
    ] = ""
    edit: str = ""


@cache
def the_scope() -> Scope:
    return from_toml((HOME / "scope.toml").read_text(encoding="utf-8"))


@cache
def imported() -> dict[Place, Example]:
    rows = ((f, o) for f in FILES for o in reader.read(HOME / "raw" / f) if isinstance(o, Accepted))
    return {Place(file, outcome.line): outcome.example for file, outcome in rows}


@cache
def quarantined() -> frozenset[Place]:
    rows = ((f, o) for f in FILES for o in reader.read(HOME / "raw" / f))
    return frozenset(Place(f, o.line) for f, o in rows if isinstance(o, Quarantined))


@cache
def planted() -> tuple[Planted, ...]:
    return tuple(_lines(HOME / "planted.jsonl", Planted))


@cache
def decisions() -> dict[Place, Filed]:
    return {Place(d.file, d.line): d for d in _lines(HOME / "decisions.jsonl", Filed)}


@cache
def cases() -> tuple[Case, ...]:
    return tuple(_lines(HOME / "held_out.jsonl", Case))


def clean() -> dict[Place, Example]:
    faulty = {p.place for p in planted()}
    return {place: row for place, row in imported().items() if place not in faulty}


def learned() -> dict[Place, tuple[str, str]]:
    """Question and final answer of the accepted rows, edits applied."""
    kept = {p: d for p, d in decisions().items() if d.decision == "accept"}
    return {p: (imported()[p].prompt, d.edit or imported()[p].answer) for p, d in kept.items()}


def likeness(one: str, other: str) -> float:
    a, b = _shingles(one), _shingles(other)
    return len(a & b) / len(a | b)


@cache
def _shingles(text: str) -> frozenset[str]:
    plain = " ".join(text.lower().split())
    return frozenset(plain[i : i + 5] for i in range(max(1, len(plain) - 4)))


def _lines(path: Path, kind: type[S]) -> list[S]:
    return [msgspec.json.decode(line, type=kind) for line in path.read_bytes().splitlines()]


def failed(case: Case, text: str) -> list[str]:
    """What an answer did wrong, in the checker's words."""
    judged = judge(case, Answer(suite="domain", case=case.id, arm="tuned", text=text))
    return [] if judged.passed else [o.reason for o in judged.outcomes if not o.passed] or ["?"]

"""Made-up businesses with their rules: clean questions and answers, their amounts drawn afresh."""

from __future__ import annotations

from pathlib import Path
from random import Random

import msgspec

from engine.records import Assertion, Example, Message
from engine.scope import Intent, Rule, Scope

NAMES = ("bank", "clinic", "telecom")


class Clean(msgspec.Struct, frozen=True):
    """A right answer, with the rule it follows and what that rule forbids to promise."""

    example: Example
    rule: Rule
    forbidden: tuple[str, ...] = ()


class Domain(msgspec.Struct, frozen=True):
    """A scope, and clean rows by it."""

    scope: Scope
    rows: tuple[Clean, ...]


class _Written(msgspec.Struct, frozen=True):
    """A rule of a file, with what is asked and answered by it."""

    id: str
    title: str
    text: str
    intent: str
    entity: str
    keywords: tuple[str, ...]
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    kind: str = "fact"
    condition: str = ""
    facts: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    critical: bool = False

    def rule(self) -> Rule:
        """The rule alone."""
        asked_only = ("questions", "answers", "forbidden")
        plain = {n: getattr(self, n) for n in self.__struct_fields__ if n not in asked_only}
        return msgspec.convert(msgspec.to_builtins(plain), Rule)


class _File(msgspec.Struct, frozen=True):
    draw: dict[str, str]
    """By name: `10..59`, or the values to choose from."""
    intents: tuple[Intent, ...]
    rules: tuple[_Written, ...]


def draw_domain(name: str, draw: Random) -> Domain:
    """A domain of `NAMES` with amounts of its own; no two of them are equal."""
    text = (Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8")
    taken: set[str] = set()
    for key, choices in msgspec.toml.decode(text, type=_File).draw.items():
        value = _value(choices, taken, draw)
        taken.add(value)
        text = text.replace(f"{{{key}}}", value)
    written = msgspec.toml.decode(text, type=_File)
    rules = [(w, w.rule()) for w in written.rules]
    scope = Scope(
        name,
        task="Answer by our terms.",
        intents=written.intents,
        rules=tuple(rule for _, rule in rules),
    )
    rows = tuple(
        Clean(_example(question, answer, rule), rule, w.forbidden)
        for w, rule in rules
        for question in w.questions
        for answer in w.answers
    )
    return Domain(scope, rows)


def _value(choices: str, taken: set[str], draw: Random) -> str:
    low, dots, high = choices.partition("..")
    values = [str(n) for n in range(int(low), int(high) + 1)] if dots else choices.split()
    return draw.choice([v for v in values if v not in taken])


def _example(question: str, answer: str, rule: Rule) -> Example:
    turns = (Message("user", question), Message("assistant", answer))
    return Example(turns, intent=rule.intent)

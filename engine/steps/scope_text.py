"""Parts of a scope as an operator types them: lists, intents, triggers, assertions, percents.

Each pair of functions is an exact round trip. What cannot be read raises ScopeError with its line.
"""

from __future__ import annotations

import csv
import json
import math
import re
import tomllib
from collections.abc import Iterable, Sequence
from typing import get_args

import msgspec

from engine.errors import ScopeError
from engine.evaluation.assertions import require_valid
from engine.records import Assertion, AssertionKind
from engine.scope import Changes, Intent, Person, RuleKind, Trigger

CHANGES: tuple[str, ...] = get_args(Changes)
RULE_KINDS: tuple[str, ...] = get_args(RuleKind)
ASSERTION_KINDS: tuple[str, ...] = get_args(AssertionKind)

_INTENT = re.compile(r"(?P<name>[^:]*?)(?:\s+(?P<target>\d+))?\s*(?::(?P<words>.*))?")
_TRIGGER = re.compile(
    r"(?P<metric>.+)>\s*(?P<above>-?[\d.]+(?:e[+-]?\d+)?)\s*(?P<percent>%?)(?:\s+over\s(?P<window>.*))?"
)


def write_list(values: Iterable[str]) -> str:
    """`send back, "1,200 dollars"`: values with commas or quotation marks stand in quotes."""
    return ", ".join(_quoted(value) if set(value) & set(',"') else value for value in values)


def _quoted(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def read_list(text: str) -> tuple[str, ...]:
    """Values parted by commas, each once, blanks around them taken off."""
    rows = csv.reader([" ".join(text.splitlines())], skipinitialspace=True)
    values = (value.strip() for row in rows for value in row)
    return tuple(dict.fromkeys(value for value in values if value))


def write_lines(values: Iterable[str]) -> str:
    """One a line."""
    return "\n".join(values)


def read_lines(text: str) -> tuple[str, ...]:
    """One a line; blank lines are nothing."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def write_intents(intents: Iterable[Intent]) -> str:
    """`returns 60: send back, return` a line."""
    return "\n".join(_write_intent(intent) for intent in intents)


def _write_intent(intent: Intent) -> str:
    words = f": {write_list(intent.keywords)}" if intent.keywords else ""
    return f"{intent.name} {intent.target}{words}"


def read_intents(text: str) -> tuple[Intent, ...]:
    """Intents, one a line: a name, a target, and keywords after a colon."""
    return tuple(_read_intent(number, line) for number, line in _numbered(text))


def _read_intent(number: int, line: str) -> Intent:
    found = _INTENT.fullmatch(line)
    if found is None or not found["name"].strip():
        raise _wrong(number, line, "an intent is a name, a number, and keywords after a colon")
    return Intent(found["name"].strip(), int(found["target"] or 0), read_list(found["words"] or ""))


def write_triggers(triggers: Iterable[Trigger]) -> str:
    """`share of audited answers with an error > 0.08 over 50 tickets a week` a line."""
    return "\n".join(
        f"{t.metric} > {t.above!r}" + (f" over {t.window}" if t.window else "") for t in triggers
    )


def read_triggers(text: str) -> tuple[Trigger, ...]:
    """Triggers, one a line: what is measured > a limit over what; `8 %` is 0.08."""
    return tuple(_read_trigger(number, line) for number, line in _numbered(text))


def _read_trigger(number: int, line: str) -> Trigger:
    found = _TRIGGER.fullmatch(line)
    if found is None or not found["metric"].strip():
        raise _wrong(number, line, "a trigger is `what is measured > 0.08 over 50 tickets a week`")
    try:
        above = float(found["above"]) / (100 if found["percent"] else 1)
    except ValueError as error:
        raise _wrong(number, line, f"{found['above']} is no number") from error
    return Trigger(found["metric"].strip(), above, (found["window"] or "").strip())


def write_people(people: Iterable[Person]) -> str:
    """`Ines Aldana: model adaptation lead` a line."""
    return "\n".join(f"{p.name}: {p.role}" if p.role else p.name for p in people)


def read_people(text: str) -> tuple[Person, ...]:
    """People, one a line: a name, a colon, a role."""
    return tuple(_read_person(number, line) for number, line in _numbered(text))


def _read_person(number: int, line: str) -> Person:
    name, _, role = line.partition(":")
    if not name.strip():
        raise _wrong(number, line, "a person has a name, then a colon and a role")
    return Person(name.strip(), role.strip())


def write_assertions(assertions: Sequence[Assertion], rule_id: str) -> str:
    """`kind = "number", value = 45, unit = "days"` a line; the rule's own id is left out."""
    return "\n".join(_write_assertion(assertion, rule_id) for assertion in assertions)


def _write_assertion(assertion: Assertion, rule_id: str) -> str:
    fields = msgspec.to_builtins(assertion)
    if assertion.rule == rule_id:
        del fields["rule"]
    elif not assertion.rule:
        fields["rule"] = ""
    return ", ".join(f"{name} = {_toml(value)}" for name, value in fields.items())


def _toml(value: object) -> str:
    """One value; texts in single quotes where that needs no escapes, as patterns read best."""
    if isinstance(value, str):
        plain = value.isprintable() and "'" not in value
        return f"'{value}'" if plain and "\\" in value else _basic(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    whole = isinstance(value, float) and value.is_integer()
    return f"{value:.0f}" if whole else json.dumps(value)


def _basic(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_assertions(text: str, rule_id: str) -> tuple[Assertion, ...]:
    """Assertions, one a line, as the inside of a TOML inline table; checked as the verdict would.

    An assertion without `rule` stands for the rule it is written under.
    """
    return tuple(_read_assertion(number, line, rule_id) for number, line in _numbered(text))


def _read_assertion(number: int, line: str, rule_id: str) -> Assertion:
    inside = line.removeprefix("{").removesuffix("}") if line.startswith("{") else line
    try:
        table = tomllib.loads(f"a = {{ {inside.rstrip(', ')} }}")["a"]
        if table.get("kind") not in ASSERTION_KINDS:
            kinds = ", ".join(ASSERTION_KINDS)
            raise ScopeError(f"kind {table.get('kind', '')!r} is none of {kinds}")
        assertion = msgspec.convert({"rule": rule_id, **table}, Assertion)
        require_valid(assertion)
    except tomllib.TOMLDecodeError as error:
        what = str(error).partition(" (at line")[0]
        raise _wrong(number, line, f'{what}; write kind = "number", value = 45') from error
    except msgspec.ValidationError as error:
        raise _wrong(number, line, str(error)) from error
    except ScopeError as error:
        raise _wrong(number, line, error.message.rstrip(".")) from error
    return assertion


def write_percent(share: float) -> str:
    """`25` for 0.25."""
    return f"{share * 100:.10g}"


def read_percent(text: str) -> float:
    """0.25 for `25` or `25 %`; raises ScopeError outside 0 to 100, and for a likely slip."""
    number = read_number(text.strip().removesuffix("%"))
    if 0 < number < 1:
        raise ScopeError(f"{number:g} % is less than one in a hundred: write 25 for a quarter")
    if not 0 <= number <= 100:
        raise ScopeError(f"{number:g} % is not between 0 and 100")
    return number / 100


def read_number(text: str) -> float:
    """A finite number; raises ScopeError."""
    try:
        number = float(text.strip())
    except ValueError as error:
        raise ScopeError(f"{text.strip()!r} is no number") from error
    if not math.isfinite(number):
        raise ScopeError(f"{text.strip()!r} is no number")
    return number


def read_days(text: str) -> int:
    """A whole number from 0; raises ScopeError. Nothing is 0."""
    if not text.strip():
        return 0
    if not text.strip().isascii() or not text.strip().isdigit():
        raise ScopeError(f"{text.strip()!r} is no whole number")
    return int(text)


def read_yes_no(text: str) -> bool:
    """yes or no; raises ScopeError."""
    answer = text.strip().lower()
    if answer not in ("yes", "no", "y", "n", ""):
        raise ScopeError("say yes or no")
    return answer.startswith("y")


def read_rule_kind(text: str) -> RuleKind:
    """One of the kinds of rules, spaces for underscores allowed; raises ScopeError."""
    kind = text.strip().lower().replace(" ", "_").replace("-", "_")
    if kind not in RULE_KINDS:
        raise ScopeError(f"{text.strip()!r} is none of {', '.join(RULE_KINDS)}")
    return msgspec.convert(kind, RuleKind)  # type: ignore[no-any-return]


def read_changes(text: str) -> Changes:
    """How often facts change, or nothing; raises ScopeError."""
    often = text.strip().lower()
    if often not in CHANGES:
        raise ScopeError(f"{often!r} is none of {', '.join(filter(None, CHANGES))}")
    return msgspec.convert(often, Changes)  # type: ignore[no-any-return]


def _numbered(text: str) -> list[tuple[int, str]]:
    lines = enumerate(text.splitlines(), 1)
    return [(number, line.strip()) for number, line in lines if line.strip()]


def _wrong(number: int, line: str, what: str) -> ScopeError:
    return ScopeError(f"line {number}: {what}", f"It says: {line}")

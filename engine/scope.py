"""The scope: what exactly should change, and how will we know. Typed, TOML both ways, hashed."""

from __future__ import annotations

import hashlib
import math
from typing import Literal

import msgspec

from engine.check_settings import DEFAULTS, Checks, find_setting_problems
from engine.errors import ScopeError
from engine.records import Assertion
from engine.toml_lines import Place, line_of, read_path

HEADER = """\
# What exactly should change, and how will we know: the scope of a strop session.
# `strop scope diff SESSION --from FILE` shows what this file would change, `strop scope import`
# takes it over. Comments are not kept. Every field: docs/formats.md.

"""
MAY_BE_NONE = ("min_error_reduction", "incoherence_margin")
"""Criteria for which 0 has a meaning."""

RuleKind = Literal[
    "fact",
    "required_behaviour",
    "forbidden_promise",
    "hand_off",
    "refusal",
    "format",
    "tone",
]

Changes = Literal["", "rarely", "yearly", "monthly", "weekly"]
"""How often something changes; empty where nobody has said."""


class Intent(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Something customers ask for that the tuned model should handle."""

    name: str
    target: int = 0
    """How many accepted examples the operator wants."""
    keywords: tuple[str, ...] = ()
    """Words that point at this intent; used to propose an intent for rows that come without."""


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One business rule. `entity` and `condition` say when it applies."""

    id: str
    title: str
    text: str
    kind: RuleKind = "fact"
    intent: str = ""
    entity: str = ""
    condition: str = ""
    facts: tuple[str, ...] = ()
    """Typed facts as text, `45 days` or `6.95 dollars`: a number with its unit, yes, no."""
    keywords: tuple[str, ...] = ()
    """Words of a question that this rule answers."""
    assertions: tuple[Assertion, ...] = ()
    critical: bool = False
    changes: Changes = ""
    """How often its facts change: what changes faster than you train belongs into a prompt."""


class Criteria(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Success, in numbers, frozen before training. Shares are fractions of 1."""

    min_error_reduction: float = 0.25
    """Relative reduction of domain errors that counts as meaningful."""
    capability_margin: float = 0.05
    compliance_margin: float = 0.03
    violation_ceiling: float = 0.05
    over_refusal_margin: float = 0.05
    forgetting_limit: float = 0.10
    """Mean change of loss on general texts, nats per token."""
    incoherence_margin: float = 0.02


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measurable reason to retrain before the interval is over."""

    metric: str
    above: float
    window: str
    """Over what it is measured: `50 tickets a week`."""


class Cadence(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When to train again, who does it, and what to fall back to."""

    owner: str = ""
    interval_days: int = 0
    triggers: tuple[Trigger, ...] = ()
    data_source: str = ""
    rollback: str = ""
    """The adapter to go back to: `base` or a run."""


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody with a part in the session."""

    name: str
    role: str


class Scope(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole agreement. `name` is the session's name."""

    name: str
    task: str = ""
    system_prompt: str = ""
    """The short system turn that stands before every row and every domain case."""
    tone: str = ""
    intents: tuple[Intent, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    hand_off: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    criteria: Criteria = Criteria()
    suites: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    cadence: Cadence = Cadence()
    checks: Checks = DEFAULTS
    """Settings of the data checks that differ from their defaults."""

    def rule(self, rule_id: str) -> Rule | None:
        """The rule with this id, or None."""
        return next((r for r in self.rules if r.id == rule_id), None)


def from_toml(text: str, where: str = "scope") -> Scope:
    """Parse a scope; raises ScopeError naming `where`, the line and the field."""
    try:
        scope = msgspec.toml.decode(text.encode(), type=Scope)
    except UnicodeEncodeError as error:
        raise ScopeError(f"{where}: {error}", "Save it as UTF-8.") from error
    except msgspec.ValidationError as error:
        place = _place(text, read_path(str(error)))
        raise ScopeError(f"{where}{place}: {error}", "Correct that field and try again.") from error
    except msgspec.DecodeError as error:
        raise ScopeError(f"{where}: {error}", "Correct that line and try again.") from error
    for problem in problems_of(scope):
        place = _place(text, problem.path)
        raise ScopeError(f"{where}{place}: {problem.sentence}", "Correct it and try again.")
    return scope


def _place(text: str, path: Place) -> str:
    line = line_of(text, path)
    return f", line {line}" if line else ""


def to_toml(scope: Scope) -> str:
    """The scope as TOML that `from_toml` reads back unchanged, in the order of the fields."""
    import tomli_w

    plain = {k: _without_none(v) for k, v in msgspec.to_builtins(_settled(scope)).items()}
    # A multi-line string cannot hold a carriage return: it would come back as a line feed.
    has_return = b"\\r" in msgspec.json.encode(plain)
    return HEADER + tomli_w.dumps(plain, multiline_strings=not has_return)


def scope_hash(scope: Scope) -> str:
    """SHA-256 over the canonical JSON of the scope, 64 hex digits."""
    # Through JSON once, so that 45 and 45.0 are the same amount.
    settled = _settled(msgspec.json.decode(msgspec.json.encode(scope), type=Scope))
    return hashlib.sha256(msgspec.json.encode(settled, order="sorted")).hexdigest()


class Problem(msgspec.Struct, frozen=True):
    """Something wrong inside an otherwise well-typed scope."""

    sentence: str
    path: Place
    """Where in the scope, as keys and indices."""


def find_problems(scope: Scope) -> list[str]:
    """What is wrong inside an otherwise well-typed scope, a sentence each."""
    return [problem.sentence for problem in problems_of(scope)]


def problems_of(scope: Scope) -> list[Problem]:
    """The same, with their places."""
    problems: list[Problem] = []
    if not scope.name.strip():
        problems.append(Problem("name is empty", ("name",)))
    problems += _repeated("intent", "intents", [i.name for i in scope.intents])
    problems += _repeated("rule", "rules", [r.id for r in scope.rules])
    known = {i.name for i in scope.intents}
    problems += [
        Problem(
            f"rule {r.id} names intent {r.intent!r}, which the scope does not list",
            ("rules", number, "intent"),
        )
        for number, r in enumerate(scope.rules)
        if r.intent and r.intent not in known
    ]
    problems += _out_of_range(scope)
    problems += [
        Problem(sentence, tuple(sentence.partition(":")[0].split(".")))
        for sentence in find_setting_problems(scope.checks)
    ]
    return problems


def _out_of_range(scope: Scope) -> list[Problem]:
    """Numbers that mean nothing."""
    problems = _criteria_out_of_range(scope.criteria)
    problems += [
        Problem(
            f"trigger {trigger.metric!r} has no finite limit",
            ("cadence", "triggers", number, "above"),
        )
        for number, trigger in enumerate(scope.cadence.triggers)
        if not math.isfinite(trigger.above)
    ]
    problems += [
        Problem(f"intent {i.name!r} wants {i.target} rows", ("intents", number, "target"))
        for number, i in enumerate(scope.intents)
        if i.target < 0
    ]
    if scope.cadence.interval_days < 0:
        problems.append(Problem("interval_days is below 0", ("cadence", "interval_days")))
    return problems


def _criteria_out_of_range(criteria: Criteria) -> list[Problem]:
    """A margin of 5 where 0.05 was meant would let everything pass."""
    problems = []
    for name in Criteria.__struct_fields__:
        value, is_share = getattr(criteria, name), name != "forgetting_limit"
        below = value < 1 if is_share else value < math.inf
        if not (below and (value > 0 or (value == 0 and name in MAY_BE_NONE))):
            limit = " and below 1: 5 points are 0.05" if is_share else ""
            sentence = f"criteria.{name} is {value:g}, not above 0{limit}"
            problems.append(Problem(sentence, ("criteria", name)))
    return problems


def _settled(scope: Scope) -> Scope:
    """With the settings of the checks as short as they can be written."""
    return msgspec.structs.replace(scope, checks=scope.checks.settled())


def _repeated(what: str, where: str, names: list[str]) -> list[Problem]:
    return [
        Problem(f"{what} {name!r} is listed twice", (where, number))
        for number, name in enumerate(names)
        if name in names[:number]
    ]


def _without_none(value: object) -> object:
    """TOML has no null: drop what is None."""
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(v) for v in value]
    return value

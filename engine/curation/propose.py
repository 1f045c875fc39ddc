"""Assertions for a held-out case that comes without: from its reference and the matching rules."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.curation.relevance import ready
from engine.curation.ruled import typed_facts
from engine.curation.text import stems
from engine.facts import Fact, find_facts, same_fact, yes_or_no
from engine.records import Assertion
from engine.scope import Rule


class Proposal(msgspec.Struct, frozen=True):
    """An assertion that a reference answer suggests, and why."""

    assertion: Assertion
    reason: str
    """The end of a sentence for people: `the reference and rule R07 both say 45 days`."""


def propose_assertions(reference: str, rules: Sequence[Rule]) -> tuple[Assertion, ...]:
    """What an answer must say; see `propose`."""
    return tuple(p.assertion for p in propose(reference, rules))


def propose(reference: str, rules: Sequence[Rule]) -> tuple[Proposal, ...]:
    """What an answer must say: the facts that the reference shares with a rule, each once.

    A rule whose fact stands in the reference gives its own assertions, when it has some. Where no
    rule matches, the reference's own typed facts stand alone; the operator confirms them.
    """
    facts = [fact for fact in find_facts(reference) if fact.unit]
    found = [proposal for rule in rules for proposal in _of_rule(reference, facts, rule)]
    if not found:
        found = [Proposal(_number(f), f"the reference says {f.text}, no rule does") for f in facts]
    if not found and (answer := yes_or_no(reference)) is not None:
        said = "yes" if answer else "no"
        found = [Proposal(Assertion("yes_no", answer), f"the reference says {said}, no rule does")]
    return tuple({p.assertion: p for p in reversed(found)}.values())[::-1]


def _of_rule(reference: str, facts: Sequence[Fact], rule: Rule) -> list[Proposal]:
    shared = [f for f in typed_facts(rule) if any(same_fact(f, g) for g in facts)]
    both = f"the reference and rule {rule.id} both say"
    if rule.assertions and _speaks(reference, rule, bool(shared)):
        said = ", ".join(fact.text for fact in shared)
        reason = f"{both} {said}" if said else f"the reference says what rule {rule.id} asks for"
        return [Proposal(assertion, reason) for assertion in rule.assertions]
    return [Proposal(_number(f, rule.id, rule.critical), f"{both} {f.text}") for f in shared]


def _speaks(reference: str, rule: Rule, shares_fact: bool) -> bool:
    """Whether the reference is about the rule: it states its fact, and names what it is about."""
    words = stems(reference)
    named = bool(ready([(0, rule.keywords, 1)]).hits(words)) or bool(stems(rule.entity) & words)
    if typed_facts(rule):
        return shares_fact and named
    return named and all(_holds(reference, a) for a in rule.assertions)


def _holds(reference: str, assertion: Assertion) -> bool:
    """Whether the reference itself would pass, for the kinds that plain words decide."""
    low = reference.lower()
    if assertion.kind == "contains":
        return str(assertion.value).lower() in low
    if assertion.kind in ("any_of", "all_of"):
        held = [value.lower() in low for value in assertion.values]
        return any(held) if assertion.kind == "any_of" else all(held)
    return False


def _number(fact: Fact, rule: str = "", critical: bool = False) -> Assertion:
    if fact.kind == "yes_no":
        return Assertion("yes_no", bool(fact.amount), rule=rule, critical=critical)
    amount = int(fact.amount) if fact.amount.is_integer() else fact.amount
    return Assertion("number", amount, unit=fact.unit, rule=rule, critical=critical)

"""Assertions for a held-out case that comes without: from its reference and the matching rules."""

from __future__ import annotations

from collections.abc import Sequence

from engine.curation.relevance import ready
from engine.curation.ruled import typed_facts
from engine.curation.text import stems
from engine.facts import Fact, find_facts, same_fact, yes_or_no
from engine.records import Assertion
from engine.scope import Rule


def propose_assertions(reference: str, rules: Sequence[Rule]) -> tuple[Assertion, ...]:
    """What an answer must say: the facts that the reference shares with a rule, each once.

    A rule whose fact stands in the reference gives its own assertions, when it has some. Where no
    rule matches, the reference's own typed facts stand alone; the operator confirms them.
    """
    facts = [fact for fact in find_facts(reference) if fact.unit]
    proposed: list[Assertion] = []
    for rule in rules:
        shared = [f for f in typed_facts(rule) if any(same_fact(f, g) for g in facts)]
        if rule.assertions and _speaks(reference, rule, bool(shared)):
            proposed += rule.assertions
        else:
            proposed += [_number(f, rule.id, rule.critical) for f in shared]
    if not proposed:
        proposed = [_number(fact) for fact in facts]
    if not proposed and (answer := yes_or_no(reference)) is not None:
        proposed = [Assertion("yes_no", answer)]
    return tuple(dict.fromkeys(proposed))


def _speaks(reference: str, rule: Rule, shares_fact: bool) -> bool:
    """Whether the reference is about the rule: it states its fact, and names what it is about."""
    words = stems(reference)
    named = bool(ready([rule.keywords]).hits(words)) or bool(stems(rule.entity) & words)
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

"""What a rule's own words give: its typed facts, and what an answer by it must say."""

from __future__ import annotations

import re

import msgspec

from engine.curation.propose import propose_assertions
from engine.evaluation.checking import find_problem
from engine.facts import canonical_unit, find_facts, parse_fact, same_fact, yes_or_no
from engine.records import Assertion
from engine.scope import Rule

_TEAM = re.compile(r"\b((?:\w+ )?(?:team|desk|department|office|hotline|lead|colleague))\b", re.I)
_WORDS = re.compile(r"\b(?:at most|no more than|up to)\s+(\d+)\s+words\b", re.I)
_TWO_SENTENCES = re.compile(r"\bat most (?:two|2) sentences\b", re.I)
_ONE_SENTENCE = re.compile(r"\b(?:at most )?(?:one|1|a single) sentence\b", re.I)
_HEDGED = re.compile(r"\A\W*never\b|\bonly\b|\bunless\b|\bexcept\b", re.I)
_NO_PROMISE = ("cannot promise", "can't promise", "unable to promise", "cannot guarantee")
_LOUD = r"!!|[\u2600-\u27BF\U0001F300-\U0001FAFF]"


class Proposal(msgspec.Struct, frozen=True):
    """What to confirm, one by one."""

    facts: tuple[str, ...]
    assertions: tuple[Assertion, ...]


def propose(rule: Rule) -> Proposal:
    """Facts and assertions that the rule's text and kind suggest, those that it has first."""
    stated = find_facts("; ".join(rule.facts))
    new = (text for text in _facts(rule) if not any(same_fact(parse_fact(text), f) for f in stated))
    facts = tuple(dict.fromkeys((*rule.facts, *new)))
    stating = msgspec.structs.replace(rule, facts=facts, assertions=())
    kinds = () if rule.assertions else _by_kind(stating)
    own = {_key(a) for a in rule.assertions}
    bound = (
        msgspec.structs.replace(a, rule=rule.id, critical=rule.critical)
        for a in (*_stated(stating), *kinds)
        if _key(a) not in own and find_problem(a) is None
    )
    return Proposal(facts, (*rule.assertions, *dict.fromkeys(bound)))


def _key(assertion: Assertion) -> tuple[object, ...]:
    """What an assertion asks for, whatever its weight and its spelling of the unit."""
    return assertion.kind, assertion.value, assertion.values, canonical_unit(assertion.unit)


def _facts(rule: Rule) -> list[str]:
    if rule.kind in ("format", "tone"):
        return []
    found = [fact.text.strip() for fact in find_facts(rule.text) if fact.unit]
    if found or rule.facts or rule.kind not in ("fact", "forbidden_promise"):
        return found
    # An order to the model, or a yes with a condition, answers no customer.
    if _HEDGED.search(rule.text):
        return []
    answer = yes_or_no(rule.text)
    return [] if answer is None else ["yes" if answer else "no"]


def _stated(rule: Rule) -> tuple[Assertion, ...]:
    """What must be said: the numbers of the rule, else its yes or no."""
    if not rule.facts:
        return ()
    found = propose_assertions(". ".join((rule.text, *rule.facts)), [rule])
    hedged = _HEDGED.search(rule.text) is not None
    return tuple(a for a in found if not (hedged and a.kind == "yes_no"))


def _by_kind(rule: Rule) -> list[Assertion]:
    """What a kind of rule is checked by."""
    if rule.kind == "refusal":
        return [Assertion("refusal")]
    if rule.kind == "hand_off":
        teams = [t.strip().lower().removeprefix("the ") for t in _TEAM.findall(rule.text)]
        return [Assertion("any_of", values=tuple(dict.fromkeys(teams)))] if teams else []
    if rule.kind == "forbidden_promise" and re.search(r"\bpromise", rule.text, re.I):
        return [Assertion("any_of", values=_NO_PROMISE)]
    if rule.kind == "format":
        return _format(rule.text)
    if rule.kind == "tone":
        return [Assertion("not_regex", _LOUD)]
    return []


def _format(text: str) -> list[Assertion]:
    if found := _WORDS.search(text):
        return [Assertion("max_words", int(found[1]))]
    end = r'[.!?]["\u2019)]*'
    if _TWO_SENTENCES.search(text):
        return [Assertion("not_regex", rf"(?s)(?:{end}\s+\S.*?){{2}}[.!?]")]
    if _ONE_SENTENCE.search(text):
        return [Assertion("not_regex", rf"(?s){end}\s+\S.*?[.!?]")]
    return []

"""Business rules made ready to be held against answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from engine.curation.polarity import Said, read_said
from engine.curation.relevance import Guide, Guided, guide
from engine.errors import ScopeError
from engine.evaluation.checking import find_problem
from engine.facts import Fact, canonical_unit, find_facts, parse_fact, same_fact
from engine.records import Assertion
from engine.scope import Rule, Scope

_NEXT_WORD = re.compile(r"[\s-]*([^\W\d_]+)")
_NEGATIVE = ("not_contains", "none_of", "not_regex", "max_words", "no_refusal")
_PREFIXES = ("un", "in", "im", "non", "dis", "ir")
_OF_FACTS = ("number", "yes_no", "similarity")
_FOR_ALL = ("tone", "format")
_FORBIDDING = ("forbidden_promise", "refusal")


class Ruled(msgspec.Struct, frozen=True):
    """A rule with everything that an answer can break."""

    guided: Guided
    facts: tuple[Fact, ...]
    """What it states, as typed facts."""
    guards: tuple[Fact, ...]
    """Amounts of its condition: `closed within 30 days`."""
    mentions: tuple[Fact, ...]
    """Every amount of its text."""
    wanted: tuple[Assertion, ...]
    """Assertions that an answer by this rule must meet, amounts and yes or no aside."""
    barred: tuple[Assertion, ...]
    """Assertions that say what an answer must not hold."""
    said: Said
    """What its text affirms and denies."""
    turned: frozenset[str]
    """Opposites of its entity's and condition's words: worn for unworn."""

    @property
    def rule(self) -> Rule:
        """The rule itself."""
        return self.guided.rule

    def is_guarded(self, claims: tuple[Fact, ...]) -> bool:
        """Whether one of these amounts is that of its condition."""
        return any(same_fact(claim, guard) for guard in self.guards for claim in claims)

    def states(self, claim: Fact) -> bool:
        """Whether an amount stands anywhere in the rule."""
        return any(same_fact(claim, f) for f in (*self.facts, *self.guards, *self.mentions))


class Rules(msgspec.Struct, frozen=True):
    """All rules of a scope, by their place."""

    guide: Guide
    ruled: tuple[Ruled, ...]
    nouns: frozenset[str]
    """What the rules count: `widths` in `3 widths`, in the singular."""
    for_all: tuple[int, ...]
    """Rules of tone and format without keywords: they hold for every answer."""
    forbidding: tuple[int, ...]
    """Rules that say what must not be promised or done."""


@lru_cache(maxsize=8)
def rules_of(scope: Scope) -> Rules:
    """Prepare a scope's rules."""
    made = guide(scope)
    nouns = {_noun(f, text) for r in scope.rules for text in r.facts for f in _parsed(text)}
    known = frozenset(nouns - {""})
    ruled = tuple(_ruled(guided, known) for guided in made.rules)
    for_all = [p for p, r in enumerate(scope.rules) if r.kind in _FOR_ALL and not r.keywords]
    forbidding = [p for p, r in enumerate(scope.rules) if r.kind in _FORBIDDING]
    return Rules(made, ruled, known, tuple(for_all), tuple(forbidding))


def typed_facts(rule: Rule) -> tuple[Fact, ...]:
    """The facts of a rule that can be compared; a fact in plain words is left out.

    A bare number counts what follows it: `3 widths` has the unit `width`.
    """
    found: list[Fact] = []
    for text in rule.facts:
        for fact in _parsed(text):
            noun = _noun(fact, text)
            found.append(msgspec.structs.replace(fact, unit=noun) if noun else fact)
    return tuple(found)


def _ruled(guided: Guided, nouns: frozenset[str]) -> Ruled:
    rule = guided.rule
    facts = typed_facts(rule)
    mentions = tuple(find_claims(rule.text, nouns))
    worded = [a for a in rule.assertions if a.kind not in _OF_FACTS and not find_problem(a)]
    return Ruled(
        guided=guided,
        facts=facts if rule.facts else mentions,
        guards=tuple(find_claims(rule.condition, nouns)),
        mentions=mentions,
        wanted=tuple(a for a in worded if a.kind not in _NEGATIVE),
        barred=tuple(a for a in worded if a.kind in _NEGATIVE),
        said=read_said(rule.text),
        turned=_turned(guided.case),
    )


def _parsed(text: str) -> list[Fact]:
    try:
        return [parse_fact(text)]
    except ScopeError:
        return []


def _noun(fact: Fact, text: str) -> str:
    """What a bare number counts: the singular of the word behind it."""
    if fact.unit or fact.kind != "number":
        return ""
    following = _NEXT_WORD.match(text, fact.end)
    return canonical_unit(following[1]) if following else ""


def find_claims(text: str, nouns: frozenset[str]) -> Iterable[Fact]:
    """Amounts with a unit, or of something that the rules count."""
    for fact in find_facts(text):
        if fact.unit:
            yield fact
        elif nouns and (noun := _noun(fact, text)) in nouns:
            yield msgspec.structs.replace(fact, unit=noun)


def _turned(words: frozenset[str]) -> frozenset[str]:
    """The opposites that a prefix makes or unmakes: worn for unworn, unpaid for paid."""
    made = {prefix + word for word in words for prefix in _PREFIXES}
    bare = {w.removeprefix(p) for w in words for p in _PREFIXES if w.startswith(p)}
    return frozenset(made | bare)

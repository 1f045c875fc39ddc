"""Business rules made ready to be held against answers, and which of them govern a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from engine.curation.polarity import Said, read_said
from engine.curation.relevance import Guide, Guided, content, guide
from engine.curation.text import customer_side, stems
from engine.errors import ScopeError
from engine.facts import Fact, canonical_unit, find_facts, parse_fact, same_fact
from engine.records import Assertion, NumberedExample
from engine.scope import Rule, Scope

STATES = 0.3
"""Share of a sentence's rule vocabulary that must be a rule's own for it to be about the rule."""
GOVERNS = 0.45
"""The same, for the rule to govern a sentence whose question does not name it."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_NEXT_WORD = re.compile(r"[\s-]*([^\W\d_]+)")
_NEGATIVE = ("not_contains", "none_of", "not_regex", "max_words", "no_refusal")
_OF_FACTS = ("number", "yes_no")


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

    @property
    def rule(self) -> Rule:
        """The rule itself."""
        return self.guided.rule

    def states(self, claim: Fact) -> bool:
        """Whether an amount stands anywhere in the rule."""
        return any(same_fact(claim, f) for f in (*self.facts, *self.guards, *self.mentions))


class Rules(msgspec.Struct, frozen=True):
    """All rules of a scope, by their place."""

    guide: Guide
    ruled: tuple[Ruled, ...]
    nouns: frozenset[str]
    """What the rules count: `widths` in `3 widths`, in the singular."""


class Sentence(msgspec.Struct, frozen=True):
    """One sentence of an answer."""

    start: int
    text: str
    words: frozenset[str]
    claims: tuple[Fact, ...]
    covered: dict[int, float]
    """By rule: share of the sentence that it covers."""


class Told(msgspec.Struct, frozen=True):
    """One row, read once for everything that asks about it."""

    row: NumberedExample
    asked: str
    asked_words: frozenset[str]
    named: dict[int, int]
    """By rule: words of its keywords in what the customer said."""
    named_last: frozenset[int]
    """Rules whose keywords stand in the last question: what the answer answers."""
    sentences: tuple[Sentence, ...]

    @property
    def answer(self) -> str:
        """The final answer."""
        return self.row.example.answer

    def covered(self, place: int) -> float:
        """Share of the sentence that a rule covers best."""
        return max((s.covered.get(place, 0.0) for s in self.sentences), default=0.0)


class Governing(msgspec.Struct, frozen=True):
    """A rule that may apply, and how strongly the words say so."""

    place: int
    ruled: Ruled
    strength: float


@lru_cache(maxsize=8)
def rules_of(scope: Scope) -> Rules:
    """Prepare a scope's rules."""
    made = guide(scope)
    nouns = {_noun(f, text) for r in scope.rules for text in r.facts for f in _parsed(text)}
    known = frozenset(nouns - {""})
    return Rules(made, tuple(_ruled(guided, known) for guided in made.rules), known)


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


def read_row(row: NumberedExample, rules: Rules) -> Told:
    """A row with its sentences, claims and the rules that its words point at."""
    asked = customer_side(row.example)
    words = stems(asked)
    keywords = rules.guide.rule_keywords
    named = keywords.hits(words)
    prompt = row.example.prompt
    last = named.keys() if prompt == asked else keywords.hits(stems(prompt)).keys()
    sentences = tuple(_sentences(row.example.answer, rules))
    return Told(row, asked, words, named, frozenset(last), sentences)


def governing(told: Told, sentence: Sentence, rules: Rules) -> list[Governing]:
    """Rules that may apply to a sentence of an answer, the strongest first."""
    places = {p for p, share in sentence.covered.items() if share >= STATES} | told.named.keys()
    found = [
        Governing(p, rules.ruled[p], _strength(told, sentence, p, rules.ruled[p])) for p in places
    ]
    return sorted(found, key=lambda g: (-g.strength, g.place))


def _strength(told: Told, sentence: Sentence, place: int, ruled: Ruled) -> float:
    guided = ruled.guided
    same_intent = bool(guided.rule.intent) and guided.rule.intent == told.row.example.intent
    context = told.asked_words & (guided.entity | guided.condition)
    covered = sentence.covered.get(place, 0.0)
    in_case = any(same_fact(c, f) for f in ruled.guards for c in sentence.claims)
    strength = told.named.get(place, 0) + 6 * covered
    return strength + 0.5 * same_intent + 0.5 * len(context) + in_case


def _ruled(guided: Guided, nouns: frozenset[str]) -> Ruled:
    rule = guided.rule
    facts = typed_facts(rule)
    mentions = tuple(_claims(rule.text, nouns))
    worded = [a for a in rule.assertions if a.kind not in _OF_FACTS]
    return Ruled(
        guided=guided,
        facts=facts if rule.facts else mentions,
        guards=tuple(_claims(rule.condition, nouns)),
        mentions=mentions,
        wanted=tuple(a for a in worded if a.kind not in _NEGATIVE),
        barred=tuple(a for a in worded if a.kind in _NEGATIVE),
        said=read_said(rule.text),
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


def _claims(text: str, nouns: frozenset[str]) -> Iterable[Fact]:
    """Amounts with a unit, or of something that the rules count."""
    for fact in find_facts(text):
        if fact.unit:
            yield fact
        elif nouns and (noun := _noun(fact, text)) in nouns:
            yield msgspec.structs.replace(fact, unit=noun)


def _sentences(answer: str, rules: Rules) -> Iterable[Sentence]:
    claims = list(_claims(answer, rules.nouns))
    gaps = [gap.span() for gap in _SENTENCE.finditer(answer)]
    starts, ends = [0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(answer)]
    for start, end in zip(starts, ends, strict=True):
        text = answer[start:end]
        words = content(text)
        within = tuple(c for c in claims if start <= c.start < end)
        yield Sentence(start, text, words, within, rules.guide.coverage(words))

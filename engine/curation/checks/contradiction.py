"""Answers whose typed facts differ from those of the business rule that governs them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from engine.curation.relevance import Guide, Guided, content, guide
from engine.curation.text import customer_side, stems
from engine.errors import ScopeError
from engine.facts import Fact, find_facts, parse_fact, same_fact, yes_or_no
from engine.records import Case, Finding, NumberedExample
from engine.scope import Rule, Scope

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_GOVERNS = 0.45
"""Share of a sentence's rule vocabulary that must be a rule's own for it to govern unasked."""
_STATES = 0.3
_YES_NO_QUESTION = re.compile(
    r"\b(?:can|could|may|do|does|did|is|are|am|will|would|should|has|have) (?:i|you|u|we|it|they"
    r"|the|my|your|these|those|this|that|there|a|an|any|\w+s?)\b.*?(?:\?|$)",
    re.I | re.S,
)


class _Governing(msgspec.Struct, frozen=True):
    """A rule that applies to a sentence, and how strongly the words say so."""

    rule: Rule
    facts: tuple[Fact, ...]
    strength: float


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Asks for a decision where an answer's fact differs from its rule's.

    A rule governs a sentence of the answer when its keywords occur in the question, or when the
    sentence speaks in its words. An amount that any rule near it states, or that the customer said
    first, is no contradiction: 15 within 30 days and 25 within 60 can both hold.
    """
    made = guide(scope)
    facts = {rule.id: typed_facts(rule) for rule in scope.rules}
    found: list[Finding] = []
    for row in rows:
        found += _by_amount(row, made, facts) or _by_yes_no(row, made, facts)
    return found


def typed_facts(rule: Rule) -> tuple[Fact, ...]:
    """The facts of a rule that can be compared; a fact in plain words is left out."""
    facts: list[Fact] = []
    for text in rule.facts:
        try:
            facts.append(parse_fact(text))
        except ScopeError:
            continue
    return tuple(facts)


def _by_amount(
    row: NumberedExample, made: Guide, facts: dict[str, tuple[Fact, ...]]
) -> list[Finding]:
    claims = [claim for claim in find_facts(row.example.answer) if claim.unit]
    if not claims:
        return []
    asked = customer_side(row.example)
    said = find_facts(asked)
    for begin, sentence in _sentences(row.example.answer):
        within = [c for c in claims if begin <= c.start < begin + len(sentence)]
        governing = _governing(row, stems(asked), content(sentence), made, facts) if within else []
        for claim in within:
            rival = _rival(claim, governing)
            if rival is not None and not any(same_fact(claim, fact) for fact in said):
                rule, fact = rival
                detail = f"says {claim.text.strip()}, rule {rule.id} says {fact.text.strip()}"
                return [_finding(row, rule, detail, ((claim.start, claim.end),))]
    return []


def _sentences(text: str) -> list[tuple[int, str]]:
    """Sentences of a text with their offsets."""
    starts = [0, *(gap.end() for gap in _SENTENCE.finditer(text))]
    ends = [*(gap.start() for gap in _SENTENCE.finditer(text)), len(text)]
    return [(a, text[a:b]) for a, b in zip(starts, ends, strict=True)]


def _governing(
    row: NumberedExample,
    asked: frozenset[str],
    sentence: frozenset[str],
    made: Guide,
    facts: dict[str, tuple[Fact, ...]],
) -> list[_Governing]:
    """Rules that may apply to a sentence of an answer, the strongest first."""
    found: list[_Governing] = []
    for guided in made.rules:
        in_question = guided.keywords.hits(asked)
        coverage = made.coverage(sentence, guided)
        if in_question or coverage >= _STATES:
            strength = in_question + 6 * coverage + _context(row, asked, guided)
            found.append(_Governing(guided.rule, facts[guided.rule.id], strength))
    return sorted(found, key=lambda g: -g.strength)


def _context(row: NumberedExample, asked: frozenset[str], guided: Guided) -> float:
    same_intent = bool(guided.rule.intent) and guided.rule.intent == row.example.intent
    return 0.5 * same_intent + 0.5 * len(asked & (guided.entity | guided.condition))


def _rival(claim: Fact, governing: Sequence[_Governing]) -> tuple[Rule, Fact] | None:
    """The strongest rule with a fact of the claim's kind and unit, unless some rule states it."""
    rival: tuple[Rule, Fact] | None = None
    floor = 6 * _GOVERNS
    for g in governing:
        if any(same_fact(claim, fact) for fact in g.facts):
            return None
        fact = next((f for f in g.facts if (f.kind, f.unit) == (claim.kind, claim.unit)), None)
        if rival is None and fact is not None and g.strength >= min(floor, governing[0].strength):
            rival = g.rule, fact
    return rival


def _by_yes_no(
    row: NumberedExample, made: Guide, facts: dict[str, tuple[Fact, ...]]
) -> list[Finding]:
    """Only the strongest rule speaks on yes and no, of a question that can be answered so."""
    answer = yes_or_no(row.example.answer)
    if answer is None or not _YES_NO_QUESTION.search(row.example.prompt):
        return []
    first = _sentences(row.example.answer)[0][1]
    asked = stems(row.example.prompt)
    governing = _governing(row, asked, content(first), made, facts)
    if not governing or (len(governing) > 1 and governing[1].strength == governing[0].strength):
        return []
    rule = governing[0].rule
    ruled = next((f for f in governing[0].facts if f.kind == "yes_no"), None)
    if ruled is None or answer == bool(ruled.amount):
        return []
    detail = f"says {'yes' if answer else 'no'}, rule {rule.id} says {ruled.text}"
    return [_finding(row, rule, detail, ())]


def _finding(
    row: NumberedExample, rule: Rule, detail: str, spans: tuple[tuple[int, int], ...]
) -> Finding:
    return Finding(
        "contradiction", "decide", (row.id,), detail, rule=rule.id, spans=spans, where="answer"
    )

"""Answers whose typed facts differ from those of the business rule that governs the question."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.curation.relevance import Guide, guide
from engine.curation.text import customer_side, stems
from engine.errors import ScopeError
from engine.facts import Fact, find_facts, parse_fact, same_fact, yes_or_no
from engine.records import Case, Finding, NumberedExample
from engine.scope import Rule, Scope


class _Governing(msgspec.Struct, frozen=True):
    """A rule that applies to a question, and how strongly its words say so."""

    rule: Rule
    facts: tuple[Fact, ...]
    strength: int


def check(rows: Sequence[NumberedExample], cases: Sequence[Case], scope: Scope) -> list[Finding]:
    """Asks for a decision where an answer's fact differs from its rule's.

    A rule governs when its keywords occur in the question, or its entity there and its keywords
    in the answer. An amount that any governing rule states, or that the customer said first, is
    no contradiction: 15 within 30 days and 25 within 60 can both hold.
    """
    made = guide(scope)
    facts = {rule.id: typed_facts(rule) for rule in scope.rules}
    found: list[Finding] = []
    for row in rows:
        governing = _governing(row, made, facts)
        if governing:
            found += _by_amount(row, governing) or _by_yes_no(row, governing)
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


def _governing(
    row: NumberedExample, made: Guide, facts: dict[str, tuple[Fact, ...]]
) -> list[_Governing]:
    """Rules that apply, the strongest first."""
    asked, answered = stems(customer_side(row.example)), stems(row.example.answer)
    found: list[_Governing] = []
    for rule, keywords, entity, condition in made.rules:
        in_question, in_answer = keywords.hits(asked), keywords.hits(answered)
        about = bool(entity & (asked | answered))
        if not in_question and not (in_answer and entity & asked):
            continue
        same_intent = bool(rule.intent) and rule.intent == row.example.intent
        strength = 4 * in_question + in_answer + 2 * about + 2 * same_intent
        strength += len(condition & asked)
        found.append(_Governing(rule, facts[rule.id], strength))
    return sorted(found, key=lambda g: -g.strength)


def _by_amount(row: NumberedExample, governing: list[_Governing]) -> list[Finding]:
    said = find_facts(customer_side(row.example))
    stated = [fact for g in governing for fact in g.facts]
    for claim in find_facts(row.example.answer):
        known = any(same_fact(claim, fact) for fact in (*stated, *said))
        if not claim.unit or known:
            continue
        for g in governing:
            rival = next((f for f in g.facts if (f.kind, f.unit) == (claim.kind, claim.unit)), None)
            if rival is not None and 2 * g.strength >= governing[0].strength:
                detail = f"says {claim.text.strip()}, rule {g.rule.id} says {rival.text.strip()}"
                return [_finding(row, g.rule, detail, ((claim.start, claim.end),))]
    return []


def _by_yes_no(row: NumberedExample, governing: list[_Governing]) -> list[Finding]:
    """Only the strongest rule speaks on yes and no, and only when no other is as strong."""
    top = governing[0]
    if len(governing) > 1 and governing[1].strength == top.strength:
        return []
    ruled = next((f for f in top.facts if f.kind == "yes_no"), None)
    answer = yes_or_no(row.example.answer)
    if ruled is None or answer is None or answer == bool(ruled.amount):
        return []
    detail = f"says {'yes' if answer else 'no'}, rule {top.rule.id} says {ruled.text}"
    return [_finding(row, top.rule, detail, ())]


def _finding(
    row: NumberedExample, rule: Rule, detail: str, spans: tuple[tuple[int, int], ...]
) -> Finding:
    return Finding(
        "contradiction", "decide", (row.id,), detail, rule=rule.id, spans=spans, where="answer"
    )

"""Another amount than the rule's: another number, another unit, the amount of another case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.curation.breaches.breach import Breach
from engine.curation.ruled import Ruled, Rules
from engine.curation.telling import GOVERNS, STATES, Governing, Placed, Sentence, Told
from engine.facts import Fact, comparable_units, find_facts, same_fact, written_amount

_FLOOR = 6 * GOVERNS
_MEASURES = re.compile(
    r"\b(?:within|for|after|takes?|lasts?|in|about|around|to|than|least|most|only|exactly|every|is)"
    r"\s+\Z",
    re.I,
)
_AMOUNTS = ("duration", "money", "percent")


def by_amount(told: Told, rules: Rules) -> Breach | None:
    """The first claim of an answer that differs from the fact of the rule that governs it.

    What a rule near it states, or the customer said first, is no contradiction.
    """
    said: tuple[Fact, ...] | None = None
    for placed in told.sentences:
        if not placed.sentence.claims or not placed.rivals:
            continue
        for claim, ruled, fact in _contradicted(told, placed, rules):
            said = find_facts(told.asked) if said is None else said
            if not any(same_fact(claim, f) for f in said):
                detail = f"says {claim.text.strip()}, rule {ruled.rule.id} says {fact.text.strip()}"
                span = (placed.start + claim.start, placed.start + claim.end)
                return Breach(ruled.rule.id, detail, (span,))
    return None


def _contradicted(told: Told, placed: Placed, rules: Rules) -> Iterator[tuple[Fact, Ruled, Fact]]:
    sentence, rivals = placed.sentence, placed.rivals
    yield from _by_condition(sentence, rivals)
    for claim in sentence.claims:
        if _is_vague(claim, sentence.text):
            continue
        found = _accuser(sentence, claim, rivals)
        if found is not None and not _excused(told, sentence, claim, found[0], rules):
            yield claim, found[0].ruled, found[1]


def _is_vague(claim: Fact, sentence: str) -> bool:
    """`a day` measures nothing unless it is `within a day`."""
    alone = claim.amount == 1 and claim.text.lower().startswith(("a ", "an "))
    return alone and not _MEASURES.search(sentence, 0, claim.start)


def _by_condition(
    sentence: Sentence, rivals: Sequence[Governing]
) -> Iterator[tuple[Fact, Ruled, Fact]]:
    """The sentence names the amount of a rule's condition, and another amount than the rule's."""
    for g in rivals:
        guard = next((c for c in sentence.claims if _among(c, g.ruled.guards)), None)
        if guard is None or g.strength < min(_FLOOR, rivals[0].strength):
            continue
        others = [c for c in sentence.claims if c is not guard]
        for fact in g.ruled.facts:
            like = [c for c in others if _comparable(c, fact)]
            if like and not any(_among(c, g.ruled.facts) for c in like):
                yield like[0], g.ruled, fact


def _accuser(
    sentence: Sentence, claim: Fact, rivals: Sequence[Governing]
) -> tuple[Governing, Fact] | None:
    """The strongest rule with a fact that the claim can be compared with, and does not equal."""
    for g in rivals:
        if g.strength < min(_FLOOR, rivals[0].strength):
            continue
        fact = next((f for f in g.ruled.facts if _comparable(claim, f)), None)
        if fact is None and g is rivals[0]:
            fact = _other_unit(claim, g, sentence)
        if fact is None:
            continue
        return None if _among(fact, sentence.claims) else (g, fact)
    return None


def _excused(told: Told, sentence: Sentence, claim: Fact, accuser: Governing, rules: Rules) -> bool:
    """Whether the claim is the amount of a rule that the sentence speaks of as much, or more."""
    own = accuser.ruled
    if _among(claim, (*own.facts, *own.mentions)):
        return True
    bar = _spoken_of(sentence, accuser.place, own)
    return any(
        _spoken_of(sentence, place, ruled) >= bar
        for place, ruled in enumerate(rules.ruled)
        if ruled is not own and ruled.states(claim) and _near(told, sentence, place, ruled)
    )


def _near(told: Told, sentence: Sentence, place: int, ruled: Ruled) -> bool:
    governs = sentence.covered.get(place, 0.0) >= STATES or place in told.named
    return governs or bool(ruled.guided.entity & sentence.words)


def _spoken_of(sentence: Sentence, place: int, ruled: Ruled) -> tuple[float, float]:
    """Share of the rule's entity that the sentence names, then share of it that the rule covers."""
    entity = ruled.guided.entity
    named = len(entity & sentence.words) / len(entity) if entity else 0.0
    return named, sentence.covered.get(place, 0.0)


def _other_unit(claim: Fact, g: Governing, sentence: Sentence) -> Fact | None:
    """A fact of the rule in another unit: 45 weeks for 45 days, 7 days for 7 working days."""
    if sentence.covered.get(g.place, 0.0) < GOVERNS:
        return None
    for fact in g.ruled.facts:
        alike = fact.kind == claim.kind in _AMOUNTS
        same_figure = bool(fact.unit) and written_amount(claim) == written_amount(fact)
        if alike or same_figure:
            return fact
    return None


def _comparable(claim: Fact, fact: Fact) -> bool:
    return claim.kind == fact.kind and comparable_units(claim.unit, fact.unit)


def _among(claim: Fact, facts: Sequence[Fact]) -> bool:
    return any(same_fact(claim, f) for f in facts)

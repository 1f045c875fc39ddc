"""Another amount than the rule's: another number, another unit, the amount of another case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.curation.breaches.breach import Breach
from engine.curation.ruled import GOVERNS, Governing, Ruled, Rules, Sentence, Told, governing
from engine.facts import Fact, comparable_units, find_facts, same_fact, written_amount

_FLOOR = 6 * GOVERNS
_AMOUNTS = ("duration", "money", "percent")


def by_amount(told: Told, rules: Rules) -> Breach | None:
    """The first claim of an answer that differs from the fact of the rule that governs it.

    What a rule near it states, or the customer said first, is no contradiction.
    """
    said: tuple[Fact, ...] | None = None
    for sentence in told.sentences:
        if not sentence.claims:
            continue
        said = find_facts(told.asked) if said is None else said
        rivals = governing(told, sentence, rules)
        for claim, ruled, fact in _contradicted(told, sentence, rivals):
            if not any(same_fact(claim, f) for f in said):
                detail = f"says {claim.text.strip()}, rule {ruled.rule.id} says {fact.text.strip()}"
                return Breach(ruled.rule.id, detail, ((claim.start, claim.end),))
    return None


def _contradicted(
    told: Told, sentence: Sentence, rivals: Sequence[Governing]
) -> Iterator[tuple[Fact, Ruled, Fact]]:
    yield from _by_condition(sentence, rivals)
    for claim in sentence.claims:
        found = _accuser(told, sentence, claim, rivals)
        if found is not None:
            yield claim, *found


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
    told: Told, sentence: Sentence, claim: Fact, rivals: Sequence[Governing]
) -> tuple[Ruled, Fact] | None:
    """The strongest rule with a fact that the claim can be compared with, unless one states it."""
    for g in rivals:
        if g.strength < min(_FLOOR, rivals[0].strength):
            continue
        fact = next((f for f in g.ruled.facts if _comparable(claim, f)), None)
        if fact is None and g is rivals[0]:
            fact = _other_unit(claim, g, sentence)
        if fact is None:
            continue
        if any(_excuses(told, sentence, r, g) for r in rivals if r.ruled.states(claim)):
            return None
        return None if _stated(fact, sentence) else (g.ruled, fact)
    return None


def _excuses(told: Told, sentence: Sentence, holder: Governing, accuser: Governing) -> bool:
    """Whether a rule that states the claim is what the sentence speaks of."""
    if holder is accuser:
        return True
    own = holder.ruled.guided.entity - accuser.ruled.guided.entity
    if own:
        return bool(own & (sentence.words | told.asked_words))
    return not accuser.ruled.guided.entity - holder.ruled.guided.entity & sentence.words


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


def _stated(fact: Fact, sentence: Sentence) -> bool:
    return _among(fact, sentence.claims)

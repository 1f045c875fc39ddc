"""Yes for no, and denying what a rule grants or granting what it denies."""

from __future__ import annotations

import re

from engine.curation.breaches.breach import Breach
from engine.curation.polarity import opposed
from engine.curation.ruled import Rules
from engine.curation.telling import STATES, Governing, Placed, Told
from engine.facts import yes_or_no

_YES_NO_QUESTION = re.compile(
    r"\b(?:can|could|may|do|does|did|is|are|am|will|would|should|has|have) (?:i|you|u|we|it|they"
    r"|the|my|your|these|those|this|that|there|a|an|any|\w+s?)\b.*?(?:\?|$)",
    re.I | re.S,
)
_LEAD = re.compile(r"\W*(?:yes|no|yep|nope|sure|certainly|absolutely|of course)\b", re.I)
_NEGATED = re.compile(
    r"\b(?:not|never|no longer|isn't|aren't|don't|doesn't|won't|can't|cannot)\b", re.I
)


def by_yes_no(told: Told, rules: Rules) -> Breach | None:
    """Only the strongest rule speaks on yes and no, of a question that can be answered so."""
    prompt = told.row.example.prompt
    if not told.sentences or not (_LEAD.match(told.answer) or _YES_NO_QUESTION.search(prompt)):
        return None
    rivals = told.sentences[0].rivals
    if not rivals or (len(rivals) > 1 and rivals[1].strength == rivals[0].strength):
        return None
    ruled = rivals[0].ruled
    fact = next((f for f in ruled.facts if f.kind == "yes_no"), None)
    if fact is None or _NEGATED.search(prompt) or not _speaks_of(told, rivals[0]):
        return None
    answer = yes_or_no(told.answer)
    if answer is None or answer == bool(fact.amount):
        return None
    detail = f"says {'yes' if answer else 'no'}, rule {ruled.rule.id} says {fact.text}"
    return Breach(ruled.rule.id, detail)


def _speaks_of(told: Told, g: Governing) -> bool:
    """Whether what the rule says of its entity is what was asked or answered."""
    guided = g.ruled.guided
    said = told.asked_words.union(*(p.sentence.words for p in told.sentences))
    return g.place in told.named or bool((guided.words - guided.entity) & said)


def by_denial(told: Told, rules: Rules) -> Breach | None:
    """A sentence in the words of a rule that denies what the rule grants, or the reverse."""
    for placed in told.sentences:
        said = placed.sentence.said
        if not placed.rivals or not (said.affirmed or said.denied):
            continue
        for g in _of_the_case(placed):
            ruled = g.ruled
            verb = opposed(said, ruled.said, ruled.guided.words)
            if verb:
                detail = f"says the opposite of rule {ruled.rule.id}: {ruled.rule.text}"
                span = (placed.start, placed.start + len(placed.sentence.text))
                return Breach(ruled.rule.id, detail, (span,))
    return None


def _of_the_case(placed: Placed) -> list[Governing]:
    """The rules whose entity and condition the sentence names, most of their words first of all.

    Worn shoes are no unworn shoes, and personalised shoes not just any.
    """
    sentence = placed.sentence
    named: list[tuple[int, Governing]] = []
    for g in placed.rivals:
        guided = g.ruled.guided
        covered = sentence.covered.get(g.place, 0.0)
        case = guided.case
        if g.ruled.turned & sentence.words or not guided.entity:
            continue
        if guided.entity <= sentence.words and covered >= STATES:
            named.append((len(case & sentence.words), g))
    most = max((count for count, _ in named), default=0)
    return [g for count, g in named if count == most]

"""Promises and offers that a rule forbids."""

from __future__ import annotations

from engine.curation.breaches.breach import Breach
from engine.curation.promises import find_promises
from engine.curation.relevance import content
from engine.curation.ruled import Ruled, Rules, Told

_COMMON = content("promise guarantee offer give send please customer team support")
_KINDS = ("forbidden_promise", "refusal")


def by_promise(told: Told, rules: Rules) -> Breach | None:
    """A clause that promises or offers what a rule says must not be promised or offered.

    The rule must be the one that the clause speaks of most, or the one that was asked about.
    """
    if not any(r.rule.kind in _KINDS for r in rules.ruled):
        return None
    for clause, words, is_promise in find_promises(told.answer):
        ruled = _forbidding(told, rules, words, is_promise)
        if ruled is not None:
            at = told.answer.find(clause)
            spans = ((at, at + len(clause)),) if at >= 0 else ()
            detail = f"promises what rule {ruled.rule.id} forbids: {clause[:80]!r}"
            return Breach(ruled.rule.id, detail, spans)
    return None


def _forbidding(told: Told, rules: Rules, words: frozenset[str], is_promise: bool) -> Ruled | None:
    weights: dict[int, float] = {}
    for word in (words - _COMMON) & rules.guide.weights.keys():
        for place in rules.guide.holders[word]:
            weights[place] = weights.get(place, 0.0) + rules.guide.weights[word]
    most = max(weights.values(), default=0.0)
    for place, ruled in enumerate(rules.ruled):
        if ruled.rule.kind not in _KINDS:
            continue
        spoken_of = place in weights and weights[place] == most
        asked = place in told.named and (is_promise or place in weights)
        if spoken_of or asked:
            return ruled
    return None

"""Promises and offers that a rule forbids."""

from __future__ import annotations

from engine.curation.breaches.breach import Breach
from engine.curation.promises import Promise
from engine.curation.relevance import content
from engine.curation.ruled import Ruled, Rules
from engine.curation.telling import Told

_COMMON = content("promise guarantee offer give send please customer team support")


def by_promise(told: Told, rules: Rules) -> Breach | None:
    """A clause that promises or offers what a rule says must not be promised or offered.

    The rule must be the one that the clause speaks of most, or the one that was asked about.
    """
    for placed in told.sentences:
        for promise in placed.sentence.promises:
            ruled = _forbidding(told, rules, promise)
            if ruled is not None:
                at = placed.start + max(placed.sentence.text.find(promise.clause), 0)
                detail = f"promises what rule {ruled.rule.id} forbids: {promise.clause[:80]!r}"
                return Breach(ruled.rule.id, detail, ((at, at + len(promise.clause)),))
    return None


def _forbidding(told: Told, rules: Rules, promise: Promise) -> Ruled | None:
    weights: dict[int, float] = {}
    for word in (promise.words - _COMMON) & rules.guide.weights.keys():
        for place in rules.guide.holders[word]:
            weights[place] = weights.get(place, 0.0) + rules.guide.weights[word]
    most = max(weights.values(), default=0.0)
    for place in rules.forbidding:
        spoken_of = place in weights and weights[place] == most
        asked = place in told.named and (promise.sure or place in weights)
        if spoken_of or asked:
            return rules.ruled[place]
    return None

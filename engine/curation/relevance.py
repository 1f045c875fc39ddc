"""Which intents and rules a text is about: by their keywords, and by the words of the rules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from engine.curation.text import KnownStems, stems
from engine.scope import Rule, Scope

_EMPTY = stems(
    "a an the of in on for to and or with by from at as is are was be been it its that this these "
    "those you your yours we our us i my me they their them can could will would do does not no "
    "yes have has had if so but only how what when which who there than then any all more please "
    "thanks"
)

_UNKNOWN = 0.7
"""Weight of a word that no rule holds; those that some do weigh 0.7 (all rules) and more."""


class Phrases(msgspec.Struct, frozen=True):
    """Keywords of several owners made ready: each phrase the set of its stemmed words."""

    by_stem: dict[str, tuple[tuple[frozenset[str], int, int], ...]]
    """Phrases with their owner's place and what they count, under the rarest of their words."""
    stems: KnownStems
    """Those of all phrases."""
    rarest: frozenset[str]
    """The keys of `by_stem`: two sets meet several times as fast as a set and a dictionary."""

    def hits_in(self, text: str) -> dict[int, int]:
        """`hits` of the stemmed words of a text."""
        return self.hits(self.stems.among(text))

    def hits(self, words: frozenset[str]) -> dict[int, int]:
        """By owner: what its phrases count that occur whole among `words`; others are out."""
        found: dict[int, int] = {}
        for word in words & self.rarest:
            for phrase, owner, counts in self.by_stem[word]:
                if phrase <= words:
                    found[owner] = found.get(owner, 0) + counts
        return found


class Guided(msgspec.Struct, frozen=True):
    """A rule with its words made ready."""

    rule: Rule
    entity: frozenset[str]
    condition: frozenset[str]
    words: frozenset[str]
    """Content words of its text, title and entity."""

    @property
    def case(self) -> frozenset[str]:
        """What tells it from other rules."""
        return self.entity | self.condition


class Guide(msgspec.Struct, frozen=True):
    """A scope's words, ready to be held against many texts. Rules and intents go by their place."""

    intents: tuple[str, ...]
    asked: Phrases
    """Keywords of intents, and of the rules that belong to one, as a question counts them."""
    answered: Phrases
    """Keywords of intents as an answer counts them: less, it only repeats the question."""
    rules: tuple[Guided, ...]
    rule_keywords: Phrases
    weights: dict[str, float]
    """How telling a word is: the fewer rules hold it, the more."""
    holders: dict[str, tuple[int, ...]]
    """By word: the rules that hold it."""

    def coverage(self, words: frozenset[str]) -> dict[int, float]:
        """By rule: the share (0-1) of `words` that stands in it; one word in common is none.

        Words that no rule holds count little: they are the customer's case, not its topic.
        """
        shared: dict[int, list[float]] = {}
        known = words & self.weights.keys()
        for word in known:
            for place in self.holders[word]:
                shared.setdefault(place, []).append(self.weights[word])
        if not shared:
            return {}
        whole = sum(self.weights[w] for w in known) + _UNKNOWN * (len(words) - len(known))
        return {place: sum(found) / whole for place, found in shared.items() if len(found) > 1}


def content(text: str) -> frozenset[str]:
    """Stemmed words that carry meaning: no articles, pronouns, numbers."""
    return frozenset(w for w in stems(text) - _EMPTY if not w[0].isdigit())


def ready(phrases: Iterable[tuple[int, Iterable[str], int]]) -> Phrases:
    """Stem the keywords of each owner once, for many texts.

    phrases: owner, its keywords, and how much each word of a keyword counts.
    """
    stemmed = [(s, owner, weight) for owner, own, weight in phrases for p in own if (s := stems(p))]
    counts = Counter(word for phrase, _, _ in stemmed for word in phrase)
    by_stem: dict[str, list[tuple[frozenset[str], int, int]]] = {}
    for phrase, owner, weight in stemmed:
        rarest = min(phrase, key=lambda word: (counts[word], word))
        by_stem.setdefault(rarest, []).append((phrase, owner, weight * len(phrase)))
    return Phrases(
        {word: tuple(found) for word, found in by_stem.items()},
        KnownStems(frozenset(counts)),
        frozenset(by_stem),
    )


def _of_intents(scope: Scope, weight: int) -> Iterator[tuple[int, Iterable[str], int]]:
    for place, intent in enumerate(scope.intents):
        yield place, (*intent.keywords, intent.name), weight


def _of_rules(
    scope: Scope, intents: Sequence[str], weight: int
) -> Iterator[tuple[int, Iterable[str], int]]:
    for rule in scope.rules:
        if rule.intent in intents:
            yield intents.index(rule.intent), rule.keywords, weight


@lru_cache(maxsize=8)
def guide(scope: Scope) -> Guide:
    """Prepare a scope."""
    rules = tuple(
        Guided(
            rule,
            content(rule.entity),
            content(rule.condition),
            content(f"{rule.text} {rule.title} {rule.entity}"),
        )
        for rule in scope.rules
    )
    names = tuple(intent.name for intent in scope.intents)
    holders: dict[str, list[int]] = {}
    for place, guided in enumerate(rules):
        for word in guided.words:
            holders.setdefault(word, []).append(place)
    return Guide(
        intents=names,
        asked=ready([*_of_intents(scope, 4), *_of_rules(scope, names, 2)]),
        answered=ready(_of_intents(scope, 1)),
        rules=rules,
        rule_keywords=ready((n, rule.keywords, 1) for n, rule in enumerate(scope.rules)),
        weights={word: math.log(1 + len(rules) / len(own)) for word, own in holders.items()},
        holders={word: tuple(own) for word, own in holders.items()},
    )


def best_intent(made: Guide, asked: str, answered: str = "") -> str:
    """The intent whose keywords fit best, what the customer said counting most; '' for none."""
    scores = made.asked.hits_in(asked)
    if answered:
        for place, hits in made.answered.hits_in(answered).items():
            scores[place] = scores.get(place, 0) + hits
    if not scores:
        return ""
    most = max(scores.values())
    return made.intents[min(place for place, score in scores.items() if score == most)]


def best_rule(made: Guide, text: str) -> tuple[Rule | None, float]:
    """The rule whose words a text covers best, with its coverage (0-1)."""
    covered = made.coverage(content(text))
    place = max(covered, key=lambda p: (covered[p], -p), default=None)
    return (made.rules[place].rule, covered[place]) if place is not None else (None, 0.0)

"""Which intents and rules a text is about: by their keywords, and by the words of the rules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import msgspec

from engine.curation.text import stems
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
    """Keywords made ready: each the set of its stemmed words."""

    phrases: tuple[frozenset[str], ...]

    def hits(self, words: frozenset[str]) -> int:
        """Words of the phrases that occur whole among `words`."""
        return sum(len(phrase) for phrase in self.phrases if phrase <= words)


class Guided(msgspec.Struct, frozen=True):
    """A rule with its words made ready."""

    rule: Rule
    keywords: Phrases
    entity: frozenset[str]
    condition: frozenset[str]
    words: frozenset[str]
    """Content words of its text, title and entity."""


class Guide(msgspec.Struct, frozen=True):
    """A scope's words, ready to be held against many texts."""

    intents: dict[str, Phrases]
    rule_keywords: dict[str, Phrases]
    """By intent: the keywords of its rules."""
    rules: tuple[Guided, ...]
    weights: dict[str, float]
    """How telling a word is: the fewer rules hold it, the more."""

    def coverage(self, words: frozenset[str], guided: Guided) -> float:
        """Share (0-1) of what `words` say that stands in a rule; one word in common is none.

        Words that no rule holds count little: they are the customer's case, not its topic.
        """
        shared = words & guided.words
        if len(shared) < 2:
            return 0.0
        weight = sum(self.weights.get(word, _UNKNOWN) for word in words)
        return sum(self.weights[word] for word in shared) / weight


def content(text: str) -> frozenset[str]:
    """Stemmed words that carry meaning: no articles, pronouns, numbers."""
    return frozenset(w for w in stems(text) - _EMPTY if not w[0].isdigit())


def ready(phrases: Iterable[str]) -> Phrases:
    """Stem keywords once, for many texts."""
    return Phrases(tuple(s for s in (stems(p) for p in phrases) if s))


def guide(scope: Scope) -> Guide:
    """Prepare a scope."""
    by_intent: dict[str, list[str]] = {}
    for rule in scope.rules:
        by_intent.setdefault(rule.intent, []).extend(rule.keywords)
    rules = tuple(
        Guided(
            rule,
            ready(rule.keywords),
            content(rule.entity),
            content(rule.condition),
            content(f"{rule.text} {rule.title} {rule.entity}"),
        )
        for rule in scope.rules
    )
    counts = Counter(word for guided in rules for word in guided.words)
    return Guide(
        intents={i.name: ready((*i.keywords, i.name)) for i in scope.intents},
        rule_keywords={name: ready(words) for name, words in by_intent.items()},
        rules=rules,
        weights={word: math.log(1 + len(rules) / n) for word, n in counts.items()},
    )


def best_intent(made: Guide, asked: str, answered: str = "") -> str:
    """The intent whose keywords fit best, what the customer said counting most; '' for none."""
    question, answer = stems(asked), stems(answered)
    nothing = Phrases(())
    best, most = "", 0
    for name, own in made.intents.items():
        rules = made.rule_keywords.get(name, nothing)
        score = 4 * own.hits(question) + 2 * rules.hits(question) + own.hits(answer)
        if score > most:
            best, most = name, score
    return best


def best_rule(made: Guide, text: str) -> tuple[Rule | None, float]:
    """The rule whose words a text covers best, with its coverage (0-1)."""
    words = content(text)
    scored = [(made.coverage(words, guided), -i) for i, guided in enumerate(made.rules)]
    coverage, place = max(scored, default=(0.0, 0))
    return (made.rules[-place].rule, coverage) if coverage > 0 else (None, 0.0)

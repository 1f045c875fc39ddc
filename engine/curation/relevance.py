"""Which intents and rules a text is about, by their keywords, at word boundaries."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from engine.curation.text import stems
from engine.scope import Rule, Scope


class Phrases(msgspec.Struct, frozen=True):
    """Keywords made ready: each the set of its stemmed words."""

    phrases: tuple[frozenset[str], ...]

    def hits(self, words: frozenset[str]) -> int:
        """Words of the phrases that occur whole among `words`."""
        return sum(len(phrase) for phrase in self.phrases if phrase <= words)


def ready(phrases: Iterable[str]) -> Phrases:
    """Stem keywords once, for many texts."""
    return Phrases(tuple(s for s in (stems(p) for p in phrases) if s))


class Guide(msgspec.Struct, frozen=True):
    """A scope's keywords, ready to be held against many texts."""

    intents: dict[str, Phrases]
    rule_keywords: dict[str, Phrases]
    """By intent: the keywords of its rules."""
    rules: tuple[tuple[Rule, Phrases, frozenset[str], frozenset[str]], ...]
    """Each rule with its keywords, the words of its entity and of its condition."""


def guide(scope: Scope) -> Guide:
    """Prepare a scope."""
    rule_words: dict[str, list[str]] = {}
    for rule in scope.rules:
        rule_words.setdefault(rule.intent, []).extend(rule.keywords)
    return Guide(
        intents={i.name: ready((*i.keywords, i.name)) for i in scope.intents},
        rule_keywords={name: ready(words) for name, words in rule_words.items()},
        rules=tuple(
            (r, ready(r.keywords), stems(r.entity), stems(r.condition)) for r in scope.rules
        ),
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

"""Rows as the check for contradictions reads them, and which rules govern a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from engine.curation.polarity import Said, read_said
from engine.curation.promises import Promise, find_promises
from engine.curation.relevance import content
from engine.curation.ruled import Ruled, Rules, find_claims, rules_of
from engine.curation.text import customer_side, stems
from engine.facts import Fact
from engine.records import NumberedExample
from engine.scope import Scope

STATES = 0.3
"""Share of a sentence's words that must be a rule's own for it to be about the rule."""
GOVERNS = 0.45
"""The same, for the rule to govern a sentence whose question does not name it."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_KEPT = 1 << 14
"""Sentences remembered: support answers repeat theirs."""


class Sentence(msgspec.Struct, frozen=True, eq=False):
    """One sentence, whatever answer it stands in. Offsets count in the sentence."""

    text: str
    words: frozenset[str]
    claims: tuple[Fact, ...]
    covered: dict[int, float]
    """By rule: share of the sentence that it covers."""
    said: Said
    promises: tuple[Promise, ...]


class Governing(msgspec.Struct, frozen=True, eq=False):
    """A rule that may apply, and how strongly the words say so."""

    place: int
    ruled: Ruled
    strength: float


class Placed(msgspec.Struct, frozen=True, eq=False):
    """A sentence where it stands in an answer, with the rules that may apply, strongest first."""

    start: int
    sentence: Sentence
    rivals: list[Governing]


class Told(msgspec.Struct, frozen=True, eq=False):
    """One row, read once for everything that asks about it."""

    row: NumberedExample
    asked: str
    asked_words: frozenset[str]
    named: dict[int, int]
    """By rule: words of its keywords in what the customer said."""
    named_last: frozenset[int]
    """Rules whose keywords stand in the last question: what the answer answers."""
    sentences: tuple[Placed, ...]

    @property
    def answer(self) -> str:
        """The final answer."""
        return self.row.example.answer

    def covered(self, place: int) -> float:
        """Share of the sentence that a rule covers best."""
        return max((p.sentence.covered.get(place, 0.0) for p in self.sentences), default=0.0)


class Reader:
    """Reads rows by one scope's rules; it remembers the sentences that come again."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._read = lru_cache(maxsize=_KEPT)(self._read_sentence)

    def read(self, row: NumberedExample) -> Told:
        """A row with its sentences, claims and the rules that its words point at."""
        example = row.example
        asked, prompt = customer_side(example), example.prompt
        words = stems(asked)
        keywords = self.rules.guide.rule_keywords
        named = keywords.hits(words)
        last = named.keys() if prompt == asked else keywords.hits(stems(prompt)).keys()
        sentences = tuple(
            Placed(start, s, self._rivals(s, named, words, example.intent))
            for start, s in self._sentences(example.answer)
        )
        return Told(row, asked, words, named, frozenset(last), sentences)

    def _sentences(self, answer: str) -> Iterator[tuple[int, Sentence]]:
        start = 0
        for gap in _SENTENCE.finditer(answer):
            yield start, self._read(answer[start : gap.start()])
            start = gap.end()
        yield start, self._read(answer[start:])

    def _read_sentence(self, text: str) -> Sentence:
        words = content(text)
        return Sentence(
            text,
            words,
            tuple(find_claims(text, self.rules.nouns)),
            self.rules.guide.coverage(words),
            read_said(text),
            tuple(find_promises(text)) if self.rules.forbidding else (),
        )

    def _rivals(
        self, sentence: Sentence, named: dict[int, int], asked: frozenset[str], intent: str
    ) -> list[Governing]:
        found: list[Governing] = []
        covered = sentence.covered
        for place in {p for p, share in covered.items() if share >= STATES} | named.keys():
            ruled = self.rules.ruled[place]
            guided = ruled.guided
            strength = named.get(place, 0) + 6 * covered.get(place, 0.0)
            strength += 0.5 * len(asked & guided.case)
            if intent and guided.rule.intent == intent:
                strength += 0.5
            if ruled.guards and ruled.is_guarded(sentence.claims):
                strength += 1.0
            found.append(Governing(place, ruled, strength))
        if len(found) > 1:
            found.sort(key=lambda g: (-g.strength, g.place))
        return found


@lru_cache(maxsize=8)
def reader_of(scope: Scope) -> Reader:
    """The reader for a scope's rules."""
    return Reader(rules_of(scope))

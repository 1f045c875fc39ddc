"""Promises and offers that an answer makes, as against those it declines."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from engine.curation.relevance import content

_I = r"\b(?:i|we|our team|you)"
_NO = r"(?:not|n't|never|cannot|unable to|no|without|nor)"
_PROMISE = re.compile(
    rf"{_I}(?:'ll| will| can| do|'m going to| are going to| hereby)?(?: also| gladly| definitely"
    r"| happily)? (?:promise|guarantee|assure|commit|vouch)\b"
    r"|\b(?:is|are|'s|be|it's) guaranteed\b|\bguaranteed (?:to|by|on|before|within)\b"
    r"|\bfor sure\b|\b(?:you have )?my word\b|\brest assured\b|\bwithout fail\b"
    r"|\b(?:will|'ll) (?:definitely|certainly|surely|absolutely|for certain)\b"
    r"|\b(?:definitely|certainly|surely) (?:will|be)\b|\byou can (?:count|rely|depend) on\b"
)
_OFFER = re.compile(
    r"\b(?:i|we)(?:'ll| will| can|'d be happy to| would be happy to|'m going to| are happy to"
    r"|'re happy to| am happy to| have)?(?: also| gladly| happily| just| then| certainly)?"
    r" (?:send|give|offer|arrange|add|credit|grant|match|beat|compensate|pay|issue|refund|waive"
    r"|reimburse|cover|throw in|book|take|accept|lend|approve|extend|deliver|sent|added|credited"
    r"|issued)\b"
    r"|\byou(?:'ll| will) (?:get|receive|be given|be compensated)\b"
    r"|\b(?:please )?(?:send|give|tell|type|read|post) (?:me|us)\b"
)
_DECLINED = re.compile(
    rf"\b{_NO}\b[^.;]{{0,25}}$|(?:can|wo|do|does|would|could|must|should|is|are)n't[^.;]{{0,25}}$"
)
_CLAUSE = re.compile(r"(?<=[.!?;])\s+|\n+|,? but ")
_WHEN = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\btomorrow\b|\btonight\b|\btoday\b"
    r"|\bnext (?:week|month)\b|\bthe \d{1,2}(?:st|nd|rd|th)\b|\bweekend\b|\b\d{1,2}[./]\d{1,2}\b"
    r"|\b(?:january|february|april|june|july|august|september|october|november|december) \d"
)
_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'"})


class Promise(msgspec.Struct, frozen=True):
    """A clause that promises (or only offers) something, with its content words."""

    clause: str
    words: frozenset[str]
    """A day that is named counts as the words `day` and `date`."""
    sure: bool
    """Whether it is a promise, no mere offer."""


def find_promises(text: str) -> Iterator[Promise]:
    """The clauses of a text that promise or offer, in order."""
    for clause in _CLAUSE.split(text.translate(_STRAIGHT)):
        low = clause.lower()
        for pattern in (_PROMISE, _OFFER):
            found = pattern.search(low)
            if found and not _DECLINED.search(low[: found.end()]):
                words = content(clause)
                if _WHEN.search(low):
                    words |= content("day date")
                yield Promise(clause.strip(), words, pattern is _PROMISE)
                break

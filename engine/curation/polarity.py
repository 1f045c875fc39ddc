"""What a text says can and cannot be done: its verbs, affirmed or denied."""

from __future__ import annotations

import re

import msgspec

from engine.curation.text import stem

_NOT = (
    r"(?:cannot|can ?not|can't|could not|couldn't|won't|will not|wouldn't|may not|must not|mustn't"
    r"|do not|does not|don't|doesn't|did not|didn't|is not|isn't|are not|aren't|was not|never"
    r"|no longer|not)"
)
_CAN = r"(?:can|may|could|will|is|are|be|'re|'s|gets?)"
_BETWEEN = (
    r"(?:(?:be|been|get|also|always|ever|still|now|currently|usually|normally|only|even|just|able"
    r"|to|you|we|they|have|that|simply|easily|in general|generally|fully|for)\s+){0,4}"
)
_PAIR = r"([a-z]+)(?:\s+or\s+([a-z]+))?"
_DENIED = re.compile(rf"\b{_NOT}\s+{_BETWEEN}{_PAIR}")
_AFFIRMED = re.compile(rf"\b{_CAN}\s+(?!not\b|never\b|no\b){_BETWEEN}{_PAIR}")
_LEAD = re.compile(
    r"^\W*(?:yes|no|sure|sorry|unfortunately|certainly|absolutely)\b[\s,.!:;-]*", re.I
)
_EXCEPTION = re.compile(
    r"\b(?:unless|except|only|without(?! (?:charge|cost|fee|extra|any|paying))|after|outside|beyond"
    r"|later|past|once|older|over|more|if|when|while|other|another|else|until|before|instead|but"
    r"|because|so that)\b"
)
_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'"})


class Said(msgspec.Struct, frozen=True):
    """Stemmed verbs by how they stand."""

    affirmed: frozenset[str]
    denied: frozenset[str]
    exceptions: frozenset[str]
    """Words that bend what is said: unless, only, after..."""


def read_said(text: str) -> Said:
    """What a sentence or a rule affirms and denies; its leading yes or no is the question's."""
    low = _LEAD.sub("", text.translate(_STRAIGHT).lower())
    denied = _verbs(_DENIED, low)
    affirmed = _verbs(_AFFIRMED, _DENIED.sub(" ", low)) - denied
    return Said(affirmed, denied, frozenset(_EXCEPTION.findall(low)))


def opposed(said: Said, ruled: Said, rule_words: frozenset[str]) -> str:
    """The verb that a sentence denies and a rule does not, or the other way round; '' for none.

    A sentence with an exception that the rule does not make speaks of another case.
    """
    if said.exceptions - ruled.exceptions:
        return ""
    against = (said.denied & rule_words) - ruled.denied
    against |= said.affirmed & ruled.denied
    return min(against, default="")


def _verbs(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(
        stem(verb) for found in pattern.finditer(text) for verb in found.groups() if verb
    )

"""Headings read as questions, for pages that answer without being asked."""

from __future__ import annotations

import calendar
import re

_NUMBERING = re.compile(
    r"^\s*(?:(?:Q(?:uestion)?\s*\d*\s*[:.)]|\d+(?:\.\d+)*[.):]?|[-*\u2022])\s+)+", re.I
)
_TAIL = re.compile(r"[\s:#\u00b6.]+$")
_ASKING = re.compile(
    r"(?:how|what|when|where|which|who|whose|whom|why|can|could|do|does|did|is|are|was|may|must|"
    r"will|would|should|have|has)\b\s+(\S+)\s*(\S*)",
    re.I,
)
_OPEN = ("how", "what", "when", "where", "which", "who", "whose", "whom", "why")
_INFINITIVE = {
    "how": "How do I",
    "what": "What should I",
    "when": "When should I",
    "where": "Where do I",
    "who": "Whom should I",
    "which": "Which should I",
}
_DATED = frozenset((*calendar.month_name, *calendar.day_name))
_STATING = frozenset(("we", "you", "our", "your", "i", "they", "it", "this", "these"))


def read_as_question(title: str, under: str = "") -> tuple[str, bool]:
    """The question that a heading asks, and whether strop had to phrase it.

    `under` is the heading above it, which a title of few words needs to be understood.
    """
    title = _TAIL.sub("", _NUMBERING.sub("", " ".join(title.split())))
    if title.endswith("?"):
        return title, False
    asking = _ASKING.match(title)
    if asking is not None:
        phrased = _ask(title, asking)
        if phrased:
            return phrased, False
    about = f" ({under})" if under else ""
    return f"What should I know about {_inside(title)}{about}?", True


def is_question(title: str) -> bool:
    """Whether a heading asks, with or without its mark."""
    return not read_as_question(title)[1]


def _ask(title: str, asking: re.Match[str]) -> str:
    """A title that begins with a question word as a question; empty when it only looks so."""
    word = title.split(maxsplit=1)[0].lower()
    follows = asking[1].lower()
    if word in _INFINITIVE and follows == "to":
        rest = title.split(None, 2)[2:]
        return f"{_INFINITIVE[word]} {rest[0]}?" if rest else ""
    if word in _OPEN and follows in _STATING:
        return f"Could you tell me {_inside(title)}?"
    # `Will call` and `May 2026` are no questions: a verb needs somebody and something.
    if word not in _OPEN and not (asking[2] and follows.isalpha()):
        return ""
    return f"{title}?"


def _inside(title: str) -> str:
    """A title as it stands in the middle of a sentence; names and abbreviations stay large."""
    first = title.split(" ", 1)[0]
    plain = first[:1].isupper() and first[1:].islower() and first not in _DATED
    others = [w for w in title.split()[1:] if w[:1].isalpha()]
    named = any(w[0].isupper() for w in others)
    return title[:1].lower() + title[1:] if plain and not named else title

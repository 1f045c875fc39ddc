"""The filter over examples as people type it: words of the text, and `name:value`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from engine.curation.run import CHECKS
from engine.errors import InputError
from engine.store.decisions import REASONS
from engine.store.examples import Status
from engine.store.sieve import Sieve, one_word

STATUSES: tuple[str, ...] = (*get_args(Status), "waiting", "edited", "flagged")
"""What `status:` takes: `waiting` is undecided or later; an example may be edited as well."""
NAMES = ("status", "intent", "check", "file", "tag", "who", "reason")


def parse(text: str, intents: Sequence[str] = ()) -> Sieve:
    """`refund status:accepted intent:fit check:leak tag:gold #77` as a filter.

    Raises InputError for a status, check, reason or intent that does not exist. What has a colon
    but none of the names before it is a word like any other.
    """
    words: list[str] = []
    ids: list[int] = []
    wanted: list[tuple[str, str]] = []
    for word in text.lower().split():
        name, colon, value = word.partition(":")
        if colon and name in NAMES:
            wanted.append((name, _checked(name, value, intents)))
        elif word[0] == "#" and word[1:].isascii() and word[1:].isdigit():
            ids.append(int(word[1:]))
        elif any(character.isalnum() for character in word):
            words.append(word)
    return Sieve(tuple(words), tuple(ids), tuple(wanted))


def _checked(name: str, value: str, intents: Sequence[str]) -> str:
    known: dict[str, Sequence[str]] = {
        "status": STATUSES,
        "check": (*CHECKS, "any", "none"),
        "intent": [*map(one_word, intents), "none"],
        "reason": [reason for reason, _ in REASONS],
    }
    if name in known and value not in known[name]:
        raise InputError(f"{name}:{value} is not known.", f"There are: {', '.join(known[name])}.")
    return value

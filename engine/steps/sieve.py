"""The filter over examples: words of the text, and `name:value` for what is known about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec

from engine.curation.run import CHECKS
from engine.errors import InputError
from engine.records import Finding
from engine.store.examples import Status, StoredExample

STATUSES: tuple[str, ...] = (*get_args(Status), "waiting", "edited", "flagged")
"""What `status:` takes: `waiting` is undecided or later; an example may be edited as well."""
NAMES = ("status", "intent", "check", "file")


class Sieve(msgspec.Struct, frozen=True):
    """A filter; empty, it lets everything through. All words must hold.

    Of one name given twice, one value is enough: `status:accepted status:later`.
    """

    words: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    wanted: tuple[tuple[str, str], ...] = ()
    """Name and value, in lower case."""

    def lets(self, stored: StoredExample, found: Sequence[Finding]) -> bool:
        """Whether an example with these findings passes."""
        if self.ids and stored.id not in self.ids:
            return False
        names = dict.fromkeys(name for name, _ in self.wanted)
        if not all(self._holds(name, _known(name, stored, found)) for name in names):
            return False
        text = "\n".join(m.content for m in stored.example.messages).lower() if self.words else ""
        return all(word in text for word in self.words)

    def _holds(self, name: str, known: frozenset[str]) -> bool:
        values = [value for wanted, value in self.wanted if wanted == name]
        if name == "file":
            return any(value in file for value in values for file in known)
        return any(value in known for value in values)


def parse(text: str, intents: Sequence[str] = ()) -> Sieve:
    """`refund status:accepted intent:fit check:leak #77` as a filter.

    Raises InputError for a status, check or intent that does not exist. What has a colon but none
    of the names before it is a word like any other.
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
        else:
            words.append(word)
    return Sieve(tuple(words), tuple(ids), tuple(wanted))


def _checked(name: str, value: str, intents: Sequence[str]) -> str:
    known: dict[str, Sequence[str]] = {
        "status": STATUSES,
        "check": (*CHECKS, "any", "none"),
        "intent": [*map(_one_word, intents), "none"],
    }
    if name in known and value not in known[name]:
        raise InputError(f"{name}:{value} is not known.", f"There are: {', '.join(known[name])}.")
    return value


def _known(name: str, stored: StoredExample, found: Sequence[Finding]) -> frozenset[str]:
    if name == "status":
        waiting = stored.status in ("undecided", "later")
        marks = {"waiting": waiting, "edited": bool(stored.original), "flagged": stored.flagged}
        return frozenset([stored.status, *(mark for mark, holds in marks.items() if holds)])
    if name == "check":
        return frozenset({"any", *(f.check for f in found)} if found else {"none"})
    if name == "intent":
        return frozenset({_one_word(stored.example.intent) or "none"})
    return frozenset({stored.file.lower()})


def _one_word(intent: str) -> str:
    return "-".join(intent.lower().split())

"""The filter over examples as people type it: words of the text, and `name:value`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from engine.curation.run import CHECKS
from engine.errors import InputError
from engine.scope import Rule
from engine.store.decisions import REASONS
from engine.store.examples import Status
from engine.store.sieve import Sieve, one_word

STATUSES: tuple[str, ...] = (*get_args(Status), "waiting", "edited", "flagged")
"""What `status:` takes: `waiting` is undecided or later; an example may be edited as well."""
NAMES = ("status", "intent", "rule", "check", "file", "tag", "who", "reason")


def parse(text: str, intents: Sequence[str] = (), rules: Sequence[Rule] = ()) -> Sieve:
    """`refund status:accepted intent:fit rule:R07 check:leak tag:gold #77` as a filter.

    A rule stands for its keywords and facts: an example with one of them is about it.
    Raises InputError for a status, check, reason, intent or rule that does not exist. What has a
    colon but none of the names before it is a word like any other.
    """
    known = {rule.id.lower(): rule for rule in rules}
    words: list[str] = []
    ids: list[int] = []
    wanted: list[tuple[str, str]] = []
    either: list[tuple[str, ...]] = []
    for word in text.lower().split():
        name, colon, value = word.partition(":")
        if colon and name == "rule":
            either += _about(_checked(name, value, list(known)), known)
        elif colon and name in NAMES:
            wanted.append((name, _checked(name, value, intents)))
        elif word[0] == "#" and word[1:].isascii() and word[1:].isdigit():
            ids.append(int(word[1:]))
        elif any(character.isalnum() for character in word):
            words.append(word)
    return Sieve(tuple(words), tuple(ids), tuple(wanted), tuple(either))


def _about(rule_id: str, known: dict[str, Rule]) -> list[tuple[str, ...]]:
    """The words of each keyword, each fact with an amount; of a rule without any, its title's."""
    rule = known[rule_id]
    keywords = [tuple(keyword.lower().split()) for keyword in rule.keywords]
    amounts = [("-".join(f.lower().split()),) for f in rule.facts if any(map(str.isdigit, f))]
    return [*keywords, *amounts] or [tuple(rule.title.lower().split())]


def _checked(name: str, value: str, names: Sequence[str]) -> str:
    known: dict[str, Sequence[str]] = {
        "rule": names,
        "status": STATUSES,
        "check": (*CHECKS, "any", "none"),
        "intent": [*map(one_word, names), "none"],
        "reason": [reason for reason, _ in REASONS],
    }
    if name in known and value not in known[name]:
        raise InputError(
            f"{name}:{value} is not known.", f"There are: {', '.join(known[name]) or 'none'}."
        )
    return value

"""Whether two answers to one question disagree: in a typed fact, or in yes and no."""

from __future__ import annotations

from collections import defaultdict

from engine.facts import Fact, find_facts, same_fact, yes_or_no

_Groups = dict[str, list[Fact]]


def disagreement(first: str, second: str) -> str:
    """A sentence such as `says 30 days, the other 45 days`; empty when the answers agree.

    A fact that only one answer holds is no disagreement; nor is a bare number without a unit.
    """
    ours, theirs = _by_kind(first), _by_kind(second)
    for kind in ours.keys() & theirs.keys():
        differing = _differing(ours[kind], theirs[kind])
        if differing:
            return f"says {differing[0].text.strip()}, the other {differing[1].text.strip()}"
    yes, other = yes_or_no(first), yes_or_no(second)
    if yes is not None and other is not None and yes != other:
        return f"says {_word(yes)}, the other {_word(other)}"
    return ""


def _by_kind(text: str) -> _Groups:
    groups: _Groups = defaultdict(list)
    for fact in find_facts(text):
        if fact.unit:
            groups[fact.kind].append(fact)
    return groups


def _differing(ours: list[Fact], theirs: list[Fact]) -> tuple[Fact, Fact] | None:
    """Facts of one unit of which none agrees; across units only where each side has one."""
    for unit in dict.fromkeys(f.unit for f in ours):
        mine = [f for f in ours if f.unit == unit]
        others = [f for f in theirs if f.unit == unit]
        if others and not any(same_fact(a, b) for a in mine for b in others):
            return mine[0], others[0]
    if len(ours) == len(theirs) == 1 and not same_fact(ours[0], theirs[0]):
        return ours[0], theirs[0]
    return None


def _word(yes: bool) -> str:
    return "yes" if yes else "no"

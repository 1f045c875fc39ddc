"""Conflicts found and false alarms raised among drawn rows: nothing is tuned to a list.

Each family of rows asks one thing about one entity under one condition. Its questions are edited in
several ways; its answers state one fact in several forms, and in a conflict another number, unit,
or yes for no. The peer finds every planted conflict and nothing else.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import NamedTuple

from benchmarks.figures import report
from benchmarks.perturbations import spelled
from benchmarks.support_questions import slip
from engine.curation.duplicates import shingles
from engine.curation.run import run_checks
from engine.curation.text import normalise
from engine.records import Example, Message, NumberedExample
from engine.scope import Rule, Scope

RECALL, ALARMS = 0.98, 0.02
_SYLLABLES = (
    "al",
    "bre",
    "cor",
    "dun",
    "el",
    "fen",
    "gar",
    "hol",
    "is",
    "jor",
    "kel",
    "lam",
    "mor",
)
_THINGS = ("boots", "sandals", "loafers", "trainers", "slippers", "clogs", "gift cards", "insoles")
_CONDITIONS = (
    *("bought online", "bought in the outlet", "worn outside", "still in the box", "on sale"),
    *("paid by voucher", "sent from abroad", "ordered by phone", "personalised with a name"),
)
_ASKS = (
    "How long do I have to return {} {}",
    "How much time is there to send back {} {}",
    "What does it cost to exchange {} {}",
    "When will the refund for {} {} be paid out",
    "How much of a discount do members get on {} {}",
    "What is the restocking fee for {} {}",
    "Can I get my money back for {} {}",
    "Is there a guarantee that covers {} {}",
)
_OPENINGS = ("hi, ", "Hello there! ", "quick question: ", "please tell me, ", "Good morning, ")
_CLOSINGS = ("?", "", "??", " please?", ", thanks!", " pls", "? Thank you.")


class Family(NamedTuple):
    """What is asked, and a true and a false answer, each in several forms."""

    question: str
    right: tuple[str, ...]
    wrong: tuple[str, ...]


class Drawn(NamedTuple):
    """Rows, and pairs of ids of which one was given a false answer."""

    rows: list[NumberedExample]
    planted: list[tuple[int, int]]


def draw(families: int, seed: int) -> tuple[Scope, Drawn]:
    """Families of three rows; in every second one the last row says something else.

    A third of the families is followed by one that differs in entity or condition only, with the
    false answers as its true ones.
    """
    random = Random(seed)
    rules = [Rule(f"R{i}", c, c, condition=c) for i, c in enumerate(_CONDITIONS)]
    scope = Scope("conflicts", rules=(*rules, *(Rule(t, t, t, entity=t) for t in _THINGS)))
    drawn, names = Drawn([], []), _names(random)
    for number in range(families):
        name, thing, condition = next(names), random.choice(_THINGS), random.choice(_CONDITIONS)
        ask = random.choice(_ASKS)
        right, wrong = _answers(ask, random)
        family = Family(ask.format(f"the {name} {thing}", condition), right, wrong)
        _add(drawn, family, number % 2 == 0, random)
        if number % 3 == 0:
            other = random.choice([c for c in _CONDITIONS if c != condition])
            asked = random.choice(
                (
                    ask.format(f"the {name} {thing}", other),
                    ask.format(f"the {next(names)} {thing}", condition),
                )
            )
            _add(drawn, Family(asked, wrong, right), False, random)
    return scope, drawn


def near_same(first: str, second: str) -> bool:
    """Whether two questions are near-same by the definition: a Jaccard of 0.7."""
    ours, theirs = shingles(normalise(first)), shingles(normalise(second))
    return len(ours & theirs) >= 0.7 * len(ours | theirs)


def tally(families: int, seed: int) -> tuple[int, int, int, int]:
    """Planted conflicts, those found; rows without one, those that a conflict names."""
    scope, (rows, planted) = draw(families, seed)
    named = {f.examples for f in run_checks(rows, [], scope, ["conflict"])}
    pairs = {frozenset(pair) for pair in named}
    met = sum(frozenset(pair) in pairs for pair in planted)
    guilty = {i for pair in planted for i in pair}
    clean = {row.id for row in rows} - guilty
    alarmed = {i for pair in named for i in pair if not set(pair) <= guilty} & clean
    return len(planted), met, len(clean), len(alarmed)


def _add(drawn: Drawn, family: Family, is_conflict: bool, random: Random) -> None:
    first = len(drawn.rows)
    for place in range(3):
        is_wrong = is_conflict and place == 2
        answer = random.choice(family.wrong if is_wrong else family.right)
        question = _edited(family.question, random) if place else family.question + "?"
        messages = (Message("user", question), Message("assistant", answer))
        drawn.rows.append(NumberedExample(first + place, Example(messages)))
    if is_conflict:
        last = drawn.rows[first + 2]
        drawn.planted.extend(
            (row.id, last.id)
            for row in drawn.rows[first : first + 2]
            if near_same(row.example.prompt, last.example.prompt)
        )


def _edited(question: str, random: Random) -> str:
    """Another way to ask it: a greeting, a filler, a slip, a synonym, case, an ending."""
    words = question.split()
    for edit in random.sample(("filler", "slip", "case", "synonym", "contraction"), 2):
        at = random.randrange(2, len(words))
        if edit == "filler":
            words.insert(at, random.choice(("please", "actually", "really", "just", "maybe")))
        elif edit == "slip":
            words[at] = slip(words[at], random)
        elif edit == "case":
            words = [word.lower() for word in words]
        elif edit == "synonym":
            swaps = {
                "cost": "charge",
                "refund": "reimbursement",
                "return": "send back",
                "get": "have",
            }
            words = [swaps.get(word, word) for word in words]
        else:
            words = (
                " ".join(words).replace("What is", "What's").replace("is there", "there is").split()
            )
    opening = random.choice(_OPENINGS) if random.random() < 0.3 else ""
    return opening + " ".join(words) + random.choice(_CLOSINGS)


def _names(random: Random) -> Iterator[str]:
    """Names of models, none of them twice."""
    names = ["".join(parts).capitalize() for parts in product(_SYLLABLES, repeat=4)]
    random.shuffle(names)
    return iter(names)


def _answers(ask: str, random: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Forms of a true answer, and of one that states another number, another unit, the opposite."""
    if ask.startswith(("Can", "Is")):
        return _YES, _NO
    if "cost" in ask or "fee" in ask:
        amount, other = random.sample(range(2, 60), 2)
        return _money(amount), random.choice((_money(other), _euros(amount)))
    if "discount" in ask:
        share, other = random.sample(range(5, 60), 2)
        return _percent(share), _percent(other)
    weeks, other = random.sample(range(2, 12), 2)
    return _weeks(weeks), random.choice((_weeks(other), _months(weeks)))


_YES = (
    "Yes, that is possible at any time.",
    "Yes, of course you can.",
    "Certainly, you can do that.",
)
_NO = ("No, that is not possible, sorry.", "No, you cannot.", "Unfortunately you can not do that.")


def _money(amount: int) -> tuple[str, ...]:
    return (
        f"That is ${amount}.",
        f"It comes to {amount} dollars.",
        f"We take {spelled(amount)} dollars.",
    )


def _euros(amount: int) -> tuple[str, ...]:
    return (f"That is {amount} euros.", f"It comes to \u20ac{amount}.")


def _percent(share: int) -> tuple[str, ...]:
    return (
        f"It is {share}%.",
        f"You get {share} percent off.",
        f"That would be {spelled(share)} percent.",
    )


def _weeks(weeks: int) -> tuple[str, ...]:
    days = f"{7 * weeks} days"
    return (f"You have {days}.", f"It is {weeks} weeks.", f"Within {spelled(weeks)} weeks.")


def _months(months: int) -> tuple[str, ...]:
    return (f"You have {months} months.", f"Within {spelled(months)} months.")


def measure(families: int, seeds: Sequence[int]) -> tuple[float, float]:
    """Share of planted conflicts found, share of clean rows with a false alarm."""
    totals = [sum(column) for column in zip(*(tally(families, s) for s in seeds), strict=True)]
    planted, met, clean, alarmed = totals
    print(f"{met} of {planted} conflicts; {alarmed} of {clean} clean rows alarmed")
    return met / planted, alarmed / clean


def main() -> None:
    """Draw, find, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    recall, alarms = measure(arguments.rows // 4, [arguments.seed])
    report("conflicts_found", recall, 1.0, RECALL, "share", more_is_better=True)
    report("conflicts_clean", 1 - alarms, 1.0, 1 - ALARMS, "share", more_is_better=True)


if __name__ == "__main__":
    main()

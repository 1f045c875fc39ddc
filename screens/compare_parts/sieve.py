"""Which cases the list shows, and in which order the keys visit them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal

import msgspec

from engine.steps.compare import Compared
from engine.steps.review import CaseKey, needs_a_person
from engine.steps.slices import turns_by_rule
from screens.compare_parts.words import answer_words

Filter = Literal["broken", "fixed", "both wrong", "wrong", "differ", "all", "for a person"]
FILTERS: tuple[Filter, ...] = ("broken", "fixed", "both wrong", "wrong", "differ", "all")
EVERY_SUITE = ""

_PASSES: dict[Filter, Callable[[Compared], bool]] = {
    "broken": lambda row: row.flip == "broken",
    "fixed": lambda row: row.flip == "fixed",
    "both wrong": lambda row: row.flip == "both_wrong",
    "wrong": lambda row: row.tuned_judged is not None and not row.tuned_judged.passed,
    "differ": lambda row: answer_words(row.case, row.base) != answer_words(row.case, row.tuned),
    "all": lambda _: True,
    "for a person": needs_a_person,
}


class Choice(msgspec.Struct, frozen=True):
    """What the operator wants listed; all of it must hold."""

    filter: Filter = "broken"
    suite: str = EVERY_SUITE
    words: str = ""
    rule: str = ""
    """Only cases that assert this rule; with the filter `wrong`, those whose answer breaks it."""
    intent: str | None = None
    """Only cases of this intent; empty for those without one."""

    @property
    def narrowed(self) -> str:
        """What else but filter and suite narrows the list, in words; empty when nothing does."""
        intent = None if self.intent is None else f"intent {self.intent or '(none)'}"
        said = f"“{self.words}”" if self.words else ""
        return ", ".join(filter(None, (self.rule and f"rule {self.rule}", intent, said)))


def sift(rows: Sequence[Compared], choice: Choice) -> list[Compared]:
    """The rows that pass all that is chosen together, in their order."""
    wanted = choice.words.casefold().split()
    return [
        row
        for row in rows
        if choice.suite in (EVERY_SUITE, row.suite)
        and choice.intent in (None, row.case.intent)
        and _passes(row, choice)
        and (not wanted or all(word in _text(row) for word in wanted))
    ]


def _passes(row: Compared, choice: Choice) -> bool:
    """By filter and rule; of one rule, `wrong` means wrong by that rule."""
    if not choice.rule:
        return _PASSES[choice.filter](row)
    turns = dict(turns_by_rule(row))
    if choice.filter == "wrong":
        return choice.rule in turns and not turns[choice.rule][1]
    return _PASSES[choice.filter](row) and any(a.rule == choice.rule for a in row.case.assertions)


def first_filter(rows: Sequence[Compared]) -> Filter:
    """What to show first: the broken cases, without any the fixed ones, without those all."""
    flips = {row.flip for row in rows}
    return "broken" if "broken" in flips else "fixed" if "fixed" in flips else "all"


def next_filter(name: Filter) -> Filter:
    """The filter after this one, around; the cases for a person have a key of their own."""
    index = FILTERS.index(name) if name in FILTERS else -1
    return FILTERS[(index + 1) % len(FILTERS)]


def next_flip(rows: Sequence[Compared], start: int, step: Literal[1, -1]) -> int | None:
    """Index of the next flip, the broken ones before the fixed, around; None when there is none."""
    flips = [i for flip in ("broken", "fixed") for i, row in enumerate(rows) if row.flip == flip]
    if not flips:
        return None
    if start in flips:
        return flips[(flips.index(start) + step) % len(flips)]
    return flips[0 if step == 1 else -1]


def waiting(rows: Sequence[Compared], ruled: Collection[CaseKey]) -> list[int]:
    """Indexes of the cases that a person has to look at still."""
    return [
        index
        for index, row in enumerate(rows)
        if needs_a_person(row) and (row.suite, row.case.id) not in ruled
    ]


def _text(row: Compared) -> str:
    case = row.case
    answers = (answer_words(case, answer) for answer in (row.base, row.tuned))
    rules = (assertion.rule for assertion in case.assertions)
    return " ".join(
        (case.id, case.intent, case.prompt, case.reference, *answers, *rules)
    ).casefold()

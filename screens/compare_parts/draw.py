"""The lines around a compared case: counts, suites, notes, the rows of the list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from engine.evaluation.evidence import FLIPS
from engine.steps.closeness import in_words
from engine.steps.compare import Compared, Comparison
from engine.steps.review import Review, needs_a_person
from engine.store.verdicts import Ruling
from screens.compare_parts import words
from screens.compare_parts.sieve import EVERY_SUITE, Choice
from screens.symbols import Symbols
from screens.text import beside, safe, truncate, visible_line, width

NOT_YET = "   Tuned answers come at the end of the run: step 3 shows how far it is."
TAIL = 4
NAME, NAME_WIDE = 17, 23
"""Cells of a case's name in the list."""
MOST_WORDS = 44
"""Cells of what narrows the list."""


def draw_counts(comparison: Comparison, choice: Choice, cells: int) -> Content:
    """`61 fixed   3 BROKEN   47 both right   9 both wrong        showing: broken`."""
    counts = comparison.counts(choice.suite or None)
    parts = [
        safe(f"{count} {words.FLIPS[flip]}", style=words.STYLES[flip])
        for flip, count in counts.items()
        if count or flip != "unanswered"
    ]
    if not any(counts[flip] for flip in FLIPS if flip != "unanswered"):
        parts = [safe(_one_arm(comparison, counts["unanswered"]))]
    counted = Content.assemble(" ", Content("   ").join(parts))
    return beside(counted, f"showing: {choice.filter} ", cells)


def _one_arm(comparison: Comparison, count: int) -> str:
    pair = (comparison.first, comparison.second)
    there = [arm for arm in pair if arm in comparison.arms]
    missing = [arm for arm in pair if arm not in comparison.arms]
    if not missing or not there:
        return f"{count} cases, none answered by both"
    return f"{count} cases: {there[0]} answered, {missing[0]} has not yet"


def draw_notes(
    seen: Review,
    choice: Choice,
    listed: int,
    waiting: int,
    keys: tuple[str, str],
    *,
    is_tall: bool = False,
) -> Iterator[Content]:
    """What else there is to say above the list; keys: of showing all, and of waiting."""
    found = seen.comparison
    if found is None:
        return
    if found.second not in found.arms:
        yield safe(NOT_YET, style="$text-muted")
    if is_tall:
        yield from (safe(f"   {said}", style="$text-muted") for said in in_words(found))
    if choice.narrowed:
        yield draw_narrowed(choice.narrowed, listed, keys[0])
    discordant = sum(map(needs_a_person, found.rows)) if seen.is_judged else 0
    if discordant:
        yield draw_waiting(waiting, discordant, keys[1])


def nothing_listed(choice: Choice, key: str, show_all: str) -> str:
    """What stands in the place of the case when the list is empty."""
    where = f", suite {choice.suite}" if choice.suite else ""
    narrowed = f", {choice.narrowed}" if choice.narrowed else ""
    more = f"; {show_all} takes off what narrows the list" if choice.narrowed else ""
    return f"No case is listed: {choice.filter}{where}{narrowed}.\n\n{key} lists others{more}."


def draw_narrowed(said: str, listed: int, key: str) -> Content:
    """What narrows the list, and the way back."""
    text = truncate(visible_line(said), MOST_WORDS)
    cases = "1 case" if listed == 1 else f"{listed} cases"
    return safe(f"   {cases} with {text}: {key} shows all", style="$text-accent")


def draw_suites(names: Sequence[str], chosen: str, cells: int) -> Content:
    """`[all suites]  domain  compliance`: the chosen one in brackets and always in view."""
    every = [(EVERY_SUITE, "all suites"), *((n, visible_line(n)) for n in names)]
    shown = [f"[{label}]" if name == chosen else f" {label} " for name, label in every]
    at = next((i for i, (name, _) in enumerate(every) if name == chosen), 0)
    first = 0
    while first < at and sum(map(width, shown[first : at + 1])) > cells - 4:
        first += 1
    parts = [
        safe(text, style="bold $primary" if i == at else "$text-muted")
        for i, text in enumerate(shown)
        if i >= first
    ]
    return Content.assemble("… " if first else "", *parts)


def draw_waiting(count: int, discordant: int, key: str) -> Content:
    """How many compliance cases a person must look at still."""
    if count:
        some = "1 compliance case waits" if count == 1 else f"{count} compliance cases wait"
        text = f" ! {some} for a person: {key} goes to the next"
        return safe(text, style="$text-warning")
    every = "Both" if discordant == 2 else f"All {discordant}"
    flips = (
        "The compliance case that flipped has"
        if discordant == 1
        else f"{every} compliance cases that flipped have"
    )
    return safe(f"   {flips} been looked at.", style="$text-muted")


def shorten(name: str, cells: int, ellipsis: str) -> str:
    """A name without its middle: what tells cases apart stands at the end."""
    name = visible_line(name)
    if width(name) <= cells:
        return name
    tail = name[-TAIL:]
    return truncate(name, max(cells - width(tail), 2), ellipsis=ellipsis) + tail


def case_row(
    row: Compared, ruling: Ruling | None, is_ruled_on: bool, symbols: Symbols, *, is_wide: bool
) -> tuple[Content | str, ...]:
    """Signs of both arms, the case's name, its intent where there is room, what was ruled."""
    judged = (row.base_judged, row.tuned_judged)
    signs = "".join(words.mark(j, symbols) for j in judged)
    ruled = words.ruling_sign(ruling) if is_ruled_on and needs_a_person(row) else ""
    name = safe(shorten(row.case.id, NAME_WIDE if is_wide else NAME, symbols.ellipsis))
    middle = (name, visible_line(row.case.intent)) if is_wide else (name,)
    return (safe(signs, style=words.STYLES[row.flip]), *middle, ruled)

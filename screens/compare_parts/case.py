"""One compared case as text: question, both answers, what was checked, reference, teachers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from textual.content import Content

from engine.evaluation.assertions import Judgement, Outcome
from engine.steps.compare import Compared, teachable
from engine.steps.days import when
from engine.steps.review import needs_a_person
from engine.store.examples import StoredExample
from engine.store.verdicts import Ruling
from screens.compare_parts.words import (
    FLIPS,
    STYLES,
    answer_words,
    mark,
    shown_answer,
    sign,
    sign_style,
    wanted_words,
)
from screens.symbols import Symbols
from screens.text import beside, fit, lines, safe, truncate, visible_line, width, wrap
from screens.train_parts.layout import hanging
from screens.widgets.worddiff import word_diff

SIDE_BY_SIDE = 44
"""Cells below which the answers stand under one another."""
NAMED_TEACHERS = 6


class Shown(msgspec.Struct, frozen=True):
    """A case with everything that is shown beside it."""

    row: Compared
    arms: tuple[str, str]
    ruling: Ruling | None = None
    is_ruled_on: bool = False
    """Whether the two arms are those that people rule on."""
    teachers: tuple[StoredExample, ...] | None = None
    """None while they are looked for."""
    as_diff: bool = False
    room: int = 0
    """Lines there are: where all of it fits, the answers also stand as one text."""
    keys: tuple[str, str, str] = ("r", "a", "t")
    """Keys of regression, acceptable, and the training rows."""


def draw_case(shown: Shown, cells: int, symbols: Symbols) -> Content:
    """Everything about one case in lines of `cells` cells, the essential first."""
    if shown.as_diff or not shown.row.differs:
        return lines(_parts(shown, cells, symbols))
    both = list(_parts(shown, cells, symbols, is_roomy=True))
    taken = sum(max(len(part.wrap(cells)), 1) for part in both)
    return lines(both if taken <= shown.room else _parts(shown, cells, symbols))


def _parts(
    shown: Shown, cells: int, symbols: Symbols, *, is_roomy: bool = False
) -> Iterator[Content]:
    row = shown.row
    place = " · ".join(dict.fromkeys(filter(None, (row.case.id, row.suite, row.case.intent))))
    flip = safe(FLIPS[row.flip], style=STYLES[row.flip])
    room = max(cells - flip.cell_length - 2, 1)
    name = truncate(visible_line(place), room, ellipsis=symbols.ellipsis)
    yield beside(safe(name, style="$text-muted"), flip, cells)
    if shown.is_ruled_on and needs_a_person(row):
        yield from _ruling(shown, cells)
    yield from _question(row, cells)
    has_both = row.base is not None and row.tuned is not None
    if not (shown.as_diff and has_both):
        beside_each_other = cells >= SIDE_BY_SIDE
        yield from (_side_by_side if beside_each_other else _stacked)(shown, cells, symbols)
    if has_both and (shown.as_diff or is_roomy):
        yield from _as_one_text(shown, cells, symbols)
    yield from (_choices if row.case.choices else _checks)(shown, cells, symbols)
    if row.case.reference and not row.case.choices:
        yield _heading("reference", cells, symbols)
        yield from (safe(line) for line in wrap(row.case.reference, cells))
    yield from _taught(shown, cells)


def _ruling(shown: Shown, cells: int) -> Iterator[Content]:
    said = shown.ruling
    regression, acceptable, _ = shown.keys
    if said is None:
        text = f"waits for a person: {regression} regression   {acceptable} acceptable"
        yield from hanging(safe("! "), 2, text, cells, "$text-warning")
        return
    note = f": {said.note}" if said.note else ""
    what = "a regression" if said.ruling == "regression" else said.ruling
    text = f"{said.who} ruled it {what}, {when(said.at)}{note}"
    yield from (safe(line, style="bold") for line in wrap(text, cells))


def _question(row: Compared, cells: int) -> Iterator[Content]:
    asked = [m for m in row.case.messages if m.role != "system"]
    for message in asked[:-1]:
        for line in wrap(f"{message.role}: {message.content}", cells):
            yield safe(line, style="$text-muted")
    yield from (safe(line, style="bold") for line in wrap(row.case.prompt, cells))


def _answers(shown: Shown) -> tuple[tuple[str, Judgement | None, str], ...]:
    """Arm, judgement and answer, left and right."""
    row, (left, right) = shown.row, shown.arms
    return (
        (left, row.base_judged, shown_answer(row.case, row.base)),
        (right, row.tuned_judged, shown_answer(row.case, row.tuned)),
    )


def _side_by_side(shown: Shown, cells: int, symbols: Symbols) -> Iterator[Content]:
    left, right = _answers(shown)
    half = (cells - 3) // 2
    joint = symbols.rule + ("┬" if symbols.unicode else "+") + symbols.rule
    heads = [_arm_heading(arm, judged, half, symbols) for arm, judged, _ in (left, right)]
    yield Content.assemble(heads[0], safe(joint, style="$text-muted"), heads[1])
    columns = wrap(left[2], half), wrap(right[2], half)
    for index in range(max(map(len, columns))):
        a, b = (column[index] if index < len(column) else "" for column in columns)
        bar = safe(f" {symbols.pipe} ", style="$text-muted")
        yield Content.assemble(safe(a + " " * (half - width(a))), bar, safe(b))


def _stacked(shown: Shown, cells: int, symbols: Symbols) -> Iterator[Content]:
    for arm, judged, text in _answers(shown):
        yield _arm_heading(arm, judged, cells, symbols)
        yield from (safe(line) for line in wrap(text, cells))


def _as_one_text(shown: Shown, cells: int, symbols: Symbols) -> Iterator[Content]:
    row, (left, right) = shown.row, shown.arms
    signs = mark(row.base_judged, symbols), mark(row.tuned_judged, symbols)
    title = f"{{only {left} {signs[0]}}} [only {right} {signs[1]}]"
    yield _heading(title, cells, symbols)
    yield word_diff(answer_words(row.case, row.base), answer_words(row.case, row.tuned))


def _arm_heading(arm: str, judged: Judgement | None, cells: int, symbols: Symbols) -> Content:
    """`─ base ✓ ─────────`."""
    passed = None if judged is None else judged.passed
    name = truncate(visible_line(arm), max(cells - 6, 1), ellipsis=symbols.ellipsis)
    rest = symbols.rule * max(cells - width(name) - 6, 0)
    return Content.assemble(
        safe(f"{symbols.rule} ", style="$text-muted"),
        safe(f"{name} "),
        safe(sign(passed, symbols), style=f"bold {sign_style(passed)}"),
        safe(f" {rest}{symbols.rule}", style="$text-muted"),
    )


def _heading(title: str, cells: int, symbols: Symbols) -> Content:
    name = truncate(title, max(cells - 4, 1), ellipsis=symbols.ellipsis)
    rest = symbols.rule * max(cells - width(name) - 3, 0)
    return safe(f"{symbols.rule} {name} {rest}", style="$text-muted")


def _checks(shown: Shown, cells: int, symbols: Symbols) -> Iterator[Content]:
    """A line an assertion, signs of both arms in front; why it failed below."""
    judged = (shown.row.base_judged, shown.row.tuned_judged)
    yield _heading(f"checks: {', '.join(shown.arms)}", cells, symbols)
    for index, wanted in enumerate(shown.row.case.assertions):
        outcomes = [_outcome(j, index) for j in judged]
        first = Content.assemble(*_signs(outcomes, symbols))
        rule = f"{wanted.rule} " if wanted.rule else ""
        yield from hanging(first, 4, f"{rule}{wanted_words(wanted)}", cells)
        yield from _reasons(shown.arms, outcomes, cells)
    for arm, side in zip(shown.arms, judged, strict=True):
        if side is not None and side.incoherent:
            yield from hanging(safe("! "), 4, f"{arm} is {side.reason}", cells, "$text-error")


def _outcome(judged: Judgement | None, index: int) -> Outcome | None:
    return judged.outcomes[index] if judged and index < len(judged.outcomes) else None


def _signs(outcomes: Sequence[Outcome | None], symbols: Symbols) -> Iterator[Content]:
    for outcome in outcomes:
        passed = None if outcome is None else outcome.passed
        yield safe(sign(passed, symbols), style=sign_style(passed))


def _reasons(
    arms: tuple[str, str], outcomes: Sequence[Outcome | None], cells: int
) -> Iterator[Content]:
    for arm, outcome in zip(arms, outcomes, strict=True):
        if outcome is not None and not outcome.passed:
            yield from hanging(safe("    "), 4, f"{arm}: {outcome.reason}", cells, "$text-muted")


def _choices(shown: Shown, cells: int, symbols: Symbols) -> Iterator[Content]:
    """Every choice, the right one with its sign, and which arm took which."""
    row, arms = shown.row, shown.arms
    yield _heading("choices", cells, symbols)
    for index, choice in enumerate(row.case.choices):
        is_right = index == row.case.correct
        takers = [
            arm
            for arm, answer in zip(arms, (row.base, row.tuned), strict=True)
            if answer is not None and answer.choice == index
        ]
        front = safe(symbols.done if is_right else " ", style=sign_style(True))
        end = f"  ({' and '.join(takers)})" if takers else ""
        yield from hanging(front, 2, f"{choice}{end}", cells)


def _taught(shown: Shown, cells: int) -> Iterator[Content]:
    """`trained on 5 examples of R21: #12 #31`; nothing where words cannot teach it."""
    wanted = teachable(shown.row.case)
    if not wanted:
        return
    rules = ", ".join(dict.fromkeys(a.rule for a in wanted))
    yield Content()
    for line in wrap(_taught_words(shown, rules), cells):
        yield safe(line, style="$text-muted")


def _taught_words(shown: Shown, rules: str) -> str:
    if shown.teachers is None:
        return f"trained on examples of {rules}: ..."
    count = len(shown.teachers)
    if not count:
        return f"No training row says what {rules} asks for here: nothing taught it."
    named = " ".join(f"#{t.id}" for t in shown.teachers[:NAMED_TEACHERS])
    more = f" and {count - NAMED_TEACHERS} more" if count > NAMED_TEACHERS else ""
    examples = "1 example" if count == 1 else f"{count} examples"
    return f"trained on {examples} of {rules}: {named}{more}   {shown.keys[2]} shows them"


def teacher_text(rows: Sequence[StoredExample], rules: str) -> Content:
    """The training rows in full, to be scrolled."""
    parts: list[Content | str] = []
    for stored in rows:
        place = f"#{stored.id}  {stored.file}:{stored.line}  {stored.example.intent}"
        parts += [
            safe(fit(place, 90).rstrip(), style="bold"),
            safe(stored.example.prompt, style="$text-muted"),
            safe(stored.example.answer),
            "",
        ]
    head = safe(f"Their answers hold what {rules} asks for in this case.", style="$text-muted")
    return lines([head, "", *parts])

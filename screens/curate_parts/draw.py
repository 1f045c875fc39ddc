"""Drawing a card: from an example and what was found about it to lines of an exact width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from textual.content import Content

from engine.facts import find_facts
from engine.records import Finding, Message
from engine.scope import Rule
from engine.store.examples import StoredExample
from engine.store.scores import Score
from screens.curate_parts.cards import is_cluster
from screens.curate_parts.words import SAID, by_gravity, check_name, counted, detail_for
from screens.symbols import UNICODE, Symbols
from screens.text import safe, truncate, visible_line, wrap
from screens.widgets.worddiff import word_diff

MARKED = "bold underline $text-warning"
RULE = "$text-muted"
GRAVE = ("block", "decide")
BASE_LINES = 3
"""Lines of the base model's answer on a card that is short of room."""


class Shown(msgspec.Struct, frozen=True):
    """Everything about one card."""

    stored: StoredExample
    findings: tuple[Finding, ...] = ()
    rival: StoredExample | None = None
    """The other answer to the same question, on a card where one of two is chosen."""
    against: tuple[Finding, ...] = ()
    """What was found about the rival."""
    related: tuple[StoredExample, ...] = ()
    """The other rows of the findings."""
    rules: tuple[Rule, ...] = ()
    score: Score | None = None
    """What the base model makes of it."""


def draw_rule(
    left: str, right: str, cells: int, symbols: Symbols = UNICODE, *, strong: str = ""
) -> Content:
    """`─ customer ──────── chats.txt:218 · fit`; `strong` stands after the left words."""
    start = Content.assemble(
        safe(f" {symbols.rule} {left} ", style=RULE),
        safe(f"{symbols.rule} " if strong else "", style=RULE),
        safe(f"{strong} " if strong else "", style="bold $accent"),
    )
    end = safe(f" {visible_line(right)} " if right else "", style=RULE)
    end = end.truncate(max(cells - start.cell_length - 1, 0), ellipsis=True)
    room = max(cells - start.cell_length - end.cell_length, 0)
    return Content.assemble(start, safe(symbols.rule * room, style=RULE), end)


def draw_talk(shown: Shown, cells: int, symbols: Symbols = UNICODE) -> tuple[list[Content], int]:
    """The conversation in lines of `cells` cells, and the index of the line where the question
    begins that the answer answers.
    """
    stored = shown.stored
    turns = [m for m in stored.example.messages[:-1] if m.role != "system"]
    asked = max((i for i, m in enumerate(turns) if m.role == "user"), default=len(turns))
    drawn = list(_earlier(turns[:asked], cells))
    anchor = len(drawn)
    drawn.append(draw_rule("customer", _origin(stored), cells, symbols))
    for turn in turns[asked:]:
        drawn += _indented(_asked(shown, turn), cells)
    drawn += _two_answers(shown, cells, symbols) if shown.rival else _answer(shown, cells, symbols)
    if stored.example.rejected:
        drawn.append(draw_rule("the answer it was preferred to", "", cells, symbols))
        drawn += _indented(safe(stored.example.rejected, style="$text-muted dim"), cells)
    return drawn, anchor


def draw_findings(
    shown: Shown, cells: int, symbols: Symbols = UNICODE, *, in_full: bool = False
) -> list[Content]:
    """A line or more for each finding, the gravest first.

    in_full: whether rules and other rows take more than one line each.
    """
    base = draw_base(shown, cells, symbols, in_full=in_full)
    if not shown.findings:
        return [Content(), safe("   Nothing found by the checks.", style=RULE), *base]
    found = by_gravity(list(shown.findings))
    drawn = [Content(), draw_rule("findings", "", cells, symbols)]
    for finding in found:
        drawn += _finding(finding, shown, cells, in_full)
    for finding in by_gravity([f for f in shown.against if shown.stored.id not in f.examples]):
        drawn += _finding(finding, shown, cells, in_full, about="2, ")
    return [*drawn, *base]


def draw_base(
    shown: Shown, cells: int, symbols: Symbols = UNICODE, *, in_full: bool = False
) -> list[Content]:
    """The base model's own answer, as what it would take to get from there to the example's.

    Nothing where the base model was not asked. A number of lines unless `in_full`.
    """
    score = shown.score
    if score is None or (score.loss is None and score.answer is None):
        return []
    loss = "" if score.loss is None else f"loss {score.loss:.2f}"
    rule = draw_rule("base model: {its words} [the example's]", loss, cells, symbols)
    if score.answer is None:
        return [draw_rule("base model", loss, cells, symbols)]
    said = word_diff(score.answer, shown.stored.example.answer).stylize("dim")
    told = _indented(said, cells)
    return [rule, *(told if in_full else told[:BASE_LINES])]


def fit_card(
    talk: Sequence[Content], anchor: int, found: Sequence[Content], height: int, scroll: int
) -> tuple[list[Content], int]:
    """Talk and findings in `height` lines, and the scroll that was possible.

    What does not fit is said in numbers. The findings never take more than what the talk leaves,
    or a third.
    """
    spare = max(height - len(talk), height // 3)
    shown = list(found[:spare])
    if len(found) > spare:
        shown[-1:] = [_note(f"{counted(len(found) - spare + 1, 'more line')}: w shows all")]
    room = height - len(shown)
    if len(talk) <= room:
        return [*talk, *shown], 0
    last = len(talk) - room
    first = max(min(min(anchor, last) + scroll, last), 0)
    window = list(talk[first : first + room])
    if first:
        window[0] = _note(f"{counted(first + 1, 'line')} above: K scrolls up")
    if first < last:
        window[-1] = _note(f"{counted(last - first + 1, 'line')} below: J scrolls down")
    return [*window, *shown], first - min(anchor, last)


def _note(text: str) -> Content:
    return safe(f"   ({text})", style="$accent")


def _origin(stored: StoredExample) -> str:
    intent = stored.example.intent or "no intent"
    return f"#{stored.id} · {stored.file}:{stored.line} · {intent}"


def _earlier(turns: Sequence[Message], cells: int) -> Iterator[Content]:
    for turn in turns:
        who = "customer" if turn.role == "user" else turn.role
        said = safe(f"{who}: {turn.content}", style="$text-muted dim")
        yield from _indented(said, cells)


def _indented(text: Content, cells: int) -> list[Content]:
    return [Content.assemble("   ", line) for line in text.wrap(max(cells - 4, 8))]


def _asked(shown: Shown, turn: Message) -> Content:
    before = shown.stored.original
    is_prompt = turn.content == shown.stored.example.prompt
    if before is not None and is_prompt and before.prompt != turn.content:
        return word_diff(before.prompt, turn.content)
    return bracketed(turn.content, _spans(shown, "prompt") if is_prompt else ())


def _answer(shown: Shown, cells: int, symbols: Symbols) -> list[Content]:
    stored = shown.stored
    answer, before = stored.example.answer, stored.original
    words = counted(len(answer.split()), "word")
    edited = before is not None and before.answer != answer
    left = "answer, edited: {was} [is]" if edited else "answer"
    rule = draw_rule(left, words, cells, symbols, strong=_status(stored))
    if before is not None and edited:
        return [rule, *_indented(word_diff(before.answer, answer), cells)]
    return [rule, *_indented(bracketed(answer, _spans(shown, "answer")), cells)]


def _two_answers(shown: Shown, cells: int, symbols: Symbols) -> list[Content]:
    ours, theirs = shown.stored, shown.rival
    assert theirs is not None, "only a card with a rival has two answers"
    half = (cells - 3) // 2
    left = _column(ours, "", half)
    asked = "" if theirs.example.prompt == ours.example.prompt else theirs.example.prompt
    right = _column(theirs, asked, cells - half - 3)
    pipe = safe(f" {symbols.pipe} ", style=RULE)
    heads = (
        draw_rule(
            "1 this answer",
            "",
            half + 1,
            symbols,
            strong=_status(ours, edited=ours.original is not None),
        ),
        draw_rule(
            "2",
            f"#{theirs.id} · {theirs.file}:{theirs.line}",
            cells - half - 1,
            symbols,
            strong=_status(theirs, edited=theirs.original is not None),
        ),
    )
    drawn = [Content.assemble(*heads)]
    for index in range(max(len(left), len(right))):
        ends = [column[index] if index < len(column) else Content() for column in (left, right)]
        drawn.append(Content.assemble(ends[0].truncate(half, pad=True), pipe, ends[1]))
    return drawn


def _column(stored: StoredExample, asked: str, cells: int) -> list[Content]:
    question = safe(f"asked: {asked}", style="$text-muted").wrap(cells - 3) if asked else []
    answer = stored.example.answer
    spans = tuple((f.start, f.end) for f in find_facts(answer) if f.unit)
    body = bracketed(answer, spans).wrap(max(cells - 3, 8))
    return [Content.assemble("   ", line) for line in (*question, *body)]


def _status(stored: StoredExample, *, edited: bool = False) -> str:
    marks = [SAID[stored.status], "edited" * edited, "flagged" * stored.flagged]
    return ", ".join(mark for mark in marks if mark)


def _spans(shown: Shown, where: str) -> tuple[tuple[int, int], ...]:
    """What the findings point at; nothing that an older wording was found for."""
    mine = [f for f in shown.findings if f.where == where and f.examples[:1] == (shown.stored.id,)]
    return tuple(span for f in mine for span in f.spans)


def bracketed(text: str, spans: Sequence[tuple[int, int]]) -> Content:
    """The text with ranges of it in [brackets], underlined; ranges that overlap are one."""
    parts, at = [], 0
    for start, end in sorted(spans):
        start, end = max(start, at), min(end, len(text))  # noqa: PLW2901
        start += len(text[start:end]) - len(text[start:end].lstrip())  # noqa: PLW2901
        piece = text[start:end].rstrip()
        if piece:
            parts += [safe(text[at:start]), safe(f"[{piece}]", style=MARKED)]
            at = start + len(piece)
    return Content("").join([*parts, safe(text[at:])])


def _finding(
    finding: Finding, shown: Shown, cells: int, in_full: bool, about: str = ""
) -> list[Content]:
    sign = "!" if finding.severity in GRAVE else "~"
    style = "bold $text-error" if sign == "!" else "$text-warning"
    head = Content.assemble(
        safe(f" {sign} ", style=style),
        safe(f"{about}{check_name(finding.check)}: ", style="bold" if sign == "!" else ""),
        safe(visible_line(detail_for(finding, shown.stored.id))),
    )
    drawn = _hanging(head, cells)
    rule = next((rule for rule in shown.rules if rule.id == finding.rule), None)
    if rule is not None:
        text = f"{rule.id} {rule.title}: {rule.text}"
        drawn += _aside(text, cells, in_full)
    if about:
        return drawn
    others = [i for i in finding.examples if i != shown.stored.id]
    rows = [row for row in shown.related if row.id in others]
    for row in rows:
        if row != shown.rival:
            drawn += _aside(_other(row), cells, in_full)
    if rows and is_cluster(finding):
        told = f"A accepts, X rejects all {len(finding.examples)} at once"
        drawn += _aside(told, cells, in_full)
    return drawn


def _hanging(text: Content, cells: int) -> list[Content]:
    first, *rest = text.wrap(max(cells - 4, 8))
    return [first, *(Content.assemble("   ", line) for line in rest)]


def _aside(text: str, cells: int, in_full: bool) -> list[Content]:
    told, room = visible_line(text), max(cells - 6, 8)
    drawn = wrap(told, room) if in_full else [truncate(told, room)]
    return [safe(f"     {line}", style=RULE) for line in drawn]


def _other(row: StoredExample) -> str:
    said = SAID[row.status]
    return f"#{row.id}{f' ({said})' if said else ''}: {row.example.answer}"

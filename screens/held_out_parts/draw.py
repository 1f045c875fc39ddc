"""Drawing a held-out case: question, reference, what it must say, in lines of an exact width."""

from __future__ import annotations

from textual.content import Content

from engine.facts import find_facts
from engine.records import Case, Finding, Message
from engine.steps.held_out import CaseCard, Item, Line
from engine.store.cases import StoredCase
from screens.curate_parts.draw import GRAVE, RULE, bracketed, draw_rule
from screens.curate_parts.words import by_gravity, check_name, counted
from screens.held_out_parts.words import MARKS, SAID, standing_words, wants
from screens.symbols import UNICODE, Symbols
from screens.text import beside, safe, visible_line
from screens.widgets.worddiff import word_diff


def draw_case(
    card: CaseCard, cells: int, symbols: Symbols = UNICODE
) -> tuple[list[Content], list[Content]]:
    """What is asked and what is right, then what must be said and what the checks found."""
    stored = card.stored
    talk = [draw_rule("question", _origin(stored), cells, symbols, strong=SAID[stored.status])]
    for turn in stored.case.messages:
        talk += _indented(_turn(turn, stored.case), cells)
    talk += _right(stored, cells, symbols)
    asked = [*_items(card, cells, symbols), *_findings(card, cells, symbols)]
    return talk, asked


def draw_sealed(
    line: Line, sealed_at: str, cells: int, symbols: Symbols = UNICODE
) -> list[Content]:
    """What may be seen of a sealed case without opening it."""
    intent = line.intent or "no intent"
    told = (
        f"Sealed on {sealed_at[:10]}. Its question, its reference and its assertions stay as they"
        " are. o opens the case for you; the report says how often sealed cases were opened."
    )
    rule = draw_rule("held-out case", intent, cells, symbols, strong=visible_line(line.name))
    return [rule, Content(), *_indented(safe(told), cells)]


def _origin(stored: StoredCase) -> str:
    name, intent = stored.case.id, stored.case.intent or "no intent"
    # The name of a case that came with chats begins with the name of its file.
    source = "" if name.startswith(stored.origin) else f" · {stored.origin}"
    return f"{name}{source} · {intent}"


def _turn(turn: Message, case: Case) -> Content:
    if turn == case.messages[-1]:
        return safe(turn.content)
    who = "customer" if turn.role == "user" else turn.role
    return safe(f"{who}: {turn.content}", style="$text-muted dim")


def _right(stored: StoredCase, cells: int, symbols: Symbols) -> list[Content]:
    """The reference, with its facts in brackets, or what it was before it was corrected."""
    case, before = stored.case, stored.original.reference
    if case.choices:
        told = [
            f"{symbols.done if index == case.correct else ' '} {choice}"
            for index, choice in enumerate(case.choices)
        ]
        lines = [line for choice in told for line in _indented(safe(choice), cells)]
        return [draw_rule("choices", "", cells, symbols), *lines]
    if case.text:
        rule = draw_rule("text, scored by its loss", "", cells, symbols)
        return [rule, *_indented(safe(case.text), cells)]
    if not case.reference:
        return [draw_rule("no reference answer", "", cells, symbols)]
    words = counted(len(case.reference.split()), "word")
    if before != case.reference:
        rule = draw_rule("reference, corrected: {was} [is]", words, cells, symbols)
        return [rule, *_indented(word_diff(before, case.reference), cells)]
    spans = [(fact.start, fact.end) for fact in find_facts(case.reference) if fact.unit]
    rule = draw_rule("reference", words, cells, symbols)
    return [rule, *_indented(bracketed(case.reference, spans), cells)]


def _items(card: CaseCard, cells: int, symbols: Symbols) -> list[Content]:
    on = sum(item.is_on for item in card.items)
    heading = f"{on} of {len(card.items)} count" if card.items else ""
    drawn = [Content(), draw_rule("an answer is right when it", heading, cells, symbols)]
    for number, item in enumerate(card.items, 1):
        drawn += _item(number, item, cells)
    if not on and not (card.stored.case.choices or card.stored.case.text):
        told = (
            " ! No assertion counts: the verdict cannot judge this case. n writes one, x drops it."
        )
        drawn.append(safe(told, style="bold $text-error"))
    return drawn


def _item(number: int, item: Item, cells: int) -> list[Content]:
    """One assertion: its number, its mark, what it wants, and where it comes from."""
    style = "" if item.is_on else "$text-muted dim"
    head = Content.assemble(
        safe(f" {number if number < 10 else ' '} ", style="bold $accent"),
        safe(f"{MARKS[item.standing]} ", style="bold" if item.is_on else style),
        safe(visible_line(wants(item.assertion)), style=style),
    )
    rule = f"rule {item.assertion.rule}" if item.assertion.rule else ""
    end = safe(" · ".join(filter(None, [rule, standing_words(item)])), style=RULE)
    drawn = [beside(head, end, cells)]
    if item.reason:
        drawn.append(safe(f"       {visible_line(item.reason)}", style=RULE))
    if item.problem and item.is_on:
        told = f"     ! the reference itself fails it: it {visible_line(item.problem)}"
        drawn.append(safe(told, style="bold $text-error"))
    return drawn


def _findings(card: CaseCard, cells: int, symbols: Symbols) -> list[Content]:
    if not card.findings:
        return []
    drawn = [Content(), draw_rule("findings", "", cells, symbols)]
    for finding in by_gravity(list(card.findings)):
        drawn += _finding(finding, cells)
    return drawn


def _finding(finding: Finding, cells: int) -> list[Content]:
    grave = finding.severity in GRAVE
    detail = visible_line(finding.detail)
    if finding.check == "leak":
        detail = f"example #{finding.examples[0]} {detail}"
        name = "among the examples"
    else:
        name = check_name(finding.check)
    head = Content.assemble(
        safe(" ! " if grave else " ~ ", style="bold $text-error" if grave else "$text-warning"),
        safe(f"{name}: ", style="bold" if grave else ""),
        safe(detail),
    )
    first, *rest = head.wrap(max(cells - 4, 8))
    return [first, *(Content.assemble("   ", line) for line in rest)]


def _indented(text: Content, cells: int) -> list[Content]:
    return [Content.assemble("   ", line) for line in text.wrap(max(cells - 4, 8))]

"""Texts in place of a card, and in full about one: what to press, why a card is here."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from engine.records import Finding
from engine.scope import Scope
from engine.steps.curate import Dossier
from engine.steps.days import when
from engine.store.decisions import REASONS, Decision
from engine.store.examples import StoredExample
from screens.curate_parts.cards import Cards
from screens.curate_parts.words import SAID, by_gravity, check_name, counted, detail_for
from screens.text import lines, safe, visible_line
from screens.widgets.worddiff import word_diff

HEAD = "bold $primary"
CAN_BE_IMPORTED = (
    "JSON lines, JSON, CSV, TSV and plain transcripts can be imported, gzipped or not. You see"
    " three real rows and every count before anything is taken."
)


def nothing_yet(call: str) -> Content:
    """No example is there; `call` says what to press."""
    return lines([safe(call, style="bold"), "", CAN_BE_IMPORTED])


def being_checked(rows: int) -> Content:
    """The first run of the checks."""
    return lines(
        [
            safe(f"Looking through {counted(rows, 'example')}.", style="bold"),
            "",
            "Conflicts, contradictions of your rules, questions of the held-out set, secrets,"
            " personal data, duplicates. It takes a few seconds; the cards come in the order in"
            " which they are best decided.",
        ]
    )


def nothing_matches(words: str) -> Content:
    """A filter that lets nothing through."""
    return lines(
        [
            safe(f"No example passes the filter {visible_line(words)!r}.", style="bold"),
            "",
            "/ changes it, esc takes it off.",
        ]
    )


def all_decided(cards: Cards) -> Content:
    """What comes next when every card is decided, or in somebody's hands."""
    statuses, sealed = cards.counts.statuses, cards.deck.tally.sealed
    sums = f"{statuses['accepted']:,} accepted, {statuses['rejected']:,} rejected."
    if cards.counts.waiting:
        said = f"{counted(cards.counts.waiting, 'example')} left, in other hands just now. {sums}"
    else:
        said = f"All {counted(cards.counts.total, 'example')} are decided: {sums}"
    told: list[Content | str] = [safe(said, style="bold"), ""]
    told.append(_elsewhere(cards) if cards.counts.waiting else _next(cards))
    if sealed:
        told += ["", f"{counted(sealed, 'example')} became held-out cases and are sealed."]
    if cards.deck.notes:
        told += ["", *(f"~ {check_name(f.check)}: {f.detail}" for f in cards.deck.notes)]
    back = "k looks back, " if cards.order else ""
    told += [
        "",
        f"{back}u takes the last decision back, / status:accepted shows what was accepted.",
    ]
    return lines(told)


def _elsewhere(cards: Cards) -> str:
    names = ", ".join(visible_line(name) for name in cards.deck.others) or "Somebody"
    return f"{names} decides about them. What is left open comes back in a few minutes: j looks."


def _next(cards: Cards) -> str:
    if cards.deck.session.sealed_at is None:
        return (
            "Next: press s to split the accepted ones into training and validation and to seal"
            f" the {counted(cards.deck.cases, 'held-out case')}. Then 3, Train."
        )
    late = cards.counts.unsplit
    if late:
        return f"{counted(late, 'example')} accepted since the split: press s to split again."
    return "The split is made, the held-out cases are sealed. Next: 3, Train."


def explain(dossier: Dossier, scope: Scope) -> Content:
    """All findings in full, the rows they speak of, where the example came from, its history."""
    return lines(
        [
            *_why(dossier, scope),
            "",
            safe("Where it came from", style=HEAD),
            *_provenance(dossier.stored),
            *_earlier_wording(dossier.stored),
            "",
            safe("History", style=HEAD),
            *(_event(decision) for decision in dossier.history),
            *([] if dossier.history else ["nothing decided yet"]),
        ]
    )


def _why(dossier: Dossier, scope: Scope) -> Iterator[Content | str]:
    yield safe("Findings", style=HEAD)
    if not dossier.findings:
        yield "Nothing found by the checks: it is here in its turn, intent by intent."
    for finding in by_gravity(list(dossier.findings)):
        yield from _finding(finding, dossier, scope)


def _finding(finding: Finding, dossier: Dossier, scope: Scope) -> Iterator[Content | str]:
    sign = "!" if finding.severity in ("block", "decide") else "~"
    what = {
        "block": "cannot be accepted as it is",
        "decide": "somebody must decide",
        "review": "worth a look",
        "warn": "worth a thought",
        "mark": "only noted",
    }[finding.severity]
    detail = detail_for(finding, dossier.stored.id)
    yield f"{sign} {check_name(finding.check)} ({what}): {detail}"
    rule = next((rule for rule in scope.rules if rule.id == finding.rule), None)
    if rule is not None:
        yield safe(f"    {rule.id} {rule.title}: {rule.text}", style="$text-muted")
    for row in dossier.related:
        if row.id in finding.examples:
            said = SAID[row.status] or "undecided"
            yield safe(f"    #{row.id} {row.file}:{row.line}, {said}", style="$text-muted")
            yield safe(f"      asked: {visible_line(row.example.prompt)}")
            yield safe(f"      answer: {visible_line(row.example.answer)}")


def _provenance(stored: StoredExample) -> Iterator[str]:
    example = stored.example
    turns = counted(len(example.messages), "turn")
    yield f"#{stored.id}, {stored.file}, line {stored.line}, {turns}"
    yield f"intent: {example.intent or 'none'}"
    if example.conversation:
        yield f"conversation: {example.conversation}"
    if example.tags:
        yield f"tags: {', '.join(example.tags)}"
    if stored.part:
        yield f"part of the split: {stored.part.replace('_', '-')}"


def _earlier_wording(stored: StoredExample) -> Iterator[Content | str]:
    before, now = stored.original, stored.example
    if before is None:
        return
    yield ""
    yield safe("Changed since the import: {was} [is]", style=HEAD)
    for old, new in zip(before.messages, now.messages, strict=False):
        if old.content != new.content:
            yield Content.assemble(f"{new.role}: ", word_diff(old.content, new.content))


def _event(decision: Decision) -> str:
    reason = next((said for name, said in REASONS if name == decision.reason), decision.reason)
    said = f"{decision.kind}{f': {reason}' if reason else ''}"
    undone = " (undone)" if decision.undone else ""
    return f"{when(decision.at)} {decision.at[11:16]} UTC  {decision.who}  {said}{undone}"

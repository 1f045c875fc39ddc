"""The front of the intake: what a file is, its rows one by one, and a look before importing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.errors import ColumnError, IntakeError
from engine.intake.columns import check_columns, complete, match_format
from engine.intake.containers import Container, detect_container, read_rows
from engine.intake.conversation import Draft, settle
from engine.intake.grouping import gather
from engine.intake.outcomes import (
    Accepted,
    Flaw,
    Format,
    Mapping,
    Outcome,
    Preview,
    Quarantined,
    Skipped,
)
from engine.intake.places import Place, locate
from engine.intake.rows import COPY_HINT, UTF8_HINT, Row, RowOutcome, quarantine
from engine.intake.shapes import draft_of, text_of
from engine.intake.straight import take_straight
from engine.intake.transcript import read_transcripts
from engine.records import Example

if TYPE_CHECKING:
    from engine.intake.pages import Found

LOOK = 200
"""Rows looked at to tell a format, and for a preview."""


class Plan(msgspec.Struct, frozen=True):
    """How a file will be read."""

    place: Place
    container: Container
    format: Format
    mapping: Mapping
    columns: tuple[str, ...] = ()


def detect(path: Path, mapping: Mapping | None = None) -> Format:
    """The format of a file. Raises IntakeError, with file, line and remedy, when it has none."""
    return plan(path, None, mapping).format


def read(
    path: Path,
    format: Format | None = None,  # noqa: A002
    mapping: Mapping | None = None,
) -> Iterator[Outcome]:
    """Every row of a file: accepted, quarantined or skipped, each with its line.

    Raises IntakeError before the first row when the file cannot be used at all.
    """
    return outcomes(plan(path, format, mapping))


def preview(made: Plan) -> Preview:
    """The format, the mapping and the first examples. Raises IntakeError as `read` does."""
    examples: list[Example] = []
    problems: list[Quarantined] = []
    for outcome in islice(outcomes(made), LOOK):
        if isinstance(outcome, Accepted):
            examples.append(outcome.example)
        elif isinstance(outcome, Quarantined):
            problems.append(outcome)
        if len(examples) == 3:
            break
    return Preview(made.format, made.mapping, made.columns, tuple(examples), tuple(problems[:3]))


def plan(path: Path, asked: Format | None = None, given: Mapping | None = None) -> Plan:
    """How a file, or a part of one, will be read. Raises IntakeError when it cannot be used."""
    place = locate(path)
    container = detect_container(place)
    if container in ("text", "page"):
        return _plan_text(place, container, asked)
    if asked == "faq":
        raise IntakeError(
            f"{place.name}: these are rows, not a page.", "Leave --format out, or name a page."
        )
    rows = list(islice(read_rows(place, container), LOOK))
    usable = [row for row in rows if isinstance(row, Row)]
    if not usable:
        raise _no_rows(place, rows)
    return _plan_rows(place, container, usable, asked, given or Mapping())


def _plan_rows(
    place: Place, container: Container, rows: list[Row], asked: Format | None, given: Mapping
) -> Plan:
    columns = tuple(dict.fromkeys(name for row in rows for name in row.fields))
    if asked is not None:
        mapping = complete(asked, rows[0].fields, given)
        check_columns(place.name, asked, mapping, columns)
        return Plan(place, container, asked, mapping, columns)
    for row in rows:
        matched = match_format(row.fields, given)
        if matched is not None:
            check_columns(place.name, matched[0], matched[1], columns)
            return Plan(place, container, *matched, columns)
    raise ColumnError(
        f"{place.name}, line {rows[0].line}: no known format has the columns "
        f"{', '.join(columns[:12])}.",
        "Say which is which: --map prompt=COLUMN --map answer=COLUMN, or --map conversation=, "
        "speaker= and text= for one turn a row.",
    )


def _plan_text(place: Place, container: Container, asked: Format | None) -> Plan:
    if asked not in (None, "transcript", "faq"):
        what = "plain text" if container == "text" else "a page of text"
        raise IntakeError(
            f"{place.name}, line 1: this is {what}, not {asked}.",
            "Leave --format out, or name another file.",
        )
    if asked == "faq" or (container == "page" and asked is None):
        return Plan(place, "page", "faq", Mapping())
    damaged: Quarantined | None = None
    for found in islice(read_transcripts(place.path), LOOK):
        if not isinstance(found, Quarantined):
            return Plan(place, "text", "transcript", Mapping())
        if found.hint in (UTF8_HINT, COPY_HINT):
            damaged = damaged or found
    if damaged is not None:
        raise _no_rows(place, [damaged])
    raise IntakeError(
        f"{place.name}, line 1: no line begins with a speaker.",
        "Begin turns with `Customer:` and `Agent:`, or use JSON lines or CSV.",
    )


def _no_rows(place: Place, rows: list[RowOutcome]) -> IntakeError:
    for row in rows:
        if isinstance(row, Quarantined):
            return IntakeError(f"{place.name}, line {row.line}: {row.reason}.", row.hint)
    return IntakeError(
        f"{place.name}, line 1: there are no rows.", "Export it again, or leave it out."
    )


def outcomes(made: Plan) -> Iterator[Outcome]:
    """Every row by a plan, as `read`."""
    if made.container in ("text", "page"):
        yield from _written(made)
        return
    rows = read_rows(made.place, made.container)
    if made.mapping.only:
        rows = _only(rows, made.mapping.only)
    if made.format == "turns":
        for group in gather(rows, made.mapping):
            if isinstance(group, Quarantined | Skipped):
                yield group
            else:
                yield _settled(made, group.line, group.raw, group.draft)
        return
    straight = made.format == "chat"
    name = made.place.name
    for row in rows:
        if not isinstance(row, Row):
            yield row
            continue
        example = straight and take_straight(row.fields, made.mapping, f"{name}:{row.line}")
        yield Accepted(row.line, example) if example else _row_outcome(made, row)


def _written(made: Plan) -> Iterator[Outcome]:
    """Transcripts, and pages of questions."""
    if made.container == "text":
        found: Iterator[Found | Quarantined] = read_transcripts(made.place.path)
    else:
        from engine.intake.pages import read_page

        found = read_page(made.place)
    for item in found:
        yield item if isinstance(item, Quarantined | Skipped) else _settled(made, *item)


def _only(rows: Iterator[RowOutcome], only: str) -> Iterator[RowOutcome]:
    """Leave out the rows in which a column does not hold a value."""
    column, _, value = only.partition(":")
    for row in rows:
        if isinstance(row, Row) and (text_of(row.fields.get(column)) or "").strip() != value:
            yield Skipped(row.line, "left out by `only`")
        else:
            yield row


def _row_outcome(made: Plan, row: Row) -> Outcome:
    draft = draft_of(made.format, row.fields, made.mapping, row.line)
    if isinstance(draft, str):
        return Skipped(row.line, draft)
    if isinstance(draft, Flaw):
        return quarantine(row.line, draft.reason, draft.hint, row.shown)
    return _settled(made, row.line, row, draft)


def _settled(made: Plan, line: int, raw: str | Row, draft: Draft) -> Outcome:
    settled = settle(draft, f"{made.place.name}:{line}")
    if isinstance(settled, str):
        return Skipped(line, settled)
    if isinstance(settled, Flaw):
        shown = raw.shown if isinstance(raw, Row) else raw
        return quarantine(line, settled.reason, settled.hint, shown)
    return Accepted(line, settled.example, settled.notes)

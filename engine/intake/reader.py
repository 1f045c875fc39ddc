"""The front of the intake: what a file is, its rows one by one, and a look before importing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from engine.errors import ColumnError, IntakeError
from engine.intake.columns import check_columns, complete, match_format
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
from engine.intake.rows import (
    Container,
    Row,
    RowOutcome,
    detect_container,
    quarantine,
    read_rows,
)
from engine.intake.shapes import draft_of
from engine.intake.transcript import read_transcripts

LOOK = 200
"""Rows looked at to tell a format, and for a preview."""


class _Plan(msgspec.Struct, frozen=True):
    """How a file will be read."""

    container: Container
    format: Format
    mapping: Mapping
    columns: tuple[str, ...] = ()


def detect(path: Path, mapping: Mapping | None = None) -> Format:
    """The format of a file. Raises IntakeError, with file, line and remedy, when it has none."""
    return _plan(path, None, mapping).format


def read(
    path: Path,
    format: Format | None = None,  # noqa: A002
    mapping: Mapping | None = None,
) -> Iterator[Outcome]:
    """Every row of a file: accepted, quarantined or skipped, each with its line.

    Raises IntakeError before the first row when the file cannot be used at all.
    """
    return _outcomes(path, _plan(path, format, mapping))


def preview(
    path: Path,
    format: Format | None = None,  # noqa: A002
    mapping: Mapping | None = None,
) -> Preview:
    """The format, the mapping and the first examples. Raises IntakeError as `read` does."""
    plan = _plan(path, format, mapping)
    examples: list[Accepted] = []
    problems: list[Quarantined] = []
    for outcome in islice(_outcomes(path, plan), LOOK):
        if isinstance(outcome, Accepted):
            examples.append(outcome)
        elif isinstance(outcome, Quarantined):
            problems.append(outcome)
        if len(examples) == 3:
            break
    return Preview(
        plan.format,
        plan.mapping,
        plan.columns,
        tuple(found.example for found in examples),
        tuple(problems[:3]),
    )


def _plan(path: Path, asked: Format | None, given: Mapping | None) -> _Plan:
    container = detect_container(path)
    if container == "text":
        if asked not in (None, "transcript"):
            raise IntakeError(
                f"{path.name}, line 1: this is plain text, not {asked}.",
                "Leave --format out, or name another file.",
            )
        return _plan_text(path)
    rows = list(islice(read_rows(path, container), LOOK))
    usable = [row for row in rows if isinstance(row, Row)]
    if not usable:
        raise _no_rows(path, rows)
    return _plan_rows(path, container, usable, asked, given or Mapping())


def _plan_rows(
    path: Path, container: Container, rows: list[Row], asked: Format | None, given: Mapping
) -> _Plan:
    columns = tuple(dict.fromkeys(name for row in rows for name in row.fields))
    if asked is not None:
        mapping = complete(asked, rows[0].fields, given)
        check_columns(path.name, asked, mapping, columns)
        return _Plan(container, asked, mapping, columns)
    for row in rows:
        matched = match_format(row.fields, given)
        if matched is not None:
            check_columns(path.name, matched[0], matched[1], columns)
            return _Plan(container, *matched, columns)
    raise ColumnError(
        f"{path.name}, line {rows[0].line}: no known format has the columns "
        f"{', '.join(columns[:12])}.",
        "Say which is which: --map prompt=COLUMN --map answer=COLUMN, or --map conversation=, "
        "speaker= and text= for one turn a row.",
    )


def _plan_text(path: Path) -> _Plan:
    for found in islice(read_transcripts(path), LOOK):
        if not isinstance(found, Quarantined):
            return _Plan("text", "transcript", Mapping())
    raise IntakeError(
        f"{path.name}, line 1: no line begins with a speaker.",
        "Begin turns with `Customer:` and `Agent:`, or use JSON lines or CSV.",
    )


def _no_rows(path: Path, rows: list[RowOutcome]) -> IntakeError:
    for row in rows:
        if isinstance(row, Quarantined):
            return IntakeError(f"{path.name}, line {row.line}: {row.reason}.", row.hint)
    return IntakeError(
        f"{path.name}, line 1: there are no rows.", "Export it again, or leave it out."
    )


def _outcomes(path: Path, plan: _Plan) -> Iterator[Outcome]:
    if plan.container == "text":
        for found in read_transcripts(path):
            yield found if isinstance(found, Quarantined) else _settled(path, *found)
        return
    rows = read_rows(path, plan.container)
    if plan.format == "turns":
        for group in gather(rows, plan.mapping):
            if isinstance(group, Quarantined | Skipped):
                yield group
            else:
                yield _settled(path, group.line, group.raw, group.draft)
        return
    for row in rows:
        yield _row_outcome(path, plan, row) if isinstance(row, Row) else row


def _row_outcome(path: Path, plan: _Plan, row: Row) -> Outcome:
    draft = draft_of(plan.format, row.fields, plan.mapping, row.line)
    if isinstance(draft, Flaw):
        return quarantine(row.line, draft.reason, draft.hint, row.raw)
    return _settled(path, row.line, row.raw, draft)


def _settled(path: Path, line: int, raw: str, draft: Draft) -> Outcome:
    settled = settle(draft, f"{path.name}:{line}")
    if isinstance(settled, Flaw):
        return quarantine(line, settled.reason, settled.hint, raw)
    return Accepted(line, settled.example, settled.notes)

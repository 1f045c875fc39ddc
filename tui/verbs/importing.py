"""What `strop import` prints: a preview, how far it is, and what became of every row."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping

import msgspec

from engine.intake.outcomes import parse_mapping
from engine.records import Example
from engine.steps import intake
from engine.store.sources import Counts, Refused
from engine.visible import printable
from tui.output import Output

SHOWN = 20
_EVERY_S = 5.0
_WIDTH = 100


def preview(arguments: argparse.Namespace, out: Output) -> int:
    """Three real rows of each file with the mapping and the counts; nothing is imported."""
    mapping = parse_mapping(arguments.map) if arguments.map else None
    looks = [intake.look(path, mapping, arguments.format) for path in arguments.files]
    for look in looks:
        found = look.preview
        rows = f"{look.counts.rows:,} rows" if look.whole else f"first {look.counts.rows:,} rows"
        out.line(f"{look.path} ({found.format}): {rows} = {_sum(look.counts, look.skipped_as)}")
        columns = msgspec.structs.asdict(found.mapping)
        if mapped := " ".join(f"{role}={column}" for role, column in columns.items() if column):
            out.line(f"  {mapped}")
        for example in found.examples:
            _show(example, out)
        for problem in found.problems:
            out.line(f"  line {problem.line}: quarantined: {problem.reason}. {problem.hint}")
    out.result({"files": [_plain(look) for look in looks]})
    return 0


def _plain(look: intake.Look) -> dict[str, object]:
    plain = {name: getattr(look, name) for name in look.__struct_fields__ if name != "preview"}
    return {**plain, "path": str(look.path), **msgspec.structs.asdict(look.preview)}


def _show(example: Example, out: Output) -> None:
    out.line(f"  {example.origin}")
    for who, said in (("customer", example.prompt), ("answer", example.answer)):
        line = " ".join(said.split())
        out.line(f"    {who:<9} {line[:_WIDTH]}{'...' if len(line) > _WIDTH else ''}")


def watcher(name: str, out: Output) -> intake.Watch:
    """Tells people now and then how far an import is; says nothing of a short one."""
    told = time.monotonic()

    def watch(progress: intake.Progress) -> bool:
        nonlocal told
        if not out.as_json and time.monotonic() - told >= _EVERY_S:
            told = time.monotonic()
            of = f" of {progress.total:,}" if progress.total else ""
            done = "read" if progress.phase == "reading" else "written"
            # On standard error, so that what the verb prints can be kept.
            print(printable(f"{name}: {progress.rows:,}{of} rows {done}"), file=sys.stderr)
        return True

    return watch


def summed(done: list[intake.Imported]) -> dict[str, int]:
    """The counts of several files together."""
    names = Counts.__struct_fields__
    return {name: sum(getattr(i.counts, name) for i in done) for name in names}


def describe(imported: intake.Imported, out: Output) -> None:
    """The sum, then the rows that were not taken, those that need somebody first."""
    counts = imported.counts
    out.line(
        f"{imported.file} ({imported.format}): {counts.rows} rows ="
        f" {_sum(counts, imported.skipped_as)}"
    )
    if imported.same_as:
        out.line(f"  the same content came in as {imported.same_as}")
    shown = sorted(imported.refused, key=lambda row: row.kind)[:SHOWN]
    for refused in shown:
        out.line(f"  line {refused.line}: {refused.kind}: {_sentence(refused)}")
    more = counts.quarantined + counts.skipped - len(shown)
    if more > 0:
        out.line(f"  and {more} more; --json shows the first 1,000 rows")


def _sum(counts: Counts, rules: Mapping[str, int]) -> str:
    by_rule = ", ".join(f"{number} {rule}" for rule, number in sorted(rules.items()))
    return (
        f"{counts.accepted} accepted + {counts.quarantined} quarantined + {counts.skipped} skipped"
        f"{f' ({by_rule})' if by_rule else ''} + {counts.duplicates_of_earlier} there already"
    )


def _sentence(refused: Refused) -> str:
    return " ".join(part for part in (refused.reason, refused.hint) if part)

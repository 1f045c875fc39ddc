"""The two dialogs of an import: what would be taken, on real rows; and what was taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.intake.outcomes import Mapping
from engine.records import Example
from engine.steps.intake import Imported, Look
from engine.store.sources import Counts, Refused
from screens.curate_parts.words import counted
from screens.text import lines, safe, visible_line
from screens.widgets.dialog import Dialog
from screens.widgets.table import Column, Row, Table

Wanted = Literal["examples", "held_out", "mapping"]


class ImportDialog(Dialog[Wanted]):
    """Three rows as they would be taken, the mapping and the counts. `y` imports; enter does not.

    `h` takes the rows as held-out cases, `m` says anew which column is what.
    """

    AUTO_FOCUS = "VerticalScroll"
    DEFAULT_CSS = """
    ImportDialog {
        & > Vertical {
            width: 100;
            max-width: 96%;
            padding: 0 2;
        }
        & .title {
            margin-bottom: 0;
        }
    }
    """

    def __init__(self, look: Look) -> None:
        super().__init__(f"Import {look.path.name}?")
        self._look = look

    def compose_body(self) -> ComposeResult:
        """Counts, mapping, rows, problems."""
        with VerticalScroll():
            yield Static(lines(list(describe_look(self._look))))

    def keys_line(self) -> Content:
        """What can be done with the file."""
        usable = self._look.counts.accepted
        keys = [("esc", "leave it")]
        if not self._look.held_out:
            keys.insert(0, ("m", "which column is what"))
        if usable and not self._look.held_out:
            keys.insert(0, ("h", "as held-out cases"))
        if usable:
            kind = "held-out case" if self._look.held_out else "example"
            keys.insert(0, ("y", f"import {counted(usable, kind)}"))
        shown = [Content.assemble((key, "bold $accent"), f" {label}") for key, label in keys]
        return Content("   ").join(shown)

    def press(self, key: str) -> None:
        """y, h or m, where they are offered."""
        usable = self._look.counts.accepted
        if key == "y" and usable:
            self.dismiss("held_out" if self._look.held_out else "examples")
        elif key == "h" and usable and not self._look.held_out:
            self.dismiss("held_out")
        elif key == "m" and not self._look.held_out:
            self.dismiss("mapping")
        elif key in ("j", "k"):
            self.query_one(VerticalScroll).scroll_relative(y=1 if key == "j" else -1, animate=False)


def describe_look(look: Look) -> Iterator[Content]:
    """What an import would do."""
    preview = look.preview
    name = "held-out cases of strop" if look.held_out else preview.format
    yield safe(f"{name}: {count_rows(look.counts, look.held_out)}")
    mapping = mapping_in_words(preview.mapping)
    if mapping:
        yield safe(mapping)
    others = [c for c in preview.columns if c not in msgspec.structs.astuple(preview.mapping)]
    if others:
        yield safe(f"not used: {visible_line(', '.join(others))}", style="$text-muted")
    for example in preview.examples:
        yield Content()
        yield from _describe_row(example)
    if preview.problems:
        yield Content()
    for problem in preview.problems:
        yield safe(f"! line {problem.line}: {problem.reason}. {problem.hint}")


def _describe_row(example: Example) -> Iterator[Content]:
    turns = len(example.messages)
    more = f" · {turns} turns" if turns > 2 else ""
    yield safe(f"{example.origin}{more}", style="$text-muted")
    for who, said in (("customer", example.prompt), ("answer", example.answer)):
        label = safe(f"  {who:<9}", style="$text-muted")
        yield Content.assemble(label, safe(_short(visible_line(said))))


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def mapping_in_words(mapping: Mapping) -> str:
    """`prompt=question answer=reply`, as it can be typed; empty for a format without columns."""
    fields = msgspec.structs.asdict(mapping)
    return " ".join(f"{role}={column}" for role, column in fields.items() if column)


def count_rows(counts: Counts, held_out: bool = False) -> str:
    """`476 rows = 410 examples + 60 quarantined + 6 skipped`."""
    kind = "held-out case" if held_out else "example"
    parts = [counted(counts.accepted, kind)]
    for number, what in (
        (counts.quarantined, "quarantined"),
        (counts.skipped, "skipped"),
        (counts.duplicates_of_earlier, "there already"),
    ):
        if number:
            parts.append(f"{number:,} {what}")
    return f"{counted(counts.rows, 'row')} = {' + '.join(parts)}"


class ImportedDialog(Dialog[None]):
    """What became of every row; those that were not taken in a table, with line and reason."""

    AUTO_FOCUS = "Table"
    DEFAULT_CSS = """
    ImportedDialog {
        & > Vertical {
            width: 110;
            max-width: 98%;
            padding: 0 1;
        }
        & Table {
            height: auto;
            max-height: 14;
            margin-top: 1;
        }
    }
    """

    def __init__(self, imported: Imported) -> None:
        super().__init__(f"{visible_line(imported.file)} is imported")
        self._imported = imported

    def compose_body(self) -> ComposeResult:
        """Counts, then the rows that were refused."""
        yield Static(safe(count_rows(self._imported.counts, self._imported.held_out)))
        if self._imported.refused:
            columns = (Column("line", 6, "right"), Column("", 11), Column("reason"))
            yield Table(*columns, titles=True)

    def on_mount(self) -> None:
        """Fill the table."""
        refused = self._imported.refused
        for table in self.query(Table):
            table.styles.height = min(len(refused) + 1, 14)
            table.set_rows(len(refused), lambda index: _refused_row(refused[index]))

    def press(self, key: str) -> None:
        """Any of the usual keys closes it."""
        if key in {"enter", "q", "space"}:
            self.dismiss(None)

    def on_table_chosen(self, message: Table.Chosen) -> None:
        """enter on a row closes it, too."""
        self.dismiss(None)


def _refused_row(refused: Refused) -> Row:
    reason = f"{refused.reason}: {refused.raw}" if refused.raw else refused.reason
    return str(refused.line), refused.kind, visible_line(reason)

"""The dialogs of an import: what would be taken, on real rows; how far it is; what was taken."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Literal

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.errors import InputError
from engine.intake.outcomes import Mapping, parse_mapping
from engine.records import Example
from engine.steps.intake import Imported, Look, Progress
from engine.store.sources import Counts, Refused
from screens.actions import key_pressed
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
            what = counted(usable, kind) if self._look.whole else "all rows"
            keys.insert(0, ("y", f"import {what}"))
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
    looked_at = "" if look.whole else "the first "
    yield safe(f"{name}: {looked_at}{count_rows(look.counts, look.held_out)}")
    if look.skipped_as:
        yield safe(skipped_in_words(look.skipped_as), style="$text-muted")
    mapping = mapping_in_words(preview.mapping)
    if mapping:
        yield safe(mapping)
    others = [c for c in preview.columns if c not in used_columns(preview.mapping)]
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
    said_by = [("customer", example.prompt), ("answer", example.answer)]
    if example.rejected:
        said_by.append(("rejected", example.rejected))
    for who, said in said_by:
        label = safe(f"  {who:<9}", style="$text-muted")
        yield Content.assemble(label, safe(_short(visible_line(said))))


def _short(text: str, most: int = 160) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def mapping_in_words(mapping: Mapping) -> str:
    """`prompt=question answer=reply`, as it can be typed; empty for a format without columns."""
    fields = msgspec.structs.asdict(mapping)
    return " ".join(shlex.quote(f"{role}={column}") for role, column in fields.items() if column)


def mapping_from_words(text: str) -> Mapping | None:
    """What `mapping_in_words` wrote, or somebody typed; None for nothing. Raises InputError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InputError(f"{text}: {error}.", "Close the quote around a name.") from error
    return parse_mapping(words) if words else None


def used_columns(mapping: Mapping) -> set[str]:
    """Names of the columns that an import reads."""
    return {*msgspec.structs.astuple(mapping), mapping.only.partition(":")[0]}


def skipped_in_words(rules: dict[str, int]) -> str:
    """`skipped: 4 blank line, 2 the header again`."""
    counts = sorted(rules.items(), key=lambda rule: (-rule[1], rule[0]))
    return "skipped: " + ", ".join(f"{number:,} {rule}" for rule, number in counts)


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


class ImportingDialog(Dialog[Literal["stop", "hide"]]):
    """How far a long import is. esc stops it while it reads, `b` goes on deciding meanwhile."""

    AUTO_FOCUS = ""

    def __init__(self, name: str, progress: Progress) -> None:
        super().__init__(f"Importing {visible_line(name)}")
        self._progress = progress

    def compose_body(self) -> ComposeResult:
        """One line that changes."""
        yield Static(safe(progress_in_words(self._progress)), id="progress")

    def keys_line(self) -> Content:
        """What can be done meanwhile."""
        keys = [("b", "decide meanwhile")]
        if self._progress.phase == "reading":
            keys.insert(0, ("esc", "stop, nothing is added"))
        shown = [Content.assemble((key, "bold $accent"), f" {label}") for key, label in keys]
        return Content("   ").join(shown)

    def advance(self, progress: Progress) -> None:
        """Show that it is further."""
        self._progress = progress
        for line in self.query("#progress").results(Static):
            line.update(safe(progress_in_words(progress)))
        for keys in self.query(".keys").results(Static):
            keys.update(self.keys_line())

    def on_key(self, event: events.Key) -> None:
        """esc stops it, while that can be done."""
        if key_pressed(event.key, event.character) in {"escape", "ctrl+c"}:
            event.stop()
            # Textual would call the dialog's own handler, too, which closes it.
            event.prevent_default()
            if self._progress.phase == "reading":
                self.dismiss("stop")

    def press(self, key: str) -> None:
        """b hides it."""
        if key == "b":
            self.dismiss("hide")


def progress_in_words(progress: Progress) -> str:
    """`312,000 rows read`, or `400,000 of 1,000,000 rows written`."""
    if progress.phase == "reading":
        return f"{counted(progress.rows, 'row')} read"
    return f"{progress.rows:,} of {counted(progress.total, 'row')} written"


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
        if self._imported.skipped_as:
            yield Static(safe(skipped_in_words(self._imported.skipped_as)))
        if self._imported.same_as:
            yield Static(safe(f"The same content came in as {self._imported.same_as}."))
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

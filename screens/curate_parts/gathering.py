"""What concerns the whole session: importing files, running the checks, splitting."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

from engine.errors import ColumnError, StropError
from engine.intake.outcomes import Mapping
from engine.steps import apart, intake
from engine.steps.cards import index_words
from engine.steps.split import foresee, split
from screens.background import is_cancelled
from screens.curate_parts.editing import EditingScreen
from screens.curate_parts.importing import (
    ImportDialog,
    ImportedDialog,
    ImportingDialog,
    Wanted,
    mapping_from_words,
    mapping_in_words,
)
from screens.curate_parts.messages import (
    Checked,
    FileImported,
    FileLookedAt,
    ImportAdvanced,
    Split,
    SplitForeseen,
    WordsIndexed,
)
from screens.curate_parts.words import ask_split, counted

PATH_HINT = (
    "JSON, CSV, XLSX, Parquet, transcripts, pages in Markdown or HTML; packed or not. FILE:SHEET,"
    " FOLDER:SPLIT and hf:OWNER/NAME:SPLIT, too. ~ is your home."
)
MAP_HINT = (
    "role=column, for example prompt=question answer=reply. Roles: prompt, answer, rejected,"
    " conversation, speaker, text, intent; only=column:value takes some of the rows."
)


class GatheringScreen(EditingScreen):
    """Rows come in by `i`, are looked through by `c` and divided by `s`."""

    checking = False
    """Whether the checks are running."""
    _path = Path()
    _importing: ImportingDialog | None = None
    """Says how far an import is, while somebody wants to know."""
    _import_runs = False
    _import_stops = False

    # Import

    def do_import_file(self) -> None:
        """Ask for the file; one import at a time."""
        if self._import_runs:
            self.say("An import is going on. It says when it is done.")
            return
        self.ask_text("File to import", self._look_at, hint=PATH_HINT)

    def _look_at(self, name: str, mapping: Mapping | None = None) -> None:
        if not name.strip():
            return
        self._path = Path(name.strip()).expanduser()
        self.load(partial(look_at, self._path, mapping), FileLookedAt, group="import")

    def on_file_looked_at(self, message: FileLookedAt) -> None:
        """Show what would be taken; where columns are not known, ask for them."""
        look = message.look
        if isinstance(look, intake.Look):
            mapping = mapping_in_words(look.preview.mapping)
            self.app.push_screen(ImportDialog(look), partial(self._import, look, mapping))
        else:
            self._ask_mapping("", why=look.message)

    def _import(self, look: intake.Look, mapping: str, wanted: Wanted | None) -> None:
        if wanted == "mapping":
            self._ask_mapping(mapping)
        elif wanted is not None:
            self.say(f"Importing {look.path.name}.")
            self._import_runs, self._import_stops = True, False
            self.load(partial(self._read_in, look, wanted), FileImported, group="importing")

    def _read_in(self, look: intake.Look, wanted: Wanted) -> intake.Imported | StropError:
        """In a thread: decisions go on beside it."""

        def watch(progress: intake.Progress) -> bool:
            self.post_message(ImportAdvanced(progress))
            return not (self._import_stops or is_cancelled())

        try:
            return intake.import_file(
                self.workspace,
                self.session,
                look.path,
                mapping=None if look.held_out else look.preview.mapping,
                held_out=wanted == "held_out",
                watch=watch,
            )
        except StropError as error:
            return error

    def on_import_advanced(self, message: ImportAdvanced) -> None:
        """Show it, as long as it is looked at."""
        if self._importing is not None and self._importing.is_running:
            self._importing.advance(message.progress)
        elif self._importing is None and self._import_runs:
            self._importing = ImportingDialog(self._path.name, message.progress)
            self.app.push_screen(self._importing, self._leave_import)

    def _leave_import(self, wanted: Literal["stop", "hide"] | None) -> None:
        self._import_stops = wanted == "stop"

    def _ask_mapping(self, value: str, why: str = "") -> None:
        hint = f"{why}\n\n{MAP_HINT}" if why else MAP_HINT
        self.ask_text("Which column is what?", self._map, value=value, hint=hint)

    def _map(self, text: str) -> None:
        self._look_at(str(self._path), mapping_from_words(text))

    def on_file_imported(self, message: FileImported) -> None:
        """Say what became of every row; then look through all examples."""
        if self._importing is not None and self._importing.is_active:
            self._importing.dismiss(None)
        self._importing, self._import_runs = None, False
        if isinstance(message.imported, StropError):
            raise message.imported
        self.app.push_screen(ImportedDialog(message.imported))
        self.refresh_road()
        self.index_words()
        self.do_check()
        self.deal()

    # Words

    def index_words(self) -> None:
        """Bring the index of words up to date, beside whatever is decided meanwhile."""
        workspace = self.workspace
        self.load(lambda: index_words(workspace, is_cancelled), WordsIndexed, group="words")

    # Checks

    def do_check(self) -> None:
        """Run every check, beside whatever is decided meanwhile."""
        self.checking = True
        if self.cards is not None:
            self.show_card()
        self.load(
            partial(apart.check, self.workspace, self.session, is_cancelled),
            lambda n: Checked(*n),
            group="check",
        )

    def on_checked(self, message: Checked) -> None:
        """Deal the cards anew, in the order that the findings give."""
        self.checking = False
        rows = f" about {counted(message.rows, 'example')}" if message.rows else ""
        self.say(f"{counted(message.found, 'finding')}{rows}.")
        self.deal()

    # Split

    def do_split(self) -> None:
        """Work out the numbers, then ask."""
        workspace, slug = self.workspace, self.session
        self.write(lambda: SplitForeseen(foresee(workspace, slug)))

    def on_split_foreseen(self, message: SplitForeseen) -> None:
        """Ask, in numbers."""
        sealed = message.foreseen.sealed_at
        self.confirm(
            "Split again?" if sealed else "Split, and seal the held-out cases?",
            ask_split(message.foreseen),
            "split" if sealed else "split and seal",
            self._split,
        )

    def _split(self) -> None:
        workspace, slug = self.workspace, self.session
        self.write(lambda: Split(split(workspace, slug)))

    def on_split(self, message: Split) -> None:
        """Say it; the road goes on."""
        made = message.made
        self.say(
            f"{made.train} to train on, {made.validation} for validation, {made.cases} held-out"
            " cases sealed. Next: 3, Train."
        )
        self.refresh_road()
        self.deal()


def look_at(path: Path, mapping: Mapping | None) -> intake.Look | ColumnError:
    """A look at a file. Columns that are not known are no error here: they are asked for."""
    try:
        return intake.look(path, mapping)
    except ColumnError as error:
        return error

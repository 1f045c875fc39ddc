"""The checkpoints of a run side by side: what each made of the validation rows, and a choice."""

from __future__ import annotations

from typing import Literal

import msgspec
from textual import events, on
from textual.app import ComposeResult
from textual.content import Content

from engine.steps.candidates import Candidate, Candidates
from screens.symbols import symbols_of
from screens.text import safe
from screens.widgets.dialog import Dialog
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Row, Table

AROUND = 12
"""Lines that border, title, advice, note and keys take."""
NOTE = (
    "right: of the validation rows whose answer says something by the rules, with a 95 % interval."
    " loss: on the answers that people gave, nats a token; over: less that of the kept one, row by"
    " row, 90 %. general: how far the loss on general texts rose. No sealed case is looked at."
)
LOOKED = (
    "Somebody has looked at answers to the sealed cases: a choice from now on is named so in the"
    " report."
)
COLUMNS = (
    Column("step", 5, "right"),
    Column("right", 8, "right"),
    Column("[95 %]", 9, "right"),
    Column("loss", 6, "right"),
    Column("over kept", 14, "right"),
    Column("general", 7, "right"),
    Column(),
)


class Wish(msgspec.Struct, frozen=True):
    """What somebody wants with the checkpoints: measure them again, or have one judged."""

    what: Literal["choose", "measure"]
    step: int = 0


class CheckpointsDialog(Dialog[Wish]):
    """One line a checkpoint; enter has it judged, m measures again."""

    AUTO_FOCUS = "Table"
    DEFAULT_CSS = """
    CheckpointsDialog {
        & > Vertical {
            width: 100;
            max-width: 100%;
            max-height: 100%;
            padding: 0 1;
        }
        & Table, & .said {
            height: auto;
        }
        & #note {
            color: $text-muted;
        }
    }
    """

    def __init__(self, found: Candidates) -> None:
        super().__init__(f"Checkpoints of run {found.run}, on {found.rows} validation rows")
        self._found = found

    def compose_body(self) -> ComposeResult:
        """The table, what it advises, what its words mean."""
        yield Table(*COLUMNS, titles=True)
        advice = self._found.advice
        yield Prose(
            safe(f"{advice} {LOOKED}" if self._found.looked else advice),
            id="advice",
            classes="said",
            can_focus=False,
        )
        yield Prose(safe(NOTE), id="note", classes="said", can_focus=False)

    def on_mount(self) -> None:
        """Fill it; the cursor on the one that is judged now."""
        every = self._found.candidates
        at = next((n for n, one in enumerate(every) if one.is_chosen), 0)
        self.query_one(Table).set_rows(len(every), self._row, cursor=at)

    def on_resize(self, event: events.Resize) -> None:
        """Title and keys stay on the screen."""
        self.query_one(Table).styles.max_height = max(event.size.height - AROUND, 3)

    def _row(self, index: int) -> Row:
        return candidate_row(self._found.candidates[index], symbols_of(self).rest)

    def keys_line(self) -> Content:
        """What can be done."""
        return safe("enter judge this one from now on   m measure again   j k move   esc close")

    @on(Table.Chosen)
    def choose_one(self, message: Table.Chosen) -> None:
        """The one under the cursor."""
        self.dismiss(Wish("choose", self._found.candidates[message.index].step))

    def press(self, key: str) -> None:
        """m measures again."""
        if key == "m":
            self.dismiss(Wish("measure"))


def candidate_row(one: Candidate, nothing: str) -> Row:
    """`40 | 30 of 34 | 73 to 95 | 0.412 | -0.08 to -0.02 | +0.03 | kept, judged`."""
    marks = [
        *(["kept"] if one.is_kept else []),
        *(["judged"] if one.is_chosen else []),
        *(["forgot"] if one.excess else []),
    ]
    share, over = one.right_interval, one.over_best
    return (
        str(one.step),
        f"{one.right} of {one.judged}",
        nothing if share is None else f"{share[0] * 100:.0f} to {share[1] * 100:.0f}",
        nothing if one.loss is None else f"{one.loss:.3f}",
        "" if over is None else f"{over[0]:+.3f}, {over[1]:+.3f}",
        nothing if one.rise is None else f"{one.rise:+.2f}",
        safe(", ".join(marks), style="bold"),
    )

"""The comparison in parts: a table of rules or of intents, from which a key goes to the cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from textual import events, on
from textual.app import ComposeResult
from textual.content import Content

from engine.steps.compare import Compared
from engine.steps.slices import Part
from engine.store.examples import StoredExample
from engine.store.sieve import one_word
from screens.symbols import Symbols, symbols_of
from screens.text import fit, safe, visible_line, width
from screens.widgets.dialog import Dialog
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Row, Table

By = Literal["rule", "intent"]
Wanted = Literal["cases", "wrong", "rows"]

AROUND = 10
"""Lines that border, title, head, note and keys take."""
ROOMY = 30
"""Lines of a terminal that has room for more than the table."""
NOTES: dict[By, str] = {
    "rule": "right: all that the case asserts of the rule holds, and the answer makes sense.",
    "intent": "right: the case passes.",
}
LOOKING = "[ ]: 95 % interval of the change, in points. For looking around: no gate reads it."


class Chosen(msgspec.Struct, frozen=True):
    """A part, and what of it is wanted: its cases, those that came out wrong, its training rows."""

    by: By
    name: str
    wanted: Wanted


class PartsDialog(Dialog[Chosen]):
    """Rules or intents with their counts; enter lists cases, w the wrong ones, t training rows."""

    AUTO_FOCUS = "Table"
    DEFAULT_CSS = """
    PartsDialog {
        & > Vertical {
            width: 110;
            max-width: 100%;
            max-height: 100%;
            padding: 0 1;
        }
        & Table {
            height: auto;
        }
        & #note, & #beside {
            height: auto;
            color: $text-muted;
        }
    }
    """

    def __init__(
        self,
        by: By,
        parts: Sequence[Part],
        of: str,
        arms: tuple[str, str],
        beside: Sequence[str] = (),
    ) -> None:
        """beside: sentences on the whole comparison, shown where there is room."""
        super().__init__(f"By {by}, {of}: {arms[1]} against {arms[0]}")
        self._by = by
        self._parts = parts
        self._arms = arms
        self._beside = beside

    def compose_body(self) -> ComposeResult:
        """The table, what a word in it means, and what the part under the cursor is."""
        yield Table(*self._columns(is_wide=False), titles=True)
        yield Lines("", id="about")
        yield Prose(safe(f"{NOTES[self._by]} {LOOKING}"), id="note", can_focus=False)
        yield Prose(safe("\n".join(self._beside)), id="beside", can_focus=False)

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(Table).set_rows(len(self._parts), self._row)
        self.tell_about()

    def on_resize(self, event: events.Resize) -> None:
        """More room for the names; title and keys stay on the screen."""
        table = self.query_one(Table)
        table.columns = self._columns(is_wide=event.size.width >= 100)
        roomy = event.size.height >= ROOMY
        self.query_one("#beside").display = roomy and bool(self._beside)
        around = AROUND + (len(self._beside) + 1 if roomy else 0)
        table.styles.max_height = max(event.size.height - around, 4)
        self.call_after_refresh(self.tell_about)

    def _columns(self, *, is_wide: bool) -> tuple[Column, ...]:
        names = [fit(name, 6).strip() for name in self._arms]
        figures = ("cases", *names, "fixed", "broken")
        change = Column("change [95 %]", 16 if not is_wide else 20, "right")
        return (Column(self._by), *(Column(n, max(width(n), 4), "right") for n in figures), change)

    def _row(self, index: int) -> Row:
        return part_row(self._parts[index], self._by, symbols_of(self))

    @on(Table.Highlighted)
    def tell_about(self) -> None:
        """The title of the rule in full: the table has room for its beginning."""
        part = self._part
        if part is not None:
            said = about(part, self._by)
            self.query_one("#about", Lines).show(safe(said, style="bold"))

    @property
    def _part(self) -> Part | None:
        cursor = self.query_one(Table).cursor
        return self._parts[cursor] if cursor >= 0 else None

    def keys_line(self) -> Content:
        """What a key lists."""
        return safe("enter its cases   w those wrong   t its training rows   j k move   esc close")

    @on(Table.Chosen)
    def list_cases(self) -> None:
        """Its cases, whatever came out."""
        self._answer("cases")

    def press(self, key: str) -> None:
        """w the wrong ones, t the training rows."""
        if key == "w":
            self._answer("wrong")
        elif key == "t":
            self._answer("rows")

    def _answer(self, wanted: Wanted) -> None:
        part = self._part
        if part is None:
            return
        if wanted != "rows" and not part.n:
            self._say(f"No case asserts {part.name}: nobody knows how it is answered.")
        elif wanted == "wrong" and not part.wrong:
            self._say(f"{self._arms[1]} gets none of these cases wrong.")
        else:
            self.dismiss(Chosen(self._by, part.name, wanted))

    def _say(self, text: str) -> None:
        self.query_one("#about", Lines).show(safe(visible_line(text), style="$text-warning"))


def part_row(part: Part, by: By, symbols: Symbols) -> Row:
    """`R07 ! return window | 12 | 3 | 11 | 8 | 0 | +67 [+32, +85]`."""
    sign = "! " if part.is_critical else ""
    name = f"{part.name} {sign}{part.title}" if by == "rule" else part.name or "(none)"
    style = "$text-error" if part.broken else ""
    if not part.n:
        none = symbols.rest
        return (safe(visible_line(name), style="$text-muted"), "0", none, none, none, none, "")
    return (
        safe(visible_line(name), style=style),
        str(part.n),
        str(part.base_right),
        str(part.tuned_right),
        str(part.fixed),
        safe(str(part.broken), style=f"bold {style}" if style else ""),
        change_words(part),
    )


def change_words(part: Part) -> str:
    """`+67 [+32, +85]` in points; empty without cases."""
    if part.interval is None:
        return ""
    low, high = (f"{end * 100:+.0f}" for end in part.interval)
    return f"{part.change * 100:+.0f} [{low}, {high}]"


def about(part: Part, by: By) -> str:
    """The part under the cursor in a line."""
    name = visible_line(f"{part.name} {part.title}".strip() or "(none)")
    weight = ", critical" if part.is_critical else ""
    if not part.n:
        return f"{name}{weight}: no case asserts it"
    p = "" if part.p is None else f", p {p_words(part.p)} (Holm)"
    return f"{name}{weight}: {part.wrong} of {part.n} wrong{p}"


def p_words(p: float) -> str:
    """`.021`, `< .001`."""
    return "< .001" if p < 0.001 else f"{p:.3f}".replace("0.", ".", 1)


def part_filter(chosen: Chosen) -> str:
    """The filter of Curate for the examples that training saw of a rule or an intent."""
    name = one_word(chosen.name) if chosen.by == "intent" else chosen.name
    return f"{chosen.by}:{name} status:accepted"


def rows_wanted(row: Compared, teachers: Sequence[StoredExample]) -> str:
    """The filter of Curate for a case: its teachers, else what is about the rules it breaks."""
    if teachers:
        return " ".join(f"#{stored.id}" for stored in teachers)
    judged = row.tuned_judged or row.base_judged
    broken = [o.assertion.rule for o in judged.outcomes if not o.passed] if judged else []
    rules = dict.fromkeys(filter(None, broken or [a.rule for a in row.case.assertions]))
    return " ".join([*(f"rule:{rule}" for rule in rules), "status:accepted"])

"""Step 4: every case with the answers of both arms, what was fixed and what was broken."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from screens.base import Action, StepScreen
from screens.symbols import symbols_of
from screens.text import safe
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Table

if TYPE_CHECKING:
    from engine.steps.compare import Compared, Comparison
    from engine.store.examples import StoredExample
    from engine.store.verdicts import Ruling

ACTIONS = (
    Action("compare.next", ("n",), "next flip", "The next case that flipped.", 2),
    Action("compare.previous", ("N",), "previous flip", "The flip before.", 60, hidden=True),
    Action("compare.filter", ("f",), "filter", "Broken, fixed, both wrong, differ, all.", 3),
    Action("compare.suite", ("tab",), "suite", "The next suite, or all of them.", 4),
    Action("compare.acceptable", ("a",), "acceptable", "Rule: no harm in this flip.", 20),
    Action("compare.regression", ("r",), "regression", "Rule: this flip is a harm.", 21),
    Action("compare.waiting", ("c",), "waiting", "The next case that waits for a person.", 22),
    Action("compare.search", ("/",), "search", "Only cases with these words.", 40),
    Action("compare.slices", ("i",), "intents", "Counts by intent.", 30),
    Action("compare.teachers", ("t",), "train rows", "The rows that taught it.", 31),
)
EMPTY = "No run of this session has answered yet: step 3 trains one and answers every case."


class Read(msgspec.Struct, frozen=True):
    """What the screen shows, read in one go."""

    name: str
    session: int
    comparison: Comparison | None
    rulings: dict[tuple[str, str], Ruling]


class CompareScreen(StepScreen):
    """The cases of the session's newest run."""

    STEP = "compare"
    CSS_PATH = "compare.tcss"
    ACTIONS = ACTIONS

    class ComparisonRead(Message):
        """Answers were taken over and judged."""

        def __init__(self, read: Read) -> None:
            super().__init__()
            self.read = read

    class TeachersFound(Message):
        """The training rows of a case were looked up."""

        def __init__(self, found: tuple[str, tuple[StoredExample, ...]]) -> None:
            super().__init__()
            self.case, self.teachers = found

    class Ruled(Message):
        """A person's ruling was kept."""

        def __init__(self, ruling: str) -> None:
            super().__init__()
            self.ruling = ruling

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.read: Read | None = None
        self.rows: list[Compared] = []
        """The cases that the filters let through."""
        self.filter = 0
        self.suite = ""
        self.words = ""
        self._teachers: dict[str, tuple[StoredExample, ...]] = {}

    def compose_body(self) -> ComposeResult:
        """Counts, the list on the left, the case on the right."""
        yield Lines(" Judging answers ...", id="counts")
        with Horizontal(id="both"):
            yield Table(Column(), Column(width=2), id="cases")
            yield Prose(id="case")

    def on_shown(self) -> None:
        """Answers may have come in."""
        self.load(self._read, self.ComparisonRead, group="compare")

    def _read(self) -> Read:
        from engine.steps import compare, sessions, train
        from engine.store import verdicts

        session = sessions.find(self.workspace, self.session)
        sessions.remember_place(self.workspace, self.session, 4)
        run = train.last_training(self.workspace, session.id)
        if run is None or not compare.answers_of(self.workspace, run.id):
            return Read(session.name, session.id, None, {})
        ruled = {(r.suite, r.case_name): r for r in verdicts.rulings(self.workspace.store, run.id)}
        return Read(session.name, session.id, compare.compare(self.workspace, run.id), ruled)

    def on_compare_screen_comparison_read(self, message: ComparisonRead) -> None:
        """Show it."""
        self.read = message.read
        self.set_session(self.read.name)
        comparison = self.read.comparison
        if comparison is not None:
            cases = len(comparison.rows)
            self.set_figures(
                f"run {comparison.run}, {comparison.second} against {comparison.first},"
                f" {cases} cases"
            )
        self._sift()

    # Choosing what is listed

    @property
    def current(self) -> Compared | None:
        """The case under the cursor."""
        cursor = self.query_one("#cases", Table).cursor
        return self.rows[cursor] if 0 <= cursor < len(self.rows) else None

    @property
    def ruled(self) -> frozenset[tuple[str, str]]:
        """Suite and case of those that a person has ruled on."""
        return frozenset(self.read.rulings) if self.read else frozenset()

    def _sift(self) -> None:
        from screens.compare_parts.draw import draw_counts
        from screens.compare_parts.sieve import FILTERS, sift

        comparison = self.read.comparison if self.read else None
        self.query_one("#cases").display = comparison is not None
        if comparison is None:
            self.query_one("#counts", Lines).show("")
            self.query_one("#case", Prose).show(safe(EMPTY))
            self.refresh_actions()
            return
        kept = self.current
        name = FILTERS[self.filter]
        self.rows = sift(comparison.rows, name, self.suite, self.words, self.ruled)
        shown = f"{name} {len(self.rows)}" + (f" of /{self.words}" if self.words else "")
        line = draw_counts(comparison, self.suite, shown, self.size.width)
        self.query_one("#counts", Lines).show(line)
        cursor = next((i for i, r in enumerate(self.rows) if kept and r.case.id == kept.case.id), 0)
        self.query_one("#cases", Table).set_rows(len(self.rows), self._row, cursor=cursor)
        self._show()

    def _row(self, index: int) -> tuple[str, str]:
        row = self.rows[index]
        symbols = symbols_of(self)
        sign = {"fixed": "+", "broken": symbols.failed, "both_right": symbols.done}
        return row.case.id, sign.get(row.flip, symbols.rest)

    @on(Table.Highlighted, "#cases")
    def _case_chosen(self) -> None:
        self._show()

    def on_resize(self) -> None:
        """The answers fill the width."""
        if self.read is not None:
            self._sift()

    def _show(self) -> None:
        from screens.compare_parts.draw import draw_case

        row, pane = self.current, self.query_one("#case", Prose)
        if row is None or self.read is None or self.read.comparison is None:
            pane.show(safe("No case passes this filter.  Press f for another."))
        else:
            arms = (self.read.comparison.first, self.read.comparison.second)
            ruling = self.read.rulings.get((row.suite, row.case.id))
            teachers = self._teachers.get(row.case.id)
            cells = max(pane.scrollable_content_region.width, 24)
            pane.show(draw_case(row, arms, teachers, ruling, cells, symbols_of(self)))
        self.refresh_actions()

    def do_filter(self) -> None:
        """The next filter."""
        from screens.compare_parts.sieve import FILTERS

        self.filter = (self.filter + 1) % len(FILTERS)
        self._sift()

    def do_suite(self) -> None:
        """The next suite; after the last, all of them."""
        if self.read and self.read.comparison:
            names = ["", *dict.fromkeys(r.suite for r in self.read.comparison.rows)]
            self.suite = names[(names.index(self.suite) + 1) % len(names)]
            self._sift()

    def do_search(self) -> None:
        """Ask for words; none shows all again."""
        self.ask_text("Only cases with these words", self._search, value=self.words)

    def _search(self, words: str) -> None:
        self.words = words
        self._sift()

    # Going from flip to flip

    def do_next(self) -> None:
        """The next flip."""
        self._flip(1)

    def do_previous(self) -> None:
        """The flip before."""
        self._flip(-1)

    def _flip(self, step: Literal[1, -1]) -> None:
        from screens.compare_parts.sieve import next_flip

        cursor = self.query_one("#cases", Table).cursor
        if self.rows:
            self._go_to(next_flip(self.rows, cursor, step))

    def do_waiting(self) -> None:
        """The next case that waits for a person, whatever is filtered."""
        from screens.compare_parts.sieve import FILTERS

        self.filter, self.suite, self.words = FILTERS.index("waiting"), "", ""
        self._sift()

    def _go_to(self, index: int) -> None:
        self.query_one("#cases", Table).set_rows(len(self.rows), self._row, cursor=index)
        self._show()

    # Ruling and looking closer

    def why_not(self, action_id: str) -> str | None:
        """Only discordant compliance cases are ruled on."""
        if not action_id.startswith("compare."):
            return super().why_not(action_id)
        if self.read is None or self.read.comparison is None:
            return "There is nothing to compare yet."
        row = self.current
        if action_id in ("compare.acceptable", "compare.regression") and not (
            row and row.gate == "compliance" and row.flip in ("fixed", "broken")
        ):
            return "Only compliance cases on which the arms disagree are ruled on."
        return None

    def do_acceptable(self) -> None:
        """No harm done."""
        self._rule("acceptable")

    def do_regression(self) -> None:
        """A harm."""
        self._rule("regression")

    def _rule(self, ruling: str) -> None:
        row = self.current
        if row is not None and self.read and self.read.comparison:
            run = self.read.comparison.run
            job = partial(self._write_ruling, run, row.suite, row.case.id, ruling)
            self.load(job, self.Ruled, group="rule")

    def _write_ruling(self, run: int, suite: str, case: str, ruling: str) -> str:
        from engine.steps import verdict

        verdict.rule(self.workspace, run, suite, case, ruling)
        return ruling

    def on_compare_screen_ruled(self, message: Ruled) -> None:
        """Read again: the counts of what waits have changed."""
        self.say(f"Ruled: {message.ruling}.")
        self.on_shown()

    def do_teachers(self) -> None:
        """Look up the training rows that say what the case asks for."""
        row = self.current
        if row is not None:
            self.load(partial(self._teach, row), self.TeachersFound, group="teachers")

    def _teach(self, row: Compared) -> tuple[str, tuple[StoredExample, ...]]:
        from engine.steps import compare

        assert self.read is not None, "the action is off until something was read"
        found = compare.taught_by(self.workspace, self.read.session, row.case)
        return row.case.id, tuple(found)

    def on_compare_screen_teachers_found(self, message: TeachersFound) -> None:
        """Show them with their case."""
        self._teachers[message.case] = message.teachers
        self._show()

    def do_slices(self) -> None:
        """Counts by intent of the cases that are listed."""
        from engine.evaluation.evidence import Pair
        from engine.evaluation.verdict import slices

        pairs = [
            Pair(r.base_judged, r.tuned_judged)
            for r in self.rows
            if r.base_judged and r.tuned_judged
        ]
        lines = [f"{'intent':<14}{'cases':>6}{'broken':>8}{'fixed':>7}   p (Holm)"]
        for s in slices(pairs):
            p = "" if s.p is None else f"{s.p:.3f}"
            lines.append(f"{s.intent[:13] or '-':<14}{s.n:>6}{s.b:>8}{s.c:>7}   {p}")
        self.query_one("#case", Prose).show(safe("\n".join(lines)))

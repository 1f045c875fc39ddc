"""The comparison on screen: reading it, listing cases, showing the one under the cursor."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from engine.evaluation.evidence import BASE_AND_TUNED, Arms
from engine.steps import review, sessions
from engine.steps.compare import Compared, teachable
from engine.steps.review import CaseKey, Review, Teachers
from engine.store.examples import StoredExample
from engine.workspace import Workspace
from screens.actions import Action
from screens.base import StepScreen
from screens.compare_parts import draw, sieve
from screens.compare_parts.case import Shown, draw_case
from screens.compare_parts.messages import Reviewed, Stamped, TeachersFound
from screens.compare_parts.sieve import Choice
from screens.symbols import symbols_of
from screens.text import safe
from screens.widgets.lines import Lines
from screens.widgets.prose import Prose
from screens.widgets.table import Column, Row, Table

NARROW = (Column(width=2), Column(), Column(width=1))
WIDE = (Column(width=2), Column(), Column(width=14), Column(width=1))
WIDE_FROM = 110
TALL_FROM = 32
LOOK_S = 3.0


class ReviewScreen(StepScreen):
    """Shows a review; what can be done with it, its subclass knows."""

    STEP = "compare"
    AUTO_FOCUS = "#cases"
    KEYS: ClassVar[dict[str, Action]] = {}
    """The actions that words on the screen name, by their verbs."""

    def __init__(
        self,
        session: str,
        *,
        run: int | None = None,
        arms: Arms = BASE_AND_TUNED,
        for_a_person: bool = False,
    ) -> None:
        super().__init__(session)
        self.run = run
        """The run that the operator chose; None is the newest."""
        self.review: Review | None = None
        self.rows: list[Compared] = []
        """The cases that are listed."""
        self.choice = Choice()
        self.arms = arms
        self.as_diff = False
        self._begin_with_a_person = for_a_person
        self._stamp: tuple[int, ...] = ()
        self._teachers: Teachers | None = None
        self._taught: dict[CaseKey, tuple[StoredExample, ...]] = {}
        self._is_teaching = False

    def compose_body(self) -> ComposeResult:
        """Counts and suites, what else there is to say, the list, the case."""
        yield Lines(" Judging answers ...", id="counts")
        yield Lines("", id="suites")
        yield Lines(id="notes")
        with Horizontal(id="both"):
            yield Table(*NARROW, id="cases")
            yield Prose(id="case", can_focus=False)

    def on_mount(self) -> None:
        """Answers and rulings may come in while the screen is shown."""
        self.every(LOOK_S, self._look)

    # Reading

    def on_shown(self) -> None:
        """Read at first; later only what is new."""
        if self.review is None:
            self.read()
        else:
            self._look()

    def read(self) -> None:
        """Judge the answers of the run again."""
        job = partial(read_review, self.workspace, self.session, self.run, self.arms)
        self.load(job, Reviewed, group="review")

    def begin_again(self) -> None:
        """With the arms that are judged now."""
        self.arms = BASE_AND_TUNED
        self.read()

    def _look(self) -> None:
        if self.review is not None:
            job = partial(review.stamp, self.workspace, self.session)
            self.load(job, Stamped, group="stamp")

    def on_stamped(self, message: Stamped) -> None:
        """Read again when something is new."""
        if message.stamp != self._stamp:
            self.read()

    def on_reviewed(self, message: Reviewed) -> None:
        """Show the cases; the cursor stays on its case."""
        is_first = self.review is None or self.review.run != message.review.run
        self.review, self._stamp = message.review, message.stamp
        self._teachers, self._taught = None, {}
        self.set_session(self.review.session.name)
        found = self.review.comparison
        self.set_class(found is None, "-empty")
        if found is None:
            self._say_empty()
            return
        self.arms = (found.first, found.second)
        self.set_figures(f"run {found.run}: {found.second} against {found.first}")
        if is_first:
            self.choice = Choice(sieve.first_filter(found.rows))
        self.sift()
        if self._begin_with_a_person:
            self._begin_with_a_person = False
            self.go_to_waiting()

    def _say_empty(self) -> None:
        assert self.review is not None, "called when it was read"
        run, trouble = self.review.run, self.review.trouble
        self.set_figures("" if run is None else f"run {run}")
        if trouble is not None:
            text = f"{trouble.message}\n\n{trouble.hint}"
        elif run is None:
            text = self.empty("There is nothing to compare: no run yet.", "go.train")
        else:
            text = self.empty(f"Run {run} has not answered any case yet.", "go.train")
        self.rows = []
        self.query_one("#counts", Lines).show("")
        self.query_one("#suites", Lines).show("")
        self.query_one("#notes", Lines).show()
        self.query_one("#case", Prose).show(safe(text))
        self.refresh_actions()

    # Listing

    @property
    def current(self) -> Compared | None:
        """The case under the cursor."""
        cursor = self.query_one("#cases", Table).cursor
        return self.rows[cursor] if 0 <= cursor < len(self.rows) else None

    @property
    def suites(self) -> list[str]:
        """Names of the suites that have cases, in their order."""
        found = self.review.comparison if self.review else None
        return list(dict.fromkeys(row.suite for row in found.rows)) if found else []

    @property
    def waiting(self) -> list[int]:
        """Which of all cases wait for a person, by index; none where other arms are shown."""
        if self.review is None or self.review.comparison is None or not self.review.is_judged:
            return []
        return sieve.waiting(self.review.comparison.rows, self.review.rulings)

    def sift(self, keep: CaseKey | None = None) -> None:
        """List what is chosen, the cursor on a case, or where it was."""
        if self.review is None or self.review.comparison is None:
            return
        kept = self.current
        key = keep or ((kept.suite, kept.case.id) if kept else None)
        self.rows = sieve.sift(self.review.comparison.rows, self.choice)
        keys = [(row.suite, row.case.id) for row in self.rows]
        cursor = keys.index(key) if key in keys else 0
        self.query_one("#cases", Table).set_rows(len(self.rows), self._row, cursor=cursor)
        self.show_case()

    def _row(self, index: int) -> Row:
        assert self.review is not None, "rows come with a review"
        row, judged = self.rows[index], self.review.is_judged
        ruling = self.review.rulings.get((row.suite, row.case.id))
        is_wide = self.size.width >= WIDE_FROM
        return draw.case_row(row, ruling, judged, symbols_of(self), is_wide=is_wide)

    def on_resize(self) -> None:
        """More room for the same things."""
        is_wide = self.size.width >= WIDE_FROM
        table = self.query_one("#cases", Table)
        table.columns = WIDE if is_wide else NARROW
        table.styles.width = 50 if is_wide else 28
        self.call_after_refresh(self.show_case)

    @on(Table.Highlighted, "#cases")
    def show_case(self) -> None:
        """Counts, notes, and the case under the cursor."""
        if self.review is None or self.review.comparison is None:
            return
        self._show_top()
        row, pane = self.current, self.query_one("#case", Prose)
        cells = max(pane.scrollable_content_region.width, 20)
        if row is None:
            key = self.key_named("filter")
            pane.show(safe(draw.nothing_listed(self.choice, key, self.key_named("show_all"))))
        else:
            pane.show(draw_case(self._shown(self.review, row), cells, symbols_of(self)))
            self._teach(row)
        self.refresh_actions()

    def _show_top(self) -> None:
        seen, cells = self.review, self.size.width
        if seen is None or seen.comparison is None:
            return
        counts = draw.draw_counts(seen.comparison, self.choice, cells)
        self.query_one("#counts", Lines).show(counts)
        suites = draw.draw_suites(self.suites, self.choice.suite, cells)
        self.query_one("#suites", Lines).show(suites)
        keys = self.key_named("show_all"), self.key_named("waiting")
        listed, waiting, tall = len(self.rows), len(self.waiting), self.size.height >= TALL_FROM
        notes = draw.draw_notes(seen, self.choice, listed, waiting, keys, is_tall=tall)
        self.query_one("#notes", Lines).show(*notes)

    def key_named(self, verb: str) -> str:
        """The key of one of this screen's actions, as people read it."""
        return self.key_of(self.KEYS[verb])

    def _shown(self, seen: Review, row: Compared) -> Shown:
        verbs = ("regression", "acceptable", "teachers")
        first, second, third = (self.key_named(verb) for verb in verbs)
        return Shown(
            row=row,
            arms=self.arms,
            ruling=seen.rulings.get((row.suite, row.case.id)),
            is_ruled_on=seen.is_judged,
            teachers=self.teachers_of(row),
            as_diff=self.as_diff,
            room=self.query_one("#case", Prose).size.height,
            keys=(first, second, third),
        )

    # Going to a case

    def go_to_waiting(self) -> None:
        """The next case that waits for a person, among those for a person."""
        found, at = self.waiting, self.current
        if self.review is None or self.review.comparison is None or not found:
            return
        rows = self.review.comparison.rows
        here = next((i for i, row in enumerate(rows) if row is at), -1)
        target = rows[next((i for i in found if i > here), found[0])]
        self.choice = Choice("for a person")
        self.sift((target.suite, target.case.id))

    # Who taught it

    def teachers_of(self, row: Compared) -> tuple[StoredExample, ...] | None:
        """The training rows that taught a case; None while they are looked for."""
        return self._taught.get((row.suite, row.case.id))

    def _teach(self, row: Compared) -> None:
        """Look for the teachers, one case at a time: the next one when this is found."""
        key = (row.suite, row.case.id)
        if self.review is None or self._is_teaching or key in self._taught:
            return
        if teachable(row.case):
            self._is_teaching = True
            session = self.review.session.id
            job = partial(find_teachers, self.workspace, session, self._teachers, row)
            self.load(job, TeachersFound)

    def on_teachers_found(self, message: TeachersFound) -> None:
        """Keep them; show them if their case is still looked at."""
        self._is_teaching = False
        self._teachers = message.teachers
        self._taught[message.key] = message.rows
        self.show_case()


def read_review(
    workspace: Workspace, slug: str, run: int | None, arms: tuple[str, str]
) -> tuple[Review, tuple[int, ...]]:
    """Judge a run's answers, count the look at sealed cases, remember the place."""
    stamp = review.stamp(workspace, slug)
    seen = review.review(workspace, slug, run, arms)
    if seen.comparison is not None:
        review.count_look(workspace, seen.session, seen.comparison)
    sessions.remember_place(workspace, slug, 4, seen.session.place)
    return seen, stamp


def find_teachers(
    workspace: Workspace, session: int, known: Teachers | None, row: Compared
) -> tuple[Teachers, CaseKey, tuple[StoredExample, ...]]:
    """The training rows that taught a case; the rows are read once."""
    teachers = known or Teachers(workspace, session)
    return teachers, (row.suite, row.case.id), teachers.of(row.case)

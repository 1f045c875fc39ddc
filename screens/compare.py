"""Step 4, Compare: what a run fixed and what it broke, case by case, and what people say of it."""

from __future__ import annotations

from functools import partial
from itertools import combinations

import msgspec

from engine.evaluation.evidence import BASE_AND_TUNED
from engine.steps import closeness, review
from engine.steps.compare import teachable
from screens.base import Choice as Offered
from screens.compare_parts import sieve
from screens.compare_parts.actions import ACTIONS
from screens.compare_parts.case import teacher_text
from screens.compare_parts.choosing import ChoosingScreen
from screens.compare_parts.messages import PartsCounted, Ruled
from screens.compare_parts.parts import Chosen, PartsDialog, part_filter, rows_wanted
from screens.compare_parts.permits import why_not
from screens.widgets.dialog import digit
from screens.widgets.prose import Prose
from screens.widgets.reading import ReadDialog
from screens.widgets.table import Table


class CompareScreen(ChoosingScreen):
    """The cases of a run, the newest one of the session unless one is named."""

    CSS_PATH = "compare.tcss"
    ACTIONS = ACTIONS
    KEYS = {action.verb: action for action in ACTIONS}

    def why_not(self, action_id: str) -> str | None:
        """What keeps an action from being done now."""
        return why_not(action_id, self)

    # Listing

    def do_filter(self) -> None:
        """The next filter."""
        self.choose_cases(filter=sieve.next_filter(self.choice.filter))

    def do_suite(self) -> None:
        """The next suite; after the last, all of them."""
        self._turn_suite(1)

    def do_suite_back(self) -> None:
        """The suite before."""
        self._turn_suite(-1)

    def _turn_suite(self, step: int) -> None:
        names = [sieve.EVERY_SUITE, *self.suites]
        index = (names.index(self.choice.suite) + step) % len(names)
        self.choose_cases(suite=names[index])

    def do_search(self) -> None:
        """Ask for words; none lists all again."""
        self.ask_text(
            "List only cases with these words",
            lambda words: self.choose_cases(words=words.strip()),
            value=self.choice.words,
            hint="In the question, an answer, the reference, a name or a rule. Empty lists all.",
        )

    def choose_cases(self, **changes: str | None) -> None:
        """List other cases."""
        self.choice = msgspec.structs.replace(self.choice, **changes)
        self.sift()

    # Going from case to case

    def do_next(self) -> None:
        """The next flip."""
        self._go_to(sieve.next_flip(self.rows, self.query_one("#cases", Table).cursor, 1))

    def do_previous(self) -> None:
        """The flip before."""
        self._go_to(sieve.next_flip(self.rows, self.query_one("#cases", Table).cursor, -1))

    def _go_to(self, index: int | None) -> None:
        if index is not None:
            self.query_one("#cases", Table).move_to(index)

    def do_waiting(self) -> None:
        """The next case that waits for a person."""
        self.go_to_waiting()

    # Looking closer

    def do_diff(self) -> None:
        """Side by side, or as one text."""
        self.as_diff = not self.as_diff
        self.show_case()

    def do_more(self) -> None:
        """A page further; at the end back to the top."""
        pane = self.query_one("#case", Prose)
        at_end = pane.scroll_offset.y >= pane.max_scroll_y
        page = max(pane.size.height - 1, 1)
        pane.scroll_to(y=0 if at_end else pane.scroll_offset.y + page, animate=False, force=True)

    def do_back_up(self) -> None:
        """A page back."""
        pane = self.query_one("#case", Prose)
        page = max(pane.size.height - 1, 1)
        pane.scroll_to(y=pane.scroll_offset.y - page, animate=False, force=True)

    def do_teachers(self) -> None:
        """The training rows that taught this case."""
        row = self.current
        rows = self.teachers_of(row) if row else None
        if row is None or not rows:
            return
        rules = ", ".join(dict.fromkeys(a.rule for a in teachable(row.case)))
        title = f"Trained on: {len(rows)} for {row.case.id}"
        self.app.push_screen(ReadDialog(title, teacher_text(rows, rules)))

    def do_open_rows(self) -> None:
        """What taught this case, in Curate; where nothing did, what is about its rules."""
        row = self.current
        if row is not None:
            self.open_in_curate(rows_wanted(row, self.teachers_of(row) or ()))

    # In parts

    def do_rules(self) -> None:
        """The rules of the scope, as far as the cases of the shown suite assert them."""
        self.count_parts("rule")

    def do_intents(self) -> None:
        """Counts by intent of the suite that is shown."""
        self.count_parts("intent")

    def on_parts_counted(self, message: PartsCounted) -> None:
        """Show the table; what is chosen in it is listed, here or in Curate."""
        seen = self.review.comparison if self.review else None
        beside = closeness.in_words(seen) if seen else ()
        dialog = PartsDialog(message.by, message.parts, message.of, self.arms, beside)
        self.app.push_screen(dialog, self._list_part)

    def _list_part(self, chosen: Chosen | None) -> None:
        if chosen is None:
            return
        if chosen.wanted == "rows":
            self.open_in_curate(part_filter(chosen))
            return
        shown: sieve.Filter = "wrong" if chosen.wanted == "wrong" else "all"
        rule = chosen.name if chosen.by == "rule" else ""
        intent = chosen.name if chosen.by == "intent" else None
        changes = {"filter": shown, "rule": rule, "intent": intent, "words": ""}
        self.choose_cases(**changes)

    def do_show_all(self) -> None:
        """Take off words, rule and intent."""
        self.choose_cases(words="", rule="", intent=None)

    def applies(self, action_id: str) -> bool:
        """esc takes off what narrows the list, and without that goes back to the sessions."""
        return action_id != "compare.show_all" or bool(self.choice.narrowed)

    # Ruling

    def do_regression(self) -> None:
        """It got worse."""
        self._rule("regression")

    def do_acceptable(self) -> None:
        """It did no harm."""
        self._rule("acceptable")

    def do_note(self) -> None:
        """Give the last ruling on this case a reason."""
        row, seen = self.current, self.review
        said = seen.rulings.get((row.suite, row.case.id)) if row and seen else None
        if said is not None:
            self.ask_text(
                f"Why is it {'a regression' if said.ruling == 'regression' else said.ruling}?",
                lambda note: self._rule(said.ruling, note),
                value=said.note,
                hint="It stands in the report, with your name.",
            )

    def _rule(self, ruling: str, note: str = "") -> None:
        row, run = self.current, self.review.run if self.review else None
        if row is not None and run is not None:
            # Each ruling in a thread of its own: none may make another one void.
            rule = partial(review.rule, self.workspace, run, row, ruling, note, arm=self.arms[1])
            self.load(rule, Ruled)

    def do_blind(self) -> None:
        """Pairs of answers of these arms, which is which hidden."""
        from screens.blind import BlindScreen

        run = self.review.run if self.review else self.run
        screen = BlindScreen(self.session, run=run, arms=self.arms, suite=self.choice.suite)
        self.app.switch_screen(screen)

    def on_ruled(self, message: Ruled) -> None:
        """Show who ruled; the gate of step 5 may have moved."""
        if self.review is not None:
            rulings = {**self.review.rulings, **message.rulings}
            self.review = msgspec.structs.replace(self.review, rulings=rulings)
            self.sift()

    # Other arms, other runs

    def do_arms(self) -> None:
        """The next pair of arms."""
        if self.review is None or self.review.comparison is None:
            return
        names = sorted(self.review.comparison.arms, key=lambda arm: (arm == "tuned", arm))
        pairs = list(combinations(names, 2))
        at = pairs.index(self.arms) if self.arms in pairs else -1
        self.arms = pairs[(at + 1) % len(pairs)]
        self.read()

    def do_runs(self) -> None:
        """Choose another run of the session."""
        if self.review is not None:
            newest = list(reversed(self.review.runs))
            offered = [Offered(digit(n), f"run {run}", str(run)) for n, run in enumerate(newest, 1)]
            self.choose("Which run?", offered, lambda chosen: self._look_at(int(chosen.value)))

    def _look_at(self, run: int) -> None:
        self.run, self.arms = run, BASE_AND_TUNED
        self.read()

    def do_verdict(self) -> None:
        """Step 5, of the run and the arm that are looked at, if it is held to base."""
        arms = self.arms if self.arms[0] == "base" else BASE_AND_TUNED
        if self.run is None and arms == BASE_AND_TUNED:
            super().do_verdict()
            return
        from screens.verdict import VerdictScreen

        self.app.switch_screen(VerdictScreen(self.session, run=self.run, arms=arms))

"""What the compare screen counts in threads, and how it leaves for the rows in Curate."""

from __future__ import annotations

from engine.steps import slices
from screens.compare_parts import sieve
from screens.compare_parts.messages import PartsCounted
from screens.compare_parts.parts import By
from screens.compare_parts.reviewing import ReviewScreen


class CountingScreen(ReviewScreen):
    """Counts the cases in parts; what is done with the counts, its subclass knows."""

    def count_parts(self, by: By) -> None:
        """By rule or by intent, of the suite that is shown; nothing while there is none."""
        if self.review is None or self.review.comparison is None:
            return
        suite, every = self.choice.suite, self.review.comparison.rows
        scope = self.review.session.scope
        rows = [row for row in every if suite in (sieve.EVERY_SUITE, row.suite)]

        def count() -> tuple[By, tuple[slices.Part, ...], str]:
            found = slices.by_rule(rows, scope) if by == "rule" else slices.by_intent(rows)
            return by, found, suite or "all suites"

        self.load(count, PartsCounted, group="parts")

    def open_in_curate(self, words: str) -> None:
        """Step 2 with a filter."""
        from screens.curate import CurateScreen

        self.app.switch_screen(CurateScreen(self.session, words=words))

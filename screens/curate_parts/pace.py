"""How fast decisions are made: items per hour of this visit, and whether they are read at all."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from statistics import median
from time import monotonic

PAUSE_S = 120.0
FEWEST = 3
STREAK = 30
"""Acceptances in a row after which somebody may have stopped reading."""
WORDS_PER_S = 15.0
"""Faster than this nobody reads: skimming readers reach some 12 words a second. Source: Rayner et
al. (2016), Psychological Science in the Public Interest 17:4, 200 to 400 words a minute in careful
reading."""


class Pace:
    """Counts decisions. A gap of more than two minutes is a pause, not work."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._worked = 0.0
        self._done = 0
        self._streak: deque[tuple[float, int]] = deque(maxlen=STREAK)

    def note(self, items: int, accepted: bool = False, words: int = 0) -> str:
        """So many items were decided just now, on a card of so many words.

        Answers a warning where a long run of acceptances came faster than anybody reads, once for
        each such run; else nothing.
        """
        now = self._clock()
        took = min(now - self._last, PAUSE_S)
        self._worked += took
        self._last = now
        self._done += items
        if not accepted:
            self._streak.clear()
        elif words:
            self._streak.append((took, words))
        return self._warning()

    def take_back(self, items: int) -> None:
        """So many decisions were undone, or done again."""
        self.note(0)
        self._done = max(self._done - items, 0)

    @property
    def per_hour(self) -> int | None:
        """Items per hour; None before there is anything to go by."""
        if self._done < FEWEST or self._worked <= 0:
            return None
        return round(3600 * self._done / self._worked)

    def _warning(self) -> str:
        if len(self._streak) < STREAK:
            return ""
        seconds, words = zip(*self._streak, strict=True)
        if sum(words) <= WORDS_PER_S * sum(seconds):
            return ""
        self._streak.clear()
        return (
            f"{STREAK} accepted in a row, {median(seconds):.1f} s each: faster than anybody reads."
            " u takes them back one by one."
        )

"""How fast decisions are made: items per hour of this visit, pauses left out."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

PAUSE_S = 120.0
FEWEST = 3


class Pace:
    """Counts decisions. A gap of more than two minutes is a pause, not work."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._worked = 0.0
        self._done = 0

    def note(self, items: int) -> None:
        """So many items were decided just now; a negative number takes some back."""
        now = self._clock()
        self._worked += min(now - self._last, PAUSE_S)
        self._last = now
        self._done = max(self._done + items, 0)

    @property
    def per_hour(self) -> int | None:
        """Items per hour; None before there is anything to go by."""
        if self._done < FEWEST or self._worked <= 0:
            return None
        return round(3600 * self._done / self._worked)

"""Which look at a run was the best, and what keeps later ones from being it. Pure: metrics in.

The worker keeps adapters and stops early by it; screens and reports say the same by it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.runs.folder import Metric


class Look(msgspec.Struct, frozen=True):
    """What one look measured."""

    step: int
    validation: float
    """Nats a token."""
    rise: float | None
    """Loss on general texts above the base model's, nats; None where that is not known."""


class Standing(msgspec.Struct, frozen=True):
    """The looks of a run, by step, under a limit on what they may forget."""

    looks: tuple[Look, ...]
    limit: float
    """Nats that the loss on general texts may be above the base's; 0 for no limit."""

    @property
    def best(self) -> Look | None:
        """The lowest validation loss among looks within the limit.

        While there is none, the look that is least past it: a run shall not end empty-handed.
        """
        return min(self.looks, key=lambda o: (self.excess(o), o.validation), default=None)

    @property
    def since(self) -> tuple[Look, ...]:
        """Looks after the best one."""
        best = self.best
        return () if best is None else tuple(o for o in self.looks if o.step > best.step)

    @property
    def was_held_back(self) -> Look | None:
        """The newest look that only its forgetting keeps from being the best."""
        best = self.best
        lower = [
            o
            for o in self.since
            if self.excess(o) and best is not None and o.validation < best.validation
        ]
        return lower[-1] if lower else None

    def excess(self, look: Look) -> float:
        """Nats past the limit; 0 within it."""
        if not self.limit or look.rise is None:
            return 0.0
        return max(look.rise - self.limit, 0.0)

    def told(self, look: Look) -> str:
        """Why the adapter of a look is kept, in a sentence."""
        validation = f"step {look.step}, validation loss {look.validation:.3f}"
        if self.excess(look) and look.rise is not None:
            return (
                f"Kept until a look is within the limit: {validation}, loss on general texts"
                f" {look.rise:.2f} above the base model's, limit {self.limit:g}."
            )
        return f"Best adapter so far, {validation}."

    def why_stopped(self) -> str:
        """Which loss brings no gain any more, in words that follow `Stopped early: `."""
        count, best, held = len(self.since), self.best, self.was_held_back
        looks = f"{count} look{'s' * (count != 1)}"
        if best is None:
            return "no look was measured"
        if self.excess(best) and best.rise is not None:
            return (
                f"loss on general texts never came within {self.limit:g} of the base model's,"
                f" {best.rise:.2f} at the nearest, {looks} ago"
            )
        if held is not None and held.rise is not None:
            return (
                f"loss on general texts is {held.rise:.2f} above the base model's, {self.limit:g}"
                f" is the limit; no look within it was better in {looks}"
            )
        return f"validation loss brought no gain in {looks}"


def stand(metrics: Sequence[Metric], limit: float) -> Standing:
    """The looks among a run's metrics, the last of a step; the base model's is measured from."""
    base = next(
        (m.general_loss for m in metrics if not m.step and m.general_loss is not None), None
    )
    looks = {
        m.step: Look(m.step, m.validation_loss, _rise(m.general_loss, base))
        for m in metrics
        if m.step > 0 and m.validation_loss is not None
    }
    return Standing(tuple(looks[step] for step in sorted(looks)), limit)


def _rise(general: float | None, base: float | None) -> float | None:
    return None if general is None or base is None else general - base

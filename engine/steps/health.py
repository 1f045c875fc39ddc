"""What a run's curve says, in one plain sentence. Pure: metrics in, words out.

The rules look at measurements only: the loss on the validation rows and on general texts at each
look (step 0 is the base model), and the smoothed training loss between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from engine.runs.folder import Metric
from engine.runs.standing import Standing, stand

Condition = Literal["early", "learning", "plateau", "overfitting", "forgetting", "diverging"]
Point = tuple[int, float]

KEPT = 0.9
"""Share of the past in the smoothed training loss: about the last ten steps count."""
SETTLING = 5
"""Steps before the smoothed training loss is believed."""
FLAT = 0.01
"""Change of loss, in nats or as a share of it, that is no change."""


class Health(msgspec.Struct, frozen=True):
    """How a run is doing, and the figures that say so."""

    condition: Condition
    sentence: str


class _Curves(msgspec.Struct, frozen=True):
    """The measurements of a run, apart by kind; looks leave out the base model's."""

    training: list[Point]
    """Smoothed."""
    looks: list[Point]
    base: float | None
    general: list[Point]
    general_base: float | None
    standing: Standing

    @property
    def best(self) -> Point:
        """The look with the lowest validation loss."""
        return min(self.looks, key=lambda look: look[1])


def assess(
    metrics: Sequence[Metric],
    *,
    limit: float = 0.10,
    general_limit: float = 0.10,
    first_look: int = 0,
) -> Health:
    """The worst thing that the curve shows, or that it is learning, or that it is too early.

    metrics: by step, each step once. limit: how far the loss on general texts may rise, nats.
    general_limit: the recipe's, by which adapters are kept. first_look: the step of the first
    look, to say what is waited for.
    """
    curves = _curves(metrics, general_limit)
    found = _diverging(curves) or _forgetting(curves, limit)
    if found is None and not curves.looks:
        return _without_looks(curves, first_look)
    return found or _overfitting(curves) or _plateau(curves) or _learning(curves)


def smooth(losses: Sequence[Point]) -> list[Point]:
    """The exponential mean of a curve, unbiased at its start."""
    mean, weight, smoothed = 0.0, 0.0, []
    for step, loss in losses:
        mean = KEPT * mean + (1 - KEPT) * loss
        weight = KEPT * weight + (1 - KEPT)
        smoothed.append((step, mean / weight))
    return smoothed


def _curves(metrics: Sequence[Metric], general_limit: float) -> _Curves:
    looks = [(m.step, m.validation_loss) for m in metrics if m.validation_loss is not None]
    general = [(m.step, m.general_loss) for m in metrics if m.general_loss is not None]
    return _Curves(
        training=smooth([(m.step, m.loss) for m in metrics if m.loss is not None]),
        looks=[look for look in looks if look[0] > 0],
        base=next((loss for step, loss in looks if step == 0), None),
        general=[look for look in general if look[0] > 0],
        general_base=next((loss for step, loss in general if step == 0), None),
        standing=stand(metrics, general_limit),
    )


def _diverging(curves: _Curves) -> Health | None:
    settled = curves.training[SETTLING - 1 :]
    if len(settled) > SETTLING:
        low_step, low = min(settled, key=lambda point: point[1])
        now = settled[-1][1]
        if now > low + max(0.3, 0.5 * low):
            return Health(
                "diverging",
                f"Diverging: training loss rose from {low:.2f} at step {low_step} to {now:.2f}."
                " A lower learning_rate is the usual remedy.",
            )
    if curves.base is not None and len(curves.looks) > 1 and curves.best[1] > curves.base + FLAT:
        return Health(
            "diverging",
            f"Diverging: validation loss {curves.looks[-1][1]:.2f} was never below the base"
            f" model's {curves.base:.2f}. A lower learning_rate is the usual remedy.",
        )
    return None


def _forgetting(curves: _Curves, limit: float) -> Health | None:
    if curves.general_base is None or not curves.general:
        return None
    rise = curves.general[-1][1] - curves.general_base
    if rise <= limit:
        return None
    kept = curves.standing.best
    remedy = (
        f"The best adapter within it, step {kept.step}, is kept."
        if kept and kept.rise is not None and kept.rise <= limit
        else "A higher kl_share, a lower learning_rate or fewer epochs keep more."
    )
    return Health(
        "forgetting",
        f"Forgetting: loss on general text is {rise:.2f} above the base model's, the limit is"
        f" {limit:.2f}. {remedy}",
    )


def _overfitting(curves: _Curves) -> Health | None:
    """Validation rises since its best look, while training goes on falling."""
    best, (last_step, last) = curves.best, curves.looks[-1]
    rise = last - best[1]
    looks_since = sum(step > best[0] for step, _ in curves.looks)
    lasting = looks_since > 1 or rise > 0.1 * best[1]
    then, now = _at(curves.training, best[0]), _at(curves.training, last_step)
    if rise <= _flat(best[1]) or not lasting or then is None or now is None or now >= then:
        return None
    kept = curves.standing.best
    return Health(
        "overfitting",
        f"Overfitting since step {best[0]}: validation loss rose {rise:.2f} while training loss"
        f" fell {then - now:.2f}. The best adapter, step {kept.step if kept else best[0]}, is"
        " kept.",
    )


def _plateau(curves: _Curves) -> Health | None:
    last_step, last = curves.looks[-1]
    if len(curves.looks) > 2:
        earlier_step, earlier = curves.looks[-3]
        if abs(earlier - last) < _flat(last):
            return Health(
                "plateau",
                f"Plateau: validation loss changed by {abs(earlier - last):.3f} in the last"
                f" {last_step - earlier_step} steps.",
            )
    best = curves.best
    if last > best[1]:
        return Health(
            "plateau",
            f"No gain since step {best[0]}: validation loss is {last:.2f}, its best was"
            f" {best[1]:.2f}.",
        )
    return None


def _learning(curves: _Curves) -> Health:
    start = [] if curves.base is None else [(0, curves.base)]
    looks = [*start, *curves.looks]
    if len(looks) < 2:
        return Health("early", f"Too early to say: one look, validation loss {looks[0][1]:.2f}.")
    (before, earlier), (step, last) = list(pairwise(looks))[-1]
    if earlier - last < _flat(last):
        return Health(
            "early",
            f"Too early to say: validation loss is {last:.2f} at step {step}, it was"
            f" {earlier:.2f} at step {before}.",
        )
    return Health(
        "learning",
        f"Learning well: validation loss fell {earlier - last:.2f} in the last"
        f" {step - before} steps.",
    )


def _without_looks(curves: _Curves, first_look: int) -> Health:
    if curves.training and first_look and curves.training[-1][0] > first_look:
        (first, earlier), (step, now) = curves.training[0], curves.training[-1]
        word = "fell" if now < earlier else "rose"
        return Health(
            "early",
            f"Training loss {word} {abs(now - earlier):.2f} since step {first}, at step {step} now."
            " No validation row is there to tell learning from learning by heart.",
        )
    coming = f": the first look at the validation rows comes at step {first_look}"
    return Health("early", f"Too early to say{coming if first_look else ''}.")


def _at(curve: Sequence[Point], step: int) -> float | None:
    """The value of a curve at a step, or at the last one before it."""
    return next((value for at, value in reversed(curve) if at <= step), None)


def _flat(value: float) -> float:
    return max(FLAT, FLAT * abs(value))

"""From metrics to charts: which curves there are, thinned to what a terminal can show."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from engine.runs.folder import Metric
from engine.runs.standing import stand
from engine.steps.follow import Sight
from engine.steps.health import smooth
from screens.widgets.chart import Chart, Point

Name = Literal["loss", "general", "rate", "gradient"]
NAMES: tuple[Name, ...] = ("loss", "general", "rate", "gradient")
TITLES: dict[Name, str] = {
    "loss": "loss",
    "general": "general loss",
    "rate": "learning rate",
    "gradient": "gradient norm",
}
MOST_POINTS = 400


class Curves(msgspec.Struct, frozen=True):
    """The charts of one run and the figures beside them; None where nothing is measured yet."""

    charts: dict[Name, Chart]
    smoothed: float | None
    validation: float | None
    best: tuple[int, float] | None
    """Step and validation loss of the look whose adapter is kept."""
    base: float | None
    general: float | None
    general_rise: float | None
    """Loss on general texts above the base model's, nats."""
    divergence: float | None
    """Smoothed, nats a token; None where nothing holds the run to its base."""
    limit: float
    """Nats that general loss may rise before a look cannot be the best."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been measured yet."""
        return self.smoothed is None and self.validation is None and self.general is None


def draw_curves(sight: Sight) -> Curves:
    """All charts of a run. Takes a few milliseconds for long runs: call it in a thread."""
    metrics = sight.snapshot.metrics
    end = sight.steps[1]
    smoothed = smooth([(m.step, m.loss) for m in metrics if m.loss is not None])
    looks = _points(metrics, lambda m: m.validation_loss)
    general = _points(metrics, lambda m: m.general_loss)
    apart = _points(metrics, lambda m: m.divergence)
    after = [look for look in looks if look[0] > 0]
    base = _at_zero(looks)
    recipe = sight.job.recipe
    limit = recipe.general_limit or sight.forgetting_limit
    best = stand(metrics, recipe.general_limit).best
    return Curves(
        charts={
            "loss": _loss_chart(metrics, smoothed, looks, end),
            "general": _general_chart(general, apart, limit, end),
            "rate": Chart((_thin(_points(metrics, lambda m: m.rate)),), x_end=end),
            "gradient": Chart((_thin(_points(metrics, lambda m: m.grad_norm)),), x_end=end),
        },
        smoothed=smoothed[-1][1] if smoothed else None,
        validation=after[-1][1] if after else base,
        best=None if best is None else (best.step, best.validation),
        base=base,
        general=general[-1][1] if general else None,
        general_rise=_rise(general),
        divergence=smooth([(int(x), y) for x, y in apart])[-1][1] if apart else None,
        limit=limit,
    )


def _loss_chart(
    metrics: Sequence[Metric],
    smoothed: Sequence[tuple[int, float]],
    looks: Sequence[Point],
    end: float | None,
) -> Chart:
    """Raw losses as single dots, so that the smoothed line stands out among them."""
    raw = _thin(_points(metrics, lambda m: m.loss))
    dots = tuple(dot for point in raw for dot in (point, (point[0], math.nan)))
    line = _thin([(float(step), loss) for step, loss in smoothed])
    base = _at_zero(looks)
    return Chart(
        (dots, line) if raw else (),
        marks=tuple(look for look in looks if look[0] > 0),
        reference=base,
        reference_label="base",
        x_end=end,
    )


def _general_chart(
    general: Sequence[Point], apart: Sequence[Point], limit: float, end: float | None
) -> Chart:
    """How far the run is from its base on general texts, nats: loss above its, and divergence.

    The loss of each look is a cross, the divergence of each step a dot. Without a look at the base
    model there is nothing to be above of: then the loss is as it was measured.
    """
    base = _at_zero(general)
    rises = tuple((step, loss - (base or 0.0)) for step, loss in general)
    dots = tuple(dot for point in _thin(apart) for dot in (point, (point[0], math.nan)))
    lines = (rises if len(rises) > 1 else (), dots)
    known = base is not None
    return Chart(
        tuple(line for line in lines if line),
        marks=tuple(point for point in rises if point[0] > 0),
        reference=0.0 if known else None,
        reference_label="base",
        limit=limit if known else None,
        limit_label="limit",
        x_end=end,
        floor=None,
    )


def _points(metrics: Sequence[Metric], of: Callable[[Metric], float | None]) -> list[Point]:
    measured = ((m.step, of(m)) for m in metrics)
    return [(float(step), value) for step, value in measured if value is not None]


def _thin(points: Sequence[Point]) -> tuple[Point, ...]:
    """At most so many points: of each stretch of a long curve its lowest and highest."""
    if len(points) <= MOST_POINTS:
        return tuple(points)
    size = math.ceil(2 * len(points) / MOST_POINTS)
    kept: list[Point] = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        ends = {min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])}
        kept += sorted(ends)
    return tuple(kept)


def _at_zero(points: Sequence[Point]) -> float | None:
    return next((value for step, value in points if step == 0), None)


def _rise(general: Sequence[Point]) -> float | None:
    base = _at_zero(general)
    after = [value for step, value in general if step > 0]
    return after[-1] - base if after and base is not None else None

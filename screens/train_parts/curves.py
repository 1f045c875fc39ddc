"""From metrics to charts: which curves there are, thinned to what a terminal can show."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from engine.runs.folder import Metric
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
    """Step and validation loss of the best look."""
    base: float | None
    general: float | None
    general_rise: float | None
    """Loss on general texts above the base model's, nats."""

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
    after = [look for look in looks if look[0] > 0]
    base = _at_zero(looks)
    return Curves(
        charts={
            "loss": _loss_chart(metrics, smoothed, looks, end),
            "general": _general_chart(general, end),
            "rate": Chart((_thin(_points(metrics, lambda m: m.rate)),), x_end=end),
            "gradient": Chart((_thin(_points(metrics, lambda m: m.grad_norm)),), x_end=end),
        },
        smoothed=smoothed[-1][1] if smoothed else None,
        validation=after[-1][1] if after else base,
        best=_lowest(after),
        base=base,
        general=general[-1][1] if general else None,
        general_rise=_rise(general),
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


def _general_chart(general: Sequence[Point], end: float | None) -> Chart:
    """Around its own values: a rise of a tenth is what matters, far from zero."""
    after = tuple(point for point in general if point[0] > 0)
    return Chart(
        (tuple(general),) if len(general) > 1 else (),
        marks=after,
        reference=_at_zero(general),
        reference_label="base",
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


def _lowest(looks: Sequence[Point]) -> tuple[int, float] | None:
    if not looks:
        return None
    step, loss = min(looks, key=lambda look: look[1])
    return int(step), loss


def _rise(general: Sequence[Point]) -> float | None:
    base = _at_zero(general)
    after = [value for step, value in general if step > 0]
    return after[-1] - base if after and base is not None else None

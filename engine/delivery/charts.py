"""Charts as inline SVG: numbers become geometry, words are escaped, colours come from the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from markupsafe import Markup

from engine.delivery.contents import Curve
from engine.evaluation.verdict import Slice

WIDTH = 640
LEFT = 150
"""Width of the labels at the left, in units of the view box; the page scales the whole."""
RIGHT = 20
ROW = 30
LONGEST_LABEL = 24


class Span(NamedTuple):
    """One row of an interval plot; None where nothing was estimated."""

    label: str
    estimate: float
    low: float
    high: float


class _Scale(NamedTuple):
    """From values to places along one axis of the view box."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def interval_plot(
    spans: Sequence[Span], limit: float | None, *, good: Literal["above", "below"], unit: str
) -> Markup:
    """Intervals under one another; the side of the limit that passes is shaded and named."""
    ends = [value for span in spans for value in span[1:] if math.isfinite(value)]
    low, high = _room([*ends, 0.0, *([limit] if limit is not None else [])])
    scale, height = _Scale(low, high, LEFT, WIDTH - RIGHT), len(spans) * ROW
    parts = [_shade(scale, limit, good, height)] if limit is not None else []
    parts += _ticks_below(scale, height, unit)
    parts.append(_upright(scale.at(0.0), height, "zero"))
    if limit is not None:
        side = "passes from here on" if good == "above" else "passes up to here"
        parts += [_upright(scale.at(limit), height, "limit"), _limit_label(scale, limit, side)]
    parts += [_whiskers(scale, span, index) for index, span in enumerate(spans)]
    title = "; ".join(f"{s.label}: {s.estimate:+.3g} [{s.low:+.3g}, {s.high:+.3g}]" for s in spans)
    return _svg(height + 44, 22, parts, f"{title} {unit}, limit {limit}")


def _shade(scale: _Scale, limit: float, good: str, height: float) -> Markup:
    start, end = (scale.at(limit), scale.end) if good == "above" else (scale.start, scale.at(limit))
    return Markup('<rect class="good" x="{}" y="0" width="{}" height="{}"/>').format(
        start, max(round(end - start, 1), 0), height
    )


def _limit_label(scale: _Scale, limit: float, words: str) -> Markup:
    x = scale.at(limit)
    anchor = "end" if x > WIDTH * 0.6 else "start"
    return Markup('<text class="small" x="{}" y="-8" text-anchor="{}">{}</text>').format(
        x, anchor, words
    )


def _whiskers(scale: _Scale, span: Span, index: int) -> Markup:
    y = index * ROW + ROW / 2
    low, high = (scale.at(min(max(v, scale.low), scale.high)) for v in (span.low, span.high))
    return Markup(
        '<text class="label" x="{label}" y="{text}" text-anchor="end">{name}</text>'
        '<path class="span" d="M{low} {y}H{high}M{low} {top}V{bottom}M{high} {top}V{bottom}"/>'
        '<circle class="dot" cx="{middle}" cy="{y}" r="5"/>'
    ).format(
        label=LEFT - 10,
        text=y + 4,
        name=_short(span.label),
        low=low,
        high=high,
        y=y,
        top=y - 6,
        bottom=y + 6,
        middle=scale.at(span.estimate),
    )


def loss_plot(curves: Sequence[Curve]) -> Markup:
    """The losses of a run by step: each line has its own dashes and its name at its end."""
    points = [point for curve in curves for point in curve.points]
    low, high = _room([loss for _, loss in points])
    last = max(step for step, _ in points) or 1
    across, up = _Scale(0, last, 60, WIDTH - 130), _Scale(low, high, 220, 10)
    parts: list[Markup] = []
    for value in _ticks(low, high):
        y = up.at(value)
        parts.append(
            Markup(
                '<path class="grid" d="M60 {0}H{1}"/>'
                '<text class="small" x="52" y="{2}" text-anchor="end">{3:g}</text>'
            ).format(y, WIDTH - 130, y + 4, value)
        )
    for value in _ticks(0, last):
        parts.append(_tick(across.at(value), 238, f"{value:g}"))
    parts.append(_tick(across.at(last / 2), 256, "training step; loss in nats per token"))
    ends = _apart([up.at(curve.points[-1][1]) for curve in curves])
    for curve, y in zip(curves, ends, strict=True):
        parts += _line(curve, across, up, y)
    said = ", ".join(f"{c.name} {c.points[0][1]:.2f} to {c.points[-1][1]:.2f}" for c in curves)
    return _svg(264, 0, parts, f"Loss by training step: {said}")


def _line(curve: Curve, across: _Scale, up: _Scale, label_y: float) -> list[Markup]:
    places = " ".join(f"{across.at(step)},{up.at(loss)}" for step, loss in curve.points)
    line = Markup('<polyline class="line {}" points="{}"/>').format(curve.name, places)
    end = curve.points[-1]
    label = Markup('<text class="name {}" x="{}" y="{}">{} {}</text>').format(
        curve.name, WIDTH - 122, label_y + 4, curve.name, f"{end[1]:.2f}"
    )
    dots = [
        Markup('<circle class="mark {}" cx="{}" cy="{}" r="3"/>').format(
            curve.name, across.at(step), up.at(loss)
        )
        for step, loss in (curve.points if curve.name != "training" else ())
    ]
    return [line, *dots, label]


def slice_plot(slices: Sequence[Slice]) -> Markup:
    """A bar to the left for regressions, to the right for fixes, an intent a row."""
    most = max((max(one.b, one.c) for one in slices), default=0) or 1
    scale = _Scale(-most, most, LEFT + 40, WIDTH - 60)
    parts = [_upright(scale.at(0), len(slices) * ROW, "zero")]
    for index, one in enumerate(slices):
        y = index * ROW + 7
        parts.append(_bar(scale, -one.b, y, "broken"))
        parts.append(_bar(scale, one.c, y, "fixed"))
        parts.append(
            Markup('<text class="label" x="{}" y="{}" text-anchor="end">{}</text>').format(
                LEFT - 10, y + 12, f"{_short(one.intent or '(none)', 18)} ({one.n})"
            )
        )
    said = "; ".join(f"{s.intent or '(none)'}: {s.b} regressions, {s.c} fixes" for s in slices)
    return _svg(len(slices) * ROW + 4, 4, parts, f"By intent. {said}")


def _bar(scale: _Scale, value: int, y: float, kind: str) -> Markup:
    start, end = sorted((scale.at(0), scale.at(value)))
    at = end + 6 if value > 0 else start - 6
    anchor = "start" if value > 0 else "end"
    if not value:
        return Markup("")
    return Markup(
        '<rect class="{}" x="{}" y="{}" width="{}" height="16"/>'
        '<text class="small" x="{}" y="{}" text-anchor="{}">{}</text>'
    ).format(kind, start, y, round(end - start, 1), at, y + 12, anchor, abs(value))


def _svg(height: float, above: float, parts: Iterable[Markup], words: str) -> Markup:
    return Markup(
        '<svg viewBox="0 {} {} {}" role="img" xmlns="http://www.w3.org/2000/svg">'
        "<title>{}</title>{}</svg>"
    ).format(-above, WIDTH, height + above, words, Markup("").join(parts))


def _upright(x: float, height: float, kind: str) -> Markup:
    return Markup('<path class="{}" d="M{} 0V{}"/>').format(kind, x, height)


def _ticks_below(scale: _Scale, height: float, unit: str) -> list[Markup]:
    ticks = [_tick(scale.at(v), height + 18, f"{v:g}") for v in _ticks(scale.low, scale.high)]
    return [*ticks, _tick((scale.start + scale.end) / 2, height + 36, unit)]


def _tick(x: float, y: float, words: str) -> Markup:
    return Markup('<text class="small" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        round(x, 1), y, words
    )


def _room(values: Sequence[float]) -> tuple[float, float]:
    """From the least to the largest, with air at both ends and never of no extent."""
    low, high = min(values), max(values)
    air = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return low - air, high + air


def _ticks(low: float, high: float) -> list[float]:
    """Four to eight round values between two ends."""
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough)
    first = math.ceil(low / step)
    return [round(n * step, 10) for n in range(first, math.floor(high / step) + 1)]


def _apart(places: Sequence[float], least: float = 15) -> list[float]:
    """The same places moved down as far as their labels need not to cover each other."""
    moved = dict.fromkeys(range(len(places)), 0.0)
    taken = -math.inf
    for index in sorted(moved, key=lambda i: places[i]):
        moved[index] = taken = max(places[index], taken + least)
    return list(moved.values())


def _short(text: str, most: int = LONGEST_LABEL) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.delivery.charts import Span, interval_plot, loss_plot, slice_plot
from engine.delivery.contents import Curve
from engine.evaluation.verdict import Slice

NAMESPACE = "{http://www.w3.org/2000/svg}"
FIGURES = st.floats(-200, 200, allow_nan=False)
calm = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no finding."""


def circles(picture: str) -> list[float]:
    found = Xml.fromstring(picture).iter(f"{NAMESPACE}circle")
    return [float(circle.get("cx", "nan")) for circle in found]


def test_the_dot_of_a_better_arm_stands_further_right() -> None:
    spans = [Span("worse", -4.0, -9.0, 1.0), Span("better", 6.0, 2.0, 10.0)]
    worse, better = circles(interval_plot(spans, -5.0, good="above", unit="points"))
    assert worse < better


def test_the_side_that_passes_is_shaded_up_to_the_limit() -> None:
    above = Xml.fromstring(
        interval_plot([Span("s", 1.0, 0.0, 2.0)], -5.0, good="above", unit="points")
    )
    below = Xml.fromstring(
        interval_plot([Span("s", 0.04, 0.01, 0.07)], 0.1, good="below", unit="nats")
    )
    shades = [next(p.iter(f"{NAMESPACE}rect")) for p in (above, below)]
    limits = [
        next(e for e in p.iter(f"{NAMESPACE}path") if e.get("class") == "limit")
        for p in (above, below)
    ]
    at = [float(re.findall(r"M([\d.]+)", line.get("d", ""))[0]) for line in limits]
    assert float(shades[0].get("x", "")) == at[0]
    end = float(shades[1].get("x", "")) + float(shades[1].get("width", ""))
    assert abs(end - at[1]) < 0.2


@calm
@given(st.lists(st.tuples(FIGURES, FIGURES, FIGURES), min_size=1, max_size=5), FIGURES)
def test_whatever_the_figures_the_picture_is_well_formed_and_inside_its_box(
    rows: list[tuple[float, float, float]], limit: float
) -> None:
    spans = [Span("<&\"'>", *sorted(row)) for row in rows]
    spans = [Span(s.label, s[2], s[1], s[3]) for s in spans]
    for x in circles(interval_plot(spans, limit, good="above", unit="points")):
        assert 150 <= x <= 620


@calm
@given(st.lists(st.tuples(st.integers(0, 500), st.floats(0, 20)), min_size=1, max_size=30))
def test_a_loss_plot_of_any_curve_is_well_formed(points: list[tuple[int, float]]) -> None:
    curves = [Curve("training", tuple(points)), Curve("validation", tuple(points))]
    root = Xml.fromstring(loss_plot(curves))
    names = [t for t in root.iter(f"{NAMESPACE}text") if t.get("class", "").startswith("name")]
    places = [float(t.get("y", "")) for t in names]
    assert abs(places[0] - places[1]) >= 14


def test_bars_are_as_long_as_their_counts() -> None:
    slices = [Slice("returns", 30, 2, 8, 0.2, None), Slice("<fit>", 10, 0, 4, 0.4, None)]
    bars = {
        (bar.get("class"), float(bar.get("width", "")))
        for bar in Xml.fromstring(slice_plot(slices)).iter(f"{NAMESPACE}rect")
    }
    (broken,) = [w for kind, w in bars if kind == "broken"]
    fixed = sorted(w for kind, w in bars if kind == "fixed")
    assert [w / broken for w in fixed] == pytest.approx([2, 4], abs=0.01)

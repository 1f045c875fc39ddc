from __future__ import annotations

import math
import time

import pytest

from engine.recipe import Recipe
from engine.runs.feed import Snapshot
from engine.runs.folder import Job, Metric, State
from engine.steps.follow import Sight
from engine.steps.health import assess
from screens.train_parts.curves import MOST_POINTS, draw_curves
from screens.widgets.chart import draw_chart


def sight_of(metrics: tuple[Metric, ...], state: State | None = None) -> Sight:
    snapshot = Snapshot("0001-train", state or State("training", 0, 0), True, metrics, ())
    return Sight(
        run=1,
        job=Job(1, "train", "shop", "model", Recipe(epochs=4.0)),
        snapshot=snapshot,
        preflight=None,
        reckoning=None,
        health=assess(metrics),
        log=(),
        asked=None,
        starting=False,
        forgetting_limit=0.1,
    )


def test_the_loss_chart_has_single_dots_a_smoothed_line_looks_and_the_base() -> None:
    metrics = (
        Metric(0, 0.0, validation_loss=2.3),
        Metric(1, 0.0, loss=2.0),
        Metric(2, 0.0, loss=1.0, validation_loss=0.9),
    )
    curves = draw_curves(sight_of(metrics))
    chart = curves.charts["loss"]
    dots, line = chart.lines
    assert [point for point in dots if math.isfinite(point[1])] == [(1.0, 2.0), (2.0, 1.0)]
    assert all(math.isnan(point[1]) for point in dots[1::2])
    assert line[0] == (1.0, 2.0)
    assert 1.0 < line[1][1] < 2.0
    assert chart.marks == ((2.0, 0.9),)
    assert (chart.reference, curves.base) == (2.3, 2.3)
    assert curves.best == (2, 0.9)


def test_the_end_of_the_axis_is_the_last_step_even_when_the_state_has_forgotten_it() -> None:
    metrics = (Metric(50, 0.0, loss=1.0, epoch=1.0),)
    assert sight_of(metrics, State("paused")).steps == (50, 200)
    assert sight_of(metrics, State("training", 51, 198)).steps == (51, 198)
    assert sight_of((Metric(50, 0.0, loss=1.0),), State("paused")).steps == (50, None)
    assert sight_of((), State("loading")).steps == (0, None)


def test_nothing_measured_is_empty_and_one_base_look_is_not() -> None:
    assert draw_curves(sight_of(())).is_empty
    assert not draw_curves(sight_of((Metric(0, 0.0, validation_loss=2.3),))).is_empty


def test_a_long_run_is_thinned_and_keeps_its_spikes() -> None:
    metrics = tuple(Metric(n, 0.0, loss=9.0 if n == 6001 else 1.0) for n in range(1, 12_001))
    started = time.perf_counter()
    chart = draw_curves(sight_of(metrics)).charts["loss"]
    assert len(chart.lines[0]) <= 2 * MOST_POINTS
    assert (6001.0, 9.0) in chart.lines[0]
    assert "".join(draw_chart(chart, 60, 10)).strip()
    assert time.perf_counter() - started < 2.0


def test_the_general_chart_is_measured_from_the_base_model_and_has_its_limit() -> None:
    metrics = (
        Metric(0, 0.0, general_loss=2.0),
        Metric(9, 0.0, loss=1.0, divergence=0.04),
        Metric(10, 0.0, loss=1.0, general_loss=2.07, divergence=0.02),
    )
    curves = draw_curves(sight_of(metrics))
    chart = curves.charts["general"]
    assert curves.general_rise == pytest.approx(0.07)
    assert curves.divergence is not None
    assert 0.02 < curves.divergence < 0.04
    assert (chart.reference, chart.limit, chart.floor) == (0.0, 0.1, None)
    (mark,) = chart.marks
    assert mark == pytest.approx((10.0, 0.07))
    rises, dots = chart.lines
    assert rises[0] == (0.0, 0.0)
    assert [point for point in dots if math.isfinite(point[1])] == [(9.0, 0.04), (10.0, 0.02)]


def test_without_a_look_at_the_base_general_loss_is_drawn_as_measured() -> None:
    chart = draw_curves(sight_of((Metric(10, 0.0, general_loss=2.07),))).charts["general"]
    assert chart.marks == ((10.0, 2.07),)
    assert (chart.reference, chart.limit) == (None, None)


def test_the_best_look_is_the_one_whose_adapter_is_kept() -> None:
    metrics = (
        Metric(0, 0.0, validation_loss=3.0, general_loss=2.0),
        Metric(10, 0.0, validation_loss=1.0, general_loss=2.05),
        Metric(20, 0.0, validation_loss=0.5, general_loss=2.3),
    )
    curves = draw_curves(sight_of(metrics))
    assert curves.best == (10, 1.0)
    assert curves.validation == 0.5

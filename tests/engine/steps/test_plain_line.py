"""A run in one line of plain words."""

from __future__ import annotations

from engine.runs.feed import Snapshot
from engine.runs.folder import Metric, State
from engine.steps.status import plain_line


def line_of(*metrics: Metric) -> str:
    return plain_line(Snapshot("0001-train", State("training", 11, 40), True, metrics, ()))


def test_a_guarded_run_says_how_far_it_is_from_its_base() -> None:
    line = line_of(
        Metric(0, 0.0, validation_loss=2.0, general_loss=2.5),
        Metric(10, 0.0, loss=1.0, validation_loss=0.9, general_loss=2.53, divergence=0.02),
        Metric(11, 0.0, loss=0.9),
    )
    assert "validation 0.900  general +0.030  divergence 0.020" in line


def test_what_is_not_measured_is_not_said() -> None:
    assert "general" not in line_of(Metric(10, 0.0, loss=1.0, general_loss=2.5))
    assert "divergence" not in line_of(Metric(10, 0.0, loss=1.0))

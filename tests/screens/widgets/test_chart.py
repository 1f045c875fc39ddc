"""The chart in text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.symbols import UNICODE
from screens.widgets.chart import Chart, ChartPane, Ink, _coloured, draw_chart
from tests.screens.widgets.host import Host, painted
from tui.terminal import TerminalFacts

FALLING = Chart(
    (tuple((float(step), 2 * math.exp(-step / 25) + 0.4) for step in range(84)),),
    marks=((0.0, 2.4), (40.0, 1.0), (80.0, 0.6)),
    reference=2.31,
    reference_label="base",
    x_end=200,
)
DIAGONAL = Chart((((0.0, 0.0), (10.0, 1.0)),))


def test_a_line_in_braille() -> None:
    assert draw_chart(DIAGONAL, 24, 5) == [
        "1.0 ┤              ⢀⡠⠤⠒⠉",
        "    │         ⢀⡠⠤⠒⠉⠁    ",
        "0.5 ┤    ⢀⣀⠤⠒⠊⠁         ",
        "0.0 ┤⣀⠤⠒⠊⠁              ",
        "     0                10",
    ]


def test_a_line_in_ascii() -> None:
    assert draw_chart(DIAGONAL, 24, 5, ink="ascii") == [
        "1.0 +               ****",
        "    |          *****    ",
        "0.5 +   *******         ",
        "0.0 +***                ",
        "     0                10",
    ]


def test_reference_and_marks_stand_over_the_line() -> None:
    drawn = draw_chart(FALLING, 56, 8)
    assert sum(line.count(UNICODE.mark) for line in drawn) == 3
    (row,) = [line for line in drawn if line.endswith(" base")]
    assert row.count("╌") > 30
    assert drawn[-1].split() == ["0", "50", "100", "150", "200"]


@pytest.mark.parametrize("ink", ["braille", "blocks", "ascii"])
def test_every_ink_fills_exactly_its_pane(ink: Ink) -> None:
    drawn = draw_chart(FALLING, 56, 8, ink=ink)
    assert [cell_len(line) for line in drawn] == [56] * 8
    assert ink != "ascii" or all(line.isascii() for line in drawn)


LIMITED = Chart(
    (((0.0, 0.0), (10.0, 0.06)),),
    reference=0.0,
    reference_label="base",
    limit=0.1,
    limit_label="limit",
)


@pytest.mark.parametrize(("ink", "strokes"), [("braille", "╌━"), ("blocks", "╌━"), ("ascii", "-=")])
def test_a_limit_has_another_stroke_than_the_reference_and_stays_in_sight(
    ink: Ink, strokes: str
) -> None:
    drawn = draw_chart(LIMITED, 40, 8, ink=ink)
    (base,) = [line for line in drawn if line.endswith(" base")]
    (limit,) = [line for line in drawn if line.endswith(" limit")]
    assert base.count(strokes[0]) > 15
    assert limit.count(strokes[1]) > 20
    assert drawn.index(limit) < drawn.index(base)
    assert [cell_len(line) for line in drawn] == [40] * 8


def test_two_levels_on_one_row_share_their_label() -> None:
    far = Chart((((0.0, 0.0), (10.0, 50.0)),), (), 0.0, "base", limit=0.1, limit_label="limit")
    (row,) = [line for line in draw_chart(far, 60, 8) if line.endswith(" base, limit")]
    assert "━" not in row


def test_the_limit_has_a_colour_of_its_own() -> None:
    line = _coloured(" 0.10 ┤ ━━━━━━━━━━━━━━━ limit")
    assert [span.style for span in line.spans] == ["$text-muted", "$text-error"]


numbers = st.floats(-1e9, 1e9) | st.sampled_from([math.nan, math.inf, -math.inf])


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1e6), numbers), max_size=30),
    st.integers(0, 90),
    st.integers(0, 20),
    st.none() | numbers,
)
def test_any_series_fits_its_pane(
    points: list[tuple[float, float]], width: int, height: int, reference: float | None
) -> None:
    chart = Chart((tuple(sorted(points)),), marks=tuple(points[:3]), reference=reference)
    drawn = draw_chart(chart, width, height)
    assert [cell_len(line) for line in drawn] == [width] * height


def test_a_value_that_is_no_number_parts_the_line() -> None:
    whole = ((0.0, 1.0), (5.0, 1.0), (10.0, 1.0))
    parted = ((0.0, 1.0), (5.0, math.nan), (10.0, 1.0))
    ink = [
        sum(cell > "\u2800" for line in draw_chart(Chart((points,)), 40, 6) for cell in line)
        for points in (whole, parted)
    ]
    assert ink[0] > 30
    assert ink[1] == 2


def test_the_middle_label_is_the_middle() -> None:
    labels = [line.split()[0] for line in draw_chart(FALLING, 56, 8) if "┤" in line]
    assert labels == ["2.50", "1.25", "0.00"]


async def test_a_new_point_repaints_only_the_lines_it_touches() -> None:
    pane = ChartPane()
    app = Host(pane)
    async with app.run_test(size=(60, 10)) as pilot:
        pane.plot(FALLING)
        await pilot.pause()
        asked: list[int] = []
        paint = pane.render_line
        pane.render_line = lambda y: asked.append(y) or paint(y)  # type: ignore[func-returns-value,method-assign]
        pane.plot(FALLING)
        await pilot.pause()
        assert asked == []
        more = Chart(((*FALLING.lines[0], (84.0, 0.4)),), FALLING.marks, 2.31, "base", x_end=200)
        pane.plot(more)
        await pilot.pause()
        assert 1 <= len(set(asked)) <= 2


async def test_a_terminal_without_unicode_gets_ascii() -> None:
    pane = ChartPane()
    app = Host(pane, TerminalFacts(unicode=False))
    async with app.run_test(size=(60, 10)) as pilot:
        pane.plot(FALLING)
        await pilot.pause()
        assert "*" in "".join(painted(app))
        assert "?" not in "".join(painted(app))


def test_zero_is_in_sight_unless_most_of_the_chart_would_be_empty() -> None:
    near = draw_chart(Chart((((0.0, 1.1), (10.0, 2.4)),)), 24, 9)
    assert near[7].startswith("0.00 ┤")
    far = draw_chart(Chart((((0.0, 2.7), (10.0, 3.3)),)), 24, 9)
    assert [far[0][:3], far[7][:3]] == ["3.4", "2.6"]

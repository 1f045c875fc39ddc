"""Bars, intervals, rail, footer and word diffs: what is drawn as one line of text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.symbols import ASCII, UNICODE
from screens.widgets.bar import draw_bar
from screens.widgets.footer import FooterKey, draw_footer, fit_keys
from screens.widgets.interval import draw_interval
from screens.widgets.rail import STEPS, Stop, draw_rail
from screens.widgets.worddiff import word_changes, word_diff

words = st.text(st.sampled_from("abc 30days.,\n[]{}"), max_size=40)


@pytest.mark.parametrize(
    ("share", "bar"),
    [(0, "····"), (0.5, "██··"), (1, "████"), (0.4, "█▌··"), (2, "████"), (-1, "····")],
)
def test_a_bar_shows_its_share(share: float, bar: str) -> None:
    assert draw_bar(share, 4) == bar


def test_a_bar_of_no_number_is_empty() -> None:
    assert draw_bar(math.nan, 4) == "····"


def test_a_bar_in_ascii() -> None:
    assert draw_bar(0.42, 20, ASCII) == "########............"


@given(st.floats(0, 1), st.integers(0, 60))
def test_a_bar_has_exactly_its_cells(share: float, cells: int) -> None:
    assert cell_len(draw_bar(share, cells)) == cells


def test_an_interval_away_from_its_margin() -> None:
    drawn = draw_interval(-3.0, 4.0, 1.0, 21, margin=-5.0, span=(-10, 10))
    assert drawn == "·····|·├──0●──┤······"


def test_an_interval_shows_the_margin_it_reaches_across() -> None:
    assert draw_interval(-6, 4, -2, 21, margin=-5, span=(-10, 10)) == "····├|──●─0───┤······"


def test_an_interval_in_ascii() -> None:
    drawn = draw_interval(-6, 4, -2, 21, margin=-5, span=(-10, 10), symbols=ASCII)
    assert drawn == "....[|--o-0---]......"


@given(
    st.floats(-100, 100), st.floats(0, 100), st.floats(0, 100), st.integers(5, 60), st.floats(-9, 9)
)
def test_an_interval_has_its_cells_and_its_estimate(
    low: float, below: float, above: float, cells: int, margin: float
) -> None:
    drawn = draw_interval(low, low + below + above, low + below, cells, margin=margin)
    assert cell_len(drawn) == cells
    assert drawn.count("●") == 1


def test_the_rail_says_done_blocked_and_here_without_colour() -> None:
    stops = (
        Stop("scope", "done"),
        Stop("curate"),
        *(Stop(step, "blocked", "Not yet.") for step in STEPS[2:]),
    )
    drawn = draw_rail(stops, "curate", UNICODE).plain
    assert drawn == " 1 Scope ✓ ─ [2 Curate] ─ 3 Train ! ─ 4 Compare ! ─ 5 Verdict !"
    assert draw_rail(stops, "curate", ASCII).plain.isascii()


def key(letter: str, label: str = "label", priority: int = 50) -> FooterKey:
    return FooterKey(letter, label, priority)


def test_a_footer_has_at_most_seven_keys() -> None:
    assert len(fit_keys([key(letter) for letter in "abcdefghij"], 500)) == 7


def test_the_least_important_key_goes_first() -> None:
    keys = [key("a", priority=1), key("b", priority=90), key("c", priority=50)]
    assert [kept.key for kept in fit_keys(keys, 20)] == ["a", "c"]


@given(
    st.lists(st.builds(FooterKey, words, words, st.integers(0, 99), st.booleans()), max_size=12),
    st.integers(0, 120),
)
def test_a_footer_never_overflows(keys: list[FooterKey], cells: int) -> None:
    kept = fit_keys(keys, cells)
    assert not kept or draw_footer(keys, cells).cell_length <= cells
    places = iter(keys)
    assert all(any(one is other for other in places) for one in kept), "order is kept"


def test_a_disabled_key_is_told_apart_without_colour() -> None:
    drawn = draw_footer([FooterKey("p", "pause", dimmed=True), key("s", "stop")], 80)
    assert drawn.plain == " (p pause)   s stop"


def test_a_word_diff_is_readable_without_colour() -> None:
    drawn = word_diff("within 30 days of delivery", "within 45 days of purchase")
    assert drawn.plain == "within {30}[45] days of {delivery}[purchase]"


def test_a_changed_phrase_is_one_change() -> None:
    drawn = word_diff("Worn shoes can be returned.", "Worn shoes may not be sent.")
    assert drawn.plain == "Worn shoes {can}[may not] be {returned}[sent]."
    assert word_diff("a b c", "x y z").plain == "{a b c}[x y z]"


def test_equal_texts_have_no_marks() -> None:
    assert word_diff("[/x] {y}", "[/x] {y}").spans == []
    assert word_diff("", "").plain == ""


@given(words, words)
def test_a_word_diff_holds_both_texts_whole(old: str, new: str) -> None:
    changes = list(word_changes(old, new))
    assert "".join(text for kind, text in changes if kind != "added") == old
    assert "".join(text for kind, text in changes if kind != "deleted") == new

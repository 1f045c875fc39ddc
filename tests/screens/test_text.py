"""Safe text: nothing is markup, nothing is control, widths are cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.visible import make_visible
from screens.text import (
    Mark,
    beside,
    clusters,
    fit,
    head,
    safe,
    truncate,
    visible,
    visible_line,
    width,
    wrap,
)
from tests.screens.harness import HOSTILE, is_harmless

anything = st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31m", "<U+001B>[31m"),
        ("\x9b31m", "<U+009B>31m"),
        ("\u202ecod", "<U+202E>cod"),
        ("a\u200bb\ufeff", "a<U+200B>b<U+FEFF>"),
        ("\ud800", "<U+D800>"),
        ("a\tb", "a    b"),
        ("one\r\ntwo\rthree", "one\ntwo<U+000D>three"),
        ("6\u00a0days\u2009", "6 days "),
        ("\u3000", "  "),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\U0001f469"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e"),
        ("\u200dx", "<U+200D>x"),
        ("\x7f", "<U+007F>"),
    ],
)
def test_what_hides_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(anything)
def test_the_visible_text_holds_nothing_that_steers(text: str) -> None:
    assert is_harmless(visible(text))
    assert visible(visible(text)) == visible(text)


@given(st.text(st.characters(exclude_categories=("Zs", "Co", "Cn", "Cf", "Zl")), max_size=40))
def test_text_that_the_engine_made_visible_is_shown_as_it_wrote_it(text: str) -> None:
    written = make_visible(text)
    assert visible(written) == written.replace("\t", "    ")


@pytest.mark.parametrize("words", HOSTILE)
def test_safe_text_is_never_markup(words: str) -> None:
    content = safe(words)
    assert content.plain == visible(words)
    assert content.spans == []


def test_marks_follow_the_text_they_mark() -> None:
    text = "say \x1b[2J 30 days"
    start = text.index("30")
    content = safe(text, Mark(start, start + 7, "bold"))
    (span,) = content.spans
    assert content.plain[span.start : span.end] == "30 days"


@given(anything, st.integers(-5, 70), st.integers(-5, 70))
def test_marks_never_leave_the_text(text: str, start: int, end: int) -> None:
    for span in safe(text, Mark(start, end, "bold")).spans:
        assert 0 <= span.start < span.end <= len(visible(text))


@given(anything, st.integers(0, 30))
def test_a_cut_text_fits_and_is_a_beginning(text: str, cells: int) -> None:
    shown = visible(text)
    cut = truncate(shown, cells)
    assert cell_len(cut) <= cells
    assert cut == shown or shown.startswith(cut.removesuffix("…"))


@pytest.mark.parametrize(
    ("text", "cells", "cut"),
    [
        ("hello", 5, "hello"),
        ("hello", 4, "hel…"),
        ("你好吗", 5, "你好…"),
        ("你好吗", 4, "你…"),
        ("e\u0301te\u0301", 2, "e\u0301…"),
        ("hello", 1, "…"),
        ("hello", 0, ""),
    ],
)
def test_wide_and_combined_characters_are_cut_whole(text: str, cells: int, cut: str) -> None:
    assert truncate(text, cells) == cut


@given(anything, st.integers(2, 30))
def test_fitted_text_has_exactly_its_cells(text: str, cells: int) -> None:
    assert cell_len(fit(text, cells)) == cells
    assert cell_len(fit(text, cells, align="right")) == cells


@given(anything)
def test_the_pieces_of_a_text_are_the_text(text: str) -> None:
    assert "".join(clusters(text)) == text
    assert head(visible(text), width(visible(text))) == visible(text)


@given(anything, st.integers(2, 20))
def test_wrapped_lines_fit_and_lose_no_word(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert all(cell_len(line) <= cells for line in lines)
    assert "".join("".join(lines).split()) == "".join(visible(text).split())


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one\n\ntwo", 10, ["one", "", "two"]),
        ("abcdefgh ij", 3, ["abc", "def", "gh", "ij"]),
        ("  - item", 20, ["  - item"]),
        ("你好吗 世界", 4, ["你好", "吗", "世界"]),
    ],
)
def test_wrapping_parts_at_spaces(text: str, cells: int, lines: list[str]) -> None:
    assert wrap(text, cells) == lines


def test_two_texts_share_a_line_and_the_right_one_yields() -> None:
    assert beside("left", "right", 20).plain == "left           right"
    assert beside("a long left text", "right", 20).plain == "a long left text  r…"
    assert beside("a left text that fills", "right", 20).cell_length == 20


def test_one_line_has_single_spaces() -> None:
    assert visible_line(" a\n\n b\t\x1b c ") == "a b <U+001B> c"

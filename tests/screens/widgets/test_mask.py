from __future__ import annotations

from engine.runs.folder import Token
from screens.widgets.mask import TRAINED, count_trained, draw_mask
from tests.screens.harness import EVERYTHING, is_harmless

ROW = (Token("How ", False), Token("long?", False), Token("45 ", True), Token("days", True))


def test_trained_tokens_have_another_background_and_are_underlined() -> None:
    content = draw_mask(ROW)
    assert content.plain == "How long?45 days"
    (span,) = content.spans
    assert content.plain[span.start : span.end] == "45 days"
    assert span.style == TRAINED
    assert "underline" in TRAINED
    assert " on " in TRAINED


def test_brackets_stand_around_each_run_of_trained_tokens() -> None:
    row = (*ROW, Token(" thanks", False), Token("bye", True))
    assert draw_mask(row, brackets=True).plain == "How long?[45 days] thanks[bye]"
    assert count_trained(row) == 3


def test_hostile_tokens_are_shown_as_what_they_are() -> None:
    plain = draw_mask((Token(EVERYTHING, True), Token(EVERYTHING, False)), brackets=True).plain
    assert is_harmless(plain)
    assert plain.count("[@click=app.quit]x[/]") == 2


def test_no_token_is_an_empty_row() -> None:
    assert draw_mask(()).plain == ""


def test_a_bar_between_tokens_shows_where_the_tokenizer_parts_them() -> None:
    row = (*ROW, Token(" thanks", False))
    assert draw_mask(row, "│").plain == "How │long?│45 │days│ thanks"
    assert draw_mask(row, "|", brackets=True).plain == "How |long?|[45 |days]| thanks"

"""Every theme keeps its words readable and its signs apart."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from tui.theme import PAPER, STEEL, THEMES

WORDS = ("foreground", "text", "text-muted", "primary", "accent")
WORDS_OF_STATE = ("text-success", "text-warning", "text-error")
GROUNDS = ("background", "surface", "panel")


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance."""
    parts = [part / 255 for part in Color.parse(colour).rgb]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [STEEL, PAPER], ids=lambda theme: str(theme.name))
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("word", WORDS + WORDS_OF_STATE)
def test_words_have_a_contrast_of_4_5(theme: Theme, word: str, ground: str) -> None:
    colours = {**theme.to_color_system().generate(), **theme.variables}
    assert contrast(colours[word], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [STEEL, PAPER], ids=lambda theme: str(theme.name))
def test_the_cursor_line_has_a_contrast_of_7(theme: Theme) -> None:
    colours = theme.variables
    cursor = contrast(colours["block-cursor-foreground"], colours["block-cursor-background"])
    assert cursor >= 7


def test_published_contrasts_are_reproduced() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_theme_has_the_variables_of_every_other() -> None:
    names = [set(theme.to_color_system().generate()) for theme in THEMES]
    needed = {"text-muted", "text-success", "block-cursor-background", "border", "scrollbar"}
    assert all(needed <= have for have in names)

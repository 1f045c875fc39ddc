"""What is decided about a terminal before textual is imported."""

from __future__ import annotations

import pytest

from engine.errors import InputError
from tui.terminal import TerminalFacts, prepare

UTF8 = {"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}


def facts(**environ: str) -> TerminalFacts:
    return prepare(environ={**UTF8, **environ}, is_terminal=True)


@pytest.mark.parametrize(
    ("environ", "colours"),
    [
        ({}, "256"),
        ({"COLORTERM": "truecolor"}, "truecolor"),
        ({"COLORTERM": "24bit", "TERM": "screen"}, "truecolor"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux"}, "16"),
        ({"TERM": "xterm-16color"}, "16"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "xterm-kitty"}, "256"),
        ({"NO_COLOR": "1", "COLORTERM": "truecolor"}, "none"),
        ({"NO_COLOR": ""}, "256"),
    ],
)
def test_colours_are_what_the_terminal_says(environ: dict[str, str], colours: str) -> None:
    assert facts(**environ).colours == colours


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({}, True),
        ({"LC_ALL": "C"}, False),
        ({"LC_ALL": "", "LANG": "de_DE.utf8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),
        ({"LANG": "de_DE.UTF-8@euro"}, True),
        ({"STROP_ASCII": "1"}, False),
        ({"STROP_ASCII": "0"}, True),
    ],
)
def test_only_a_locale_of_utf8_gets_more_than_ascii(environ: dict[str, str], unicode: bool) -> None:
    assert facts(**environ).unicode is unicode


def test_ascii_can_be_asked_for() -> None:
    assert not prepare(ascii_only=True, environ=dict(UTF8), is_terminal=True).unicode


def test_the_theme_follows_the_colours() -> None:
    assert facts().theme == "strop-steel"
    assert facts(TERM="linux").theme == "strop-ansi"
    assert facts(NO_COLOR="1").theme == "strop-mono"


def test_what_the_operator_has_set_stays() -> None:
    environ = {**UTF8, "TEXTUAL_FPS": "60", "SSH_CONNECTION": "1 2 3 4"}
    assert prepare(environ=environ, is_terminal=True).remote
    assert environ["TEXTUAL_FPS"] == "60"
    assert environ["TEXTUAL_ANIMATIONS"] == "none"


def test_an_empty_no_color_does_not_reach_textual() -> None:
    environ = {**UTF8, "NO_COLOR": ""}
    prepare(environ=environ, is_terminal=True)
    assert "NO_COLOR" not in environ


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_place_text_is_refused(term: str) -> None:
    with pytest.raises(InputError, match="cannot place text") as refused:
        prepare(environ={**UTF8, "TERM": term}, is_terminal=True)
    assert "strop watch --plain" in refused.value.hint


def test_no_terminal_is_refused() -> None:
    with pytest.raises(InputError, match="needs a terminal"):
        prepare(environ=dict(UTF8), is_terminal=False)

"""What the terminal can do, decided before textual is imported, which reads its settings then."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from typing import Literal

import msgspec

from engine.errors import InputError

Colours = Literal["truecolor", "256", "16", "none"]

_SYSTEMS: dict[Colours, str] = {
    "truecolor": "truecolor",
    "256": "256",
    "16": "standard",
    "none": "standard",
}
PLAIN_HINT = "The plain command line works anywhere: strop status, strop watch --plain."


class TerminalFacts(msgspec.Struct, frozen=True):
    """The terminal as the app is to treat it."""

    unicode: bool = True
    """False: plain ASCII everywhere, data included."""
    colours: Colours = "truecolor"
    remote: bool = False
    """Over SSH or mosh: fewer frames."""

    @property
    def theme(self) -> str:
        """Name of the theme to begin with."""
        by_colours = {"none": "strop-mono", "16": "strop-ansi"}
        return by_colours.get(self.colours, "strop-steel")


def prepare(
    *,
    ascii_only: bool = False,
    environ: MutableMapping[str, str] | None = None,
    is_terminal: bool | None = None,
) -> TerminalFacts:
    """Look at the terminal and tell textual, through its environment variables, how to behave.

    What the operator has set himself stays. Raises InputError where no full-screen program can
    run. Must be called before anything imports textual.
    """
    environ = os.environ if environ is None else environ
    _refuse(environ, _has_terminal() if is_terminal is None else is_terminal)
    facts = TerminalFacts(
        unicode=not (ascii_only or environ.get("STROP_ASCII") == "1") and _speaks_utf8(environ),
        colours=_colours(environ),
        remote=any(name in environ for name in ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION")),
    )
    for name, value in _settings(facts).items():
        environ.setdefault(name, value)
    return facts


def _settings(facts: TerminalFacts) -> dict[str, str]:
    return {
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_FPS": "15" if facts.remote else "30",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        # Plain letters need no kitty protocol, and mosh, screen and old consoles mishandle it.
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
        "TEXTUAL_COLOR_SYSTEM": _SYSTEMS[facts.colours],
    }


def _has_terminal() -> bool:
    """textual reads keys from stdin and draws on stderr."""
    streams = (sys.__stdin__, sys.__stderr__)
    return all(stream is not None and stream.isatty() for stream in streams)


def _refuse(environ: MutableMapping[str, str], is_terminal: bool) -> None:
    if not is_terminal:
        raise InputError("strop needs a terminal to draw on.", PLAIN_HINT, title="No terminal")
    if environ.get("TERM", "dumb") in {"", "dumb", "unknown"}:
        name = environ.get("TERM", "")
        raise InputError(
            f"The terminal cannot place text (TERM={name}).", PLAIN_HINT, title="No terminal"
        )


def _speaks_utf8(environ: MutableMapping[str, str]) -> bool:
    """As the locale says. Python itself turns an unset LANG, or C, into C.UTF-8."""
    values = (environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((value for value in values if value), "")
    return locale.lower().replace("-", "").partition("@")[0].endswith("utf8")


def _colours(environ: MutableMapping[str, str]) -> Colours:
    """COLORTERM seldom comes through sshd: without it 256 colours at most are believed in."""
    if environ.get("NO_COLOR"):
        return "none"
    # textual takes an empty NO_COLOR for a set one; the convention does not.
    environ.pop("NO_COLOR", None)
    if environ.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "truecolor"
    term = environ.get("TERM", "")
    full = ("direct", "256color", "kitty", "alacritty", "ghostty", "foot", "wezterm")
    return "256" if any(word in term for word in full) else "16"

"""The drawing characters of the terminal at hand: box and braille, or plain ASCII."""

from __future__ import annotations

import msgspec
from textual.widget import Widget


class Symbols(msgspec.Struct, frozen=True):
    """One set of drawing characters; every field is one cell wide unless it says otherwise."""

    unicode: bool
    rule: str
    pipe: str
    cursor: str
    done: str
    failed: str
    blocked: str
    running: str
    ellipsis: str
    eighths: str
    """Nine steps of a bar cell from empty to full, or two where halves are not drawn."""
    rest: str
    """The part of a bar that is not filled."""
    mark: str
    """A measured point on a chart."""
    left_end: str
    right_end: str
    point: str
    """An estimate inside its interval."""


UNICODE = Symbols(
    unicode=True,
    rule="─",
    pipe="│",
    cursor="▸",
    done="✓",
    failed="✗",
    blocked="!",
    running="●",
    ellipsis="…",
    eighths=" ▏▎▍▌▋▊▉█",
    rest="·",
    mark="×",  # noqa: RUF001
    left_end="├",
    right_end="┤",
    point="●",
)

ASCII = Symbols(
    unicode=False,
    rule="-",
    pipe="|",
    cursor=">",
    done="+",
    failed="x",
    blocked="!",
    running="*",
    ellipsis="~",
    eighths=" #",
    rest=".",
    mark="x",
    left_end="[",
    right_end="]",
    point="o",
)


def symbols_of(widget: Widget) -> Symbols:
    """The set the app was told to draw with; Unicode where it was told nothing."""
    found = getattr(widget.app, "symbols", UNICODE)
    return found if isinstance(found, Symbols) else UNICODE

"""The list of sessions in words: its heading, its rows, and what stands there before the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from screens.text import safe
from screens.widgets.rail import STEPS

if TYPE_CHECKING:
    from engine.steps.sessions import SessionLine

WELCOME = """\
strop takes a language model down one road, from scope to verdict. At its
end stands a decision with a name under it: ship this adapter, or do not.

There is no session yet.

  {sample}   open the sample: AwesomeShoes Co., 476 support chats with faults
  {new}   make a session of your own
  {import_file}   make a session from a scope file in TOML"""


def heading(found: int, total: int, words: str) -> Content:
    """`Sessions`, and what a filter lets through."""
    if not words:
        return safe(" Sessions")
    return safe(f" Sessions   {found} of {total} with “{words}”   esc shows all")


def row(line: SessionLine) -> tuple[str, str, str, str]:
    """Name, step, one figure, when it was touched."""
    from engine.steps.days import when

    step = f"{line.step} {STEPS[line.step - 1].title()}"
    return line.name, step, line.note, "now" if line.running else when(line.touched)

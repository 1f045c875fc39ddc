"""Line 2 of a session's screens: the road, where you are on it, what is done and what blocks."""

from __future__ import annotations

from typing import Literal

import msgspec
from textual.content import Content

from screens.symbols import Symbols, symbols_of
from screens.widgets.lines import Lines

Step = Literal["scope", "curate", "train", "compare", "verdict"]
STEPS: tuple[Step, ...] = ("scope", "curate", "train", "compare", "verdict")


class Stop(msgspec.Struct, frozen=True):
    """How far one step is."""

    step: Step
    state: Literal["done", "open", "blocked"] = "open"
    why: str = ""
    """What blocks it, one sentence for people."""


def draw_rail(stops: tuple[Stop, ...], here: Step, symbols: Symbols) -> Content:
    """`1 Scope ✓ ─ [2 Curate] ─ 3 Train !`: done has a tick, blocked a `!`, here has brackets."""
    parts: list[Content] = []
    for number, stop in enumerate(stops, 1):
        sign = {"done": f" {symbols.done}", "blocked": f" {symbols.blocked}", "open": ""}
        text = f"{number} {stop.step.title()}{sign[stop.state]}"
        if stop.step == here:
            parts.append(Content.styled(f"[{text}]", "bold $primary"))
        else:
            parts.append(Content.styled(text, _STYLES[stop.state]))
    joint = Content.styled(f" {symbols.rule} ", "$text-disabled")
    return Content.assemble(" ", joint.join(parts))


_STYLES = {"done": "$foreground", "open": "$text-muted", "blocked": "$text-muted dim"}


class Rail(Lines):
    """The road of one session."""

    DEFAULT_CSS = """
    Rail {
        height: 1;
        background: $panel;
    }
    """

    def __init__(self, here: Step) -> None:
        super().__init__("")
        self.here: Step = here
        self.stops: tuple[Stop, ...] = tuple(Stop(step) for step in STEPS)

    def on_mount(self) -> None:
        """Draw what is known so far."""
        self.set_stops(self.stops)

    def set_stops(self, stops: tuple[Stop, ...]) -> None:
        """Show how far each step is."""
        self.stops = stops
        self.show(draw_rail(stops, self.here, symbols_of(self)))

    def stop(self, step: Step) -> Stop:
        """How far one step is."""
        return next(stop for stop in self.stops if stop.step == step)

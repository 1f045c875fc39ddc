"""Where the screens are: `screens.NAME` holds `NameScreen`. Each is imported when first shown."""

from __future__ import annotations

from importlib import import_module
from typing import Literal, cast

from screens.base import StepScreen, StropScreen
from screens.widgets.rail import STEPS, Step

Place = Literal["sessions", "scope", "curate", "train", "compare", "verdict"]
Aside = Literal["blind", "held_out"]
PLACES: tuple[Place, ...] = ("sessions", *STEPS)
ASIDE: tuple[Aside, ...] = ("blind", "held_out")
"""Screens that a step opens; they are no place to come back to."""


def screen_class(place: Place | Aside) -> type[StropScreen]:
    """The class of a screen."""
    module = import_module(f"screens.{place}")
    name = "".join(part.title() for part in place.split("_"))
    return cast("type[StropScreen]", getattr(module, f"{name}Screen"))


def sessions_screen() -> StropScreen:
    """The list of sessions."""
    return screen_class("sessions")()


def step_screen(step: Step, session: str) -> StepScreen:
    """One step of one session."""
    return cast("type[StepScreen]", screen_class(step))(session)

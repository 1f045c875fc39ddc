"""The real app on a workspace of the tests, opened at a screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget

from engine.workspace import Workspace
from screens.base import StepScreen
from screens.curate_parts.writer import Writer
from screens.widgets.rail import Step
from tests.screens.harness import SampleStep
from tui.app import Start, StropApp
from tui.screens import step_screen
from tui.start import road


def only_scope(step: Step, session: str) -> StepScreen:
    """The scope screen is the real one; the other steps need not be there."""
    return step_screen(step, session) if step == "scope" else SampleStep(session)


@asynccontextmanager
async def opened(
    workspace: Workspace,
    slug: str = "",
    size: tuple[int, int] = (80, 24),
    step: Step = "scope",
) -> AsyncIterator[tuple[StropApp, Pilot[None]]]:
    """The app at a step of a session, or at the list when none is named."""
    app = StropApp(
        lambda: workspace,
        road=road,
        start=Start(slug, step),
        traces=workspace.home / "traces",
        make_step=only_scope if step == "scope" else step_screen,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        yield app, pilot


async def settle(pilot: Pilot[None], *, figures: bool = False) -> None:
    """Wait until threads have answered; for the figures of the plan only when they are wanted.

    One answer may lead to the next question, through messages that a busy machine delivers late:
    it is over when nothing computes and no message waits, several times in a row.
    """
    quiet = 0
    while quiet < 3:
        await pilot.pause()
        waited = [w for w in pilot.app.workers if figures or w.group != "figures"]
        if waited:
            # An empty list would mean all of them.
            await pilot.app.workers.wait_for_complete(waited)
        quiet = 0 if waited or _has_mail(pilot.app) else quiet + 1


async def settle_writing(pilot: Pilot[None], writer: Writer) -> None:
    """Wait until a writer has nothing to do and the screen has heard of all that it did.

    What is read leads to what is read next, as often as the screen likes: it is over when the
    writer is idle, and still is after the screen has heard of its last job.
    """
    quiet = 0
    while quiet < 2:
        await settle(pilot)
        quiet = quiet + 1 if writer.is_idle else 0
        await writer.settled()


def _has_mail(app: App[Any]) -> bool:
    """Whether a message or a callback waits for anybody."""
    nodes = [app, *app.screen_stack, *app.screen.walk_children(Widget)]
    return any(node._next_callbacks or not node._message_queue.empty() for node in nodes)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, wait for what they do."""
    await pilot.press(*keys)
    await settle(pilot)


async def write(pilot: Pilot[None], text: str) -> None:
    """Type a text into whatever has focus."""
    names = {" ": "space", "\n": "enter"}
    await pilot.press(*(names.get(character, character) for character in text))
    await pilot.pause()

"""The app with sample screens, on a workspace in a folder that goes away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.workspace import Workspace
from screens.base import StropScreen
from tests.screens.harness import SampleSessions, sample_road, sample_step
from tui.app import StropApp

Running = Callable[..., AbstractAsyncContextManager[tuple[StropApp, Pilot[None]]]]


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """Runs the sample app at a size and waits until its first real screen is there."""

    @asynccontextmanager
    async def run(
        size: tuple[int, int] = (80, 24), **options: Any
    ) -> AsyncIterator[tuple[StropApp, Pilot[None]]]:
        settings: dict[str, Any] = {
            "road": sample_road,
            "make_sessions": SampleSessions,
            "make_step": sample_step,
            "traces": tmp_path / "traces",
            **options,
        }
        app = StropApp(lambda: Workspace(tmp_path, "tester"), **settings)
        async with app.run_test(size=size, notifications=True) as pilot:
            await settle(pilot)
            yield app, pilot

    return run


async def settle(pilot: Pilot[None]) -> None:
    """Wait until threads have answered and their messages were handled."""
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def sessions_of(app: StropApp) -> SampleSessions:
    """The list of sessions, wherever it is on the stack."""
    return next(screen for screen in app.screen_stack if isinstance(screen, SampleSessions))


def is_showing(app: StropApp, kind: type[StropScreen]) -> bool:
    """Whether a kind of screen is on top."""
    return isinstance(app.screen, kind)

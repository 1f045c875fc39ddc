"""Opening the app from the command line: terminal first, then textual, then the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.workspace import Workspace, default_home
from tui.terminal import prepare

if TYPE_CHECKING:
    from screens.widgets.rail import Step, Stop

STEPS: tuple[Step, ...] = ("scope", "curate", "train", "compare", "verdict")


def start(home: Path | None, who: str | None, *, sample: bool, ascii_only: bool) -> int:
    """Open the app where the operator left it, or on the sample; answers the exit status.

    Raises InputError where no full-screen program can run.
    """
    facts = prepare(ascii_only=ascii_only)
    from tui.actions import read_keymap
    from tui.app import Start, StropApp

    place = (home or default_home()).expanduser().resolve()
    find_start = sample_start if sample else last_start

    def open_workspace() -> Workspace:
        """The store is opened here, in a thread, after the first frame."""
        workspace = Workspace(home, who)
        workspace.store.rows("SELECT 1")
        return workspace

    keymap_file = place / "keys.toml"
    app = StropApp(
        open_workspace,
        facts=facts,
        road=road,
        farewell=farewell,
        watch=running,
        keymap=read_keymap(keymap_file) if keymap_file.exists() else {},
        start=lambda workspace: Start(*find_start(workspace)),
        traces=place / "traces",
    )
    return app.run_in_terminal()


def road(workspace: Workspace, session: str) -> tuple[Stop, ...]:
    """How far a session is, for the rail."""
    from engine.steps import status
    from screens.widgets.rail import Stop

    found = status.road(workspace, session)
    return tuple(
        Stop(step, "done")
        if found.done[step]
        else Stop(step, "blocked", found.blocks[step])
        if step in found.blocks
        else Stop(step)
        for step in STEPS
    )


def farewell(workspace: Workspace) -> str:
    """What goes on without the operator: `run 3 training 84/200 continues`."""
    from engine.steps import status

    line = status.running(workspace)
    if line is None:
        return ""
    return f"{status.in_words(line)} continues. `strop watch {line.run}` follows it."


def running(workspace: Workspace) -> str:
    """What is running anywhere: `run 3 ● step 84/200`."""
    from engine.steps import overview, status

    line = status.running(workspace)
    return overview.running_in_words(line) if line else ""


def last_start(workspace: Workspace) -> tuple[str, Step]:
    """The session and step that the operator left, or nothing on a new box."""
    from engine.steps import sessions

    session = sessions.last_place(workspace)
    if session is None:
        return "", "scope"
    return session.slug, STEPS[session.step - 1]


def sample_start(workspace: Workspace) -> tuple[str, Step]:
    """The sample session, made on first use, at the step where it was left."""
    from engine.steps import sessions

    session = sessions.open_sample(workspace)
    return session.slug, STEPS[session.step - 1]

"""Run folders written by hand, a stand-in for a worker, and the app on the training screen."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from textual.pilot import Pilot

from engine.runs.folder import (
    Event,
    Metric,
    Preflight,
    PreflightLine,
    RunFolder,
    State,
    Token,
    write_atomically,
)
from engine.steps import train
from engine.workspace import Workspace
from screens.base import StepScreen
from screens.train import TrainScreen
from screens.widgets.rail import Step
from tests.screens.harness import EVERYTHING, SampleSessions
from tests.tui.conftest import settle
from tui.app import Start, StropApp
from tui.start import road
from tui.terminal import TerminalFacts

NOON = 1_795_348_800.0
"""A Unix time; what matters is that it is the same everywhere."""
HOSTILE_WORDS = EVERYTHING.replace("\ud800", "")
"""A lone surrogate cannot be in a JSON file."""
HOLDER = """
import sys
from pathlib import Path
from engine.runs.folder import held_lock
with held_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


class OtherStep(StepScreen):
    """Any step but this one."""

    STEP = "scope"


@contextmanager
def worker_of(folder: RunFolder) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock as a worker would, and computes nothing."""
    root = Path(train.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder.lock_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def prepared(workspace: Workspace, slug: str) -> RunFolder:
    """A run folder as `strop train` makes it, with two pinned questions."""
    return train.prepare(workspace, slug, train.plan(workspace, slug).recipe)


def put_state(folder: RunFolder, state: State) -> None:
    """What the worker said last."""
    write_atomically(folder.state_file, msgspec.json.encode(state))


def append(path: Path, *records: msgspec.Struct) -> None:
    """More lines of a JSON-lines file."""
    with path.open("ab") as handle:
        handle.writelines(msgspec.json.encode(record) + b"\n" for record in records)


def put_preflight(folder: RunFolder, *lines: PreflightLine, text: str = "Within 45 days.") -> None:
    """A finished preflight with two rows."""
    first = (Token("<|user|>How long?", False), Token(text, True), Token("<|end|>", True))
    second = (Token("<|user|>Which day?", False), Token("The 45th.", True))
    found = Preflight(
        lines=lines or (PreflightLine("end token", "ok", "right in all 18 rows"),),
        rows=(first, second),
        step_s=3.0,
        answer_s=0.5,
        eta_s=660.0,
        memory=5_100_000_000,
        disk=240_000_000,
    )
    write_atomically(folder.preflight_file, msgspec.json.encode(found))


def put_training(folder: RunFolder, steps: int = 84, total: int = 200) -> None:
    """A run that learns: losses, four looks, answers to a pinned question, a checkpoint."""
    put_preflight(folder)
    epochs = folder.job().recipe.epochs
    append(folder.metrics_file, Metric(0, NOON, validation_loss=2.31, general_loss=2.0))
    append(folder.metrics_file, *(_step(n, total, epochs) for n in range(1, steps + 1)))
    append(folder.events_file, Event(NOON, "phase", "training"))
    for step, loss in ((20, 1.2), (40, 0.9), (60, 0.72), (80, 0.63)):
        if step <= steps:
            look = Metric(step, NOON + step, validation_loss=loss, general_loss=2.03)
            append(folder.metrics_file, look)
            put_look(folder, step, f"Answer of step {step}.")
    state = State(
        "training",
        steps,
        total,
        eta_s=360.0,
        basis="3.1 s a step, last 50",
        heartbeat=NOON + steps,
        device="cpu fp32",
    )
    put_state(folder, state)


def _step(step: int, total: int, epochs: float) -> Metric:
    return Metric(
        step,
        NOON + step,
        loss=2.2 * math.exp(-step / 30) + 0.3,
        rate=1.6e-4,
        grad_norm=0.42,
        tokens_s=1240.0,
        memory=17_200_000_000,
        epoch=epochs * step / total,
    )


def put_look(folder: RunFolder, step: int, answer: str, question: str = "How long?") -> None:
    """The events of one look."""
    fields: dict[str, str | int | float | bool | None] = {"prompt": question, "answer": answer}
    append(
        folder.events_file,
        Event(NOON + step, "sample", f"Answer at step {step}", step, fields),
        Event(NOON + step, "checkpoint", f"Checkpoint {step}, verified.", step),
    )


@asynccontextmanager
async def on_train(
    workspace: Workspace, slug: str, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[tuple[StropApp, Pilot[None]]]:
    """The app, opened on step 3 of a session."""

    def make_step(step: Step, session: str) -> StepScreen:
        return TrainScreen(session) if step == "train" else OtherStep(session)

    app = StropApp(
        lambda: workspace,
        facts=options.pop("facts", TerminalFacts()),
        road=road,
        start=Start(slug, "train"),
        traces=workspace.home / "traces",
        make_sessions=SampleSessions,
        make_step=make_step,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        yield app, pilot


def train_screen(app: StropApp) -> TrainScreen:
    """The training screen, on top or under a dialog."""
    return next(screen for screen in app.screen_stack if isinstance(screen, TrainScreen))


async def look_again(app: StropApp, pilot: Pilot[None]) -> None:
    """What the clock does once a second."""
    train_screen(app).look()
    await settle(pilot)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one by one, each until its work is done."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)

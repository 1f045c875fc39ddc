"""The feed: reads what a worker appended since the last look, and nothing twice.

Reads are bounded by what is new, a torn last line means "not yet", and silence is not death:
liveness comes from the lock alone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

import msgspec

from engine.runs.folder import ENDED, Event, Metric, RunFolder, State

T = TypeVar("T")
RECOGNISED = 256
"""Bytes before the place of reading by which a file is recognised."""


class Snapshot(msgspec.Struct, frozen=True):
    """A run at one moment; safe to hand to another thread."""

    name: str
    state: State
    alive: bool
    metrics: tuple[Metric, ...]
    """By step, each step once: after a resume the later line of a step wins."""
    events: tuple[Event, ...]

    @property
    def died(self) -> bool:
        """The worker ended without saying so."""
        ended = self.state.phase in ENDED or self.state.phase == "prepared"
        return not ended and not self.alive

    @property
    def last(self) -> Metric | None:
        """The newest metric that carries a training loss."""
        return next((m for m in reversed(self.metrics) if m.loss is not None), None)

    def looks(self) -> list[Metric]:
        """The metrics that carry a validation loss, by step."""
        return [m for m in self.metrics if m.validation_loss is not None]


class RunFeed:
    """Follows one run folder. Call `poll` as often as you like; it reads only what is new."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._metrics = _Tail(folder.metrics_file, Metric)
        self._events = _Tail(folder.events_file, Event)
        self._by_step: dict[int, Metric] = {}
        self._all_events: list[Event] = []

    def poll(self) -> Snapshot:
        """The run as it is now; raises RunError when its state file is damaged."""
        # The lock is looked at before the state: a worker that says goodbye between the two
        # looks must not be taken for one that died.
        alive = self.folder.is_alive()
        state = self.folder.state()
        new, restarted = self._metrics.read()
        if restarted:
            self._by_step.clear()
        for metric in new:
            self._by_step[metric.step] = _merge(self._by_step.get(metric.step), metric)
        events, restarted = self._events.read()
        if restarted:
            self._all_events.clear()
        self._all_events += events
        metrics = tuple(self._by_step[step] for step in sorted(self._by_step))
        return Snapshot(self.folder.name, state, alive, metrics, tuple(self._all_events))


class _Tail(Generic[T]):
    """The whole lines of a file that came since the last look; notices a file made anew."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._path = path
        self._decoder = msgspec.json.Decoder(kind)
        self._offset = 0
        self._inode = 0
        self._last = b""

    def read(self) -> tuple[list[T], bool]:
        """New records, and whether the file was replaced, so that earlier ones no longer count."""
        try:
            handle = self._path.open("rb")
        except FileNotFoundError:
            return [], False
        with handle:
            stat = os.fstat(handle.fileno())
            restarted = self._inode not in (0, stat.st_ino) or not self._goes_on(handle)
            if restarted:
                self._offset, self._last = 0, b""
            self._inode = stat.st_ino
            handle.seek(self._offset)
            whole, newline, _ = handle.read().rpartition(b"\n")
            self._offset += len(whole) + len(newline)
            self._last = (self._last + whole + newline)[-RECOGNISED:]
            return [self._decoder.decode(line) for line in whole.splitlines() if line], restarted

    def _goes_on(self, handle: BinaryIO) -> bool:
        """Whether what was read last still stands there: a new file may get the old one's inode."""
        handle.seek(self._offset - len(self._last))
        return handle.read(len(self._last)) == self._last


def _merge(old: Metric | None, new: Metric) -> Metric:
    """A step may be written in two lines (training, then validation): what is set wins."""
    if old is None:
        return new
    changes = {k: v for k, v in msgspec.structs.asdict(new).items() if v is not None}
    return msgspec.structs.replace(old, **changes)

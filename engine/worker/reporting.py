"""What the worker writes for others to read: state, events, metrics and answers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

import msgspec

from engine.records import Answer, Scored
from engine.runs.folder import (
    Event,
    Metric,
    Phase,
    RunFolder,
    State,
    overwrite,
    write_atomically,
    write_lines,
)

STATE_EVERY_S = 1.0
REPEATED = frozenset({"sample", "checkpoint", "best"})
"""Kinds of events that belong to a step; the others are the run's history."""


class Reporter:
    """The one writer of a run folder's state, events, metrics and answers."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._state = folder.state()
        self._written = 0.0

    @property
    def phase(self) -> Phase:
        """The phase as last reported."""
        return self._state.phase

    @property
    def message(self) -> str:
        """The sentence that was given with the phase."""
        return self._state.message

    def enter(self, phase: Phase, message: str = "", *, step: int = 0, total: int = 0) -> None:
        """Change the phase: written at once, with an event."""
        device = self._state.device
        self._state = State(phase, step=step, total=total, message=message, device=device)
        self._write_state()
        text = phase if not message else f"{phase}: {message}"
        self.event(Event(time.time(), "phase", text))

    def on_device(self, device: str) -> None:
        """Note what the work is done on, `cpu fp32` for instance."""
        self._state = msgspec.structs.replace(self._state, device=device)

    def advance(
        self,
        step: int,
        total: int,
        *,
        epoch: float = 0.0,
        eta_s: float | None = None,
        basis: str = "",
    ) -> None:
        """Note progress; written at most once a second, and always at the end of a phase."""
        self._state = msgspec.structs.replace(
            self._state, step=step, total=total, epoch=epoch, eta_s=eta_s, basis=basis
        )
        if step == total or time.time() - self._written >= STATE_EVERY_S:
            self._write_state()

    def beat(self) -> None:
        """Show that the worker lives although nothing can be counted."""
        self.advance(self._state.step, self._state.total)

    def last_word(self, phase: Phase, message: str) -> None:
        """Change the phase when hardly anything can be written: in place where there is no room."""
        self._state = msgspec.structs.replace(
            self._state, phase=phase, message=message, eta_s=None, basis=""
        )
        try:
            self._write_state()
        except OSError:
            with suppress(OSError):
                overwrite(self.folder.state_file, self._encoded_state())
        with suppress(OSError):
            self.event(Event(time.time(), "phase", f"{phase}: {message}"))

    def event(self, event: Event) -> None:
        """Append an event."""
        self._append("events.jsonl", [event])

    def note(self, text: str) -> None:
        """Append a plain note."""
        self.event(Event(time.time(), "note", text))

    def warn(self, text: str) -> None:
        """Append a warning."""
        self.event(Event(time.time(), "warning", text))

    def metric(self, metric: Metric) -> None:
        """Append a metric."""
        self._append("metrics.jsonl", [metric])

    def forget_after(self, step: int, curve: Sequence[Metric] | None = None) -> None:
        """Rewrite metrics and events without what a resume will do, and report, again.

        curve: the metrics up to the step, where they are known better than by the file.
        """
        kept = [m for m in self.folder.metrics() if m.step <= step] if curve is None else curve
        content = b"".join(msgspec.json.encode(m) + b"\n" for m in kept)
        file = self.folder.metrics_file
        if content != (file.read_bytes() if file.exists() else b""):
            write_lines(file, kept)
        events = self.folder.events()
        told = [e for e in events if e.kind not in REPEATED or e.step <= step]
        if len(told) < len(events):
            write_lines(self.folder.events_file, told)

    def answers(self, answers: Iterable[Answer]) -> None:
        """Append answers."""
        self._append("answers.jsonl", answers)

    def scores(self, scored: Iterable[Scored]) -> None:
        """Append scores of examples."""
        self._append("scores.jsonl", scored)

    def _append(self, name: str, records: Iterable[msgspec.Struct]) -> None:
        """One write for all lines; a torn line of an earlier life is closed off first."""
        path = self.folder.path / name
        content = b"".join(msgspec.json.encode(r) + b"\n" for r in records)
        with path.open("ab+") as handle:
            if handle.tell() > 0:
                handle.seek(-1, os.SEEK_END)
                if handle.read(1) != b"\n":
                    _drop_torn_line(path)
            handle.seek(0, os.SEEK_END)
            handle.write(content)

    def _write_state(self) -> None:
        self._written = time.time()
        write_atomically(self.folder.state_file, self._encoded_state())

    def _encoded_state(self) -> bytes:
        state = msgspec.structs.replace(self._state, heartbeat=self._written, pid=os.getpid())
        return msgspec.json.encode(state)


class Silent(Reporter):
    """The reporter of a process that is not the first of its run: it reads and writes nothing."""

    def forget_after(self, step: int, curve: Sequence[Metric] | None = None) -> None:
        """The first process does."""

    def _append(self, name: str, records: Iterable[msgspec.Struct]) -> None:
        """The first process does."""

    def _write_state(self) -> None:
        """The first process does."""


def _drop_torn_line(path: os.PathLike[str]) -> None:
    """Cut what a power loss left of a last line: readers have never seen it."""
    with open(path, "rb+") as handle:  # noqa: PTH123
        content = handle.read()
        handle.truncate(content.rfind(b"\n") + 1)

"""What the operator or the system asks of a worker: pause, stop, checkpoint, SIGTERM."""

from __future__ import annotations

import signal
from types import FrameType

from engine.runs.folder import Command, RunFolder


class Interrupted(Exception):  # noqa: N818 - not an error: the operator wanted it
    """Leave the phase in good order; carries the phase to end in and a sentence."""

    def __init__(self, phase: str, message: str) -> None:
        super().__init__(message)
        self.phase = phase
        self.message = message


class Control:
    """Looked at once a step or a token. SIGTERM and SIGINT mean pause, SIGHUP means nothing."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._terminated = False
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._on_term)
        signal.signal(signal.SIGINT, self._on_term)

    def wanted(self) -> Command | None:
        """What is asked for now; a `checkpoint` is asked for once."""
        if self._terminated or self._dropped("pause"):
            return "pause"
        if self._dropped("stop"):
            return "stop"
        if self._dropped("checkpoint"):
            (self._folder.control / "checkpoint").unlink(missing_ok=True)
            return "checkpoint"
        return None

    def look(self) -> None:
        """Raise Interrupted when the worker is to leave."""
        wanted = self.wanted()
        if wanted == "pause":
            raise Interrupted("paused", self.why_paused())
        if wanted == "stop":
            raise Interrupted("stopped", "Stopped by the operator.")

    def why_paused(self) -> str:
        """A sentence for the state."""
        by = "a signal" if self._terminated else "the operator"
        return f"Paused by {by}; resume goes on from here."

    def _dropped(self, name: Command) -> bool:
        return (self._folder.control / name).exists()

    def _on_term(self, _signal: int, _frame: FrameType | None) -> None:
        self._terminated = True

"""One thing after another, in a thread, in the order in which the keys were pressed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

from textual.dom import DOMNode
from textual.message import Message

Job: TypeAlias = Callable[[], Message | None]


class WritingFailed(Message):
    """A job raised; those that waited behind it were not begun."""

    def __init__(self, error: Exception, dropped: int) -> None:
        super().__init__()
        self.error = error
        self.dropped = dropped


class Writer:
    """Does jobs in the order in which they came. What a job answers is posted to a node.

    It is no worker of the node on purpose: what was decided is written even if the screen has
    gone in the meantime, and leaving the program waits for it.
    """

    def __init__(self, node: DOMNode) -> None:
        self._node = node
        self._waiting: deque[Job] = deque()
        self._lock = Lock()
        self._work: asyncio.Future[None] | None = None
        self._busy = False

    def submit(self, job: Job) -> None:
        """Do a job after all those that were submitted before it. Call it on the event loop."""
        with self._lock:
            self._waiting.append(job)
            if self._busy:
                return
            self._busy = True
        self._work = asyncio.get_running_loop().run_in_executor(None, self._drain)

    async def settled(self) -> None:
        """Return when every job is done."""
        while self._work is not None and not self._work.done():
            await self._work

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being done or waits."""
        return not self._busy

    def _drain(self) -> None:
        while (job := self._next()) is not None:
            try:
                message = job()
            except Exception as error:
                message = WritingFailed(error, self._drop())
            if message is not None:
                self._node.post_message(message)

    def _next(self) -> Job | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._busy = False
            return None

    def _drop(self) -> int:
        with self._lock:
            dropped = len(self._waiting)
            self._waiting.clear()
            return dropped

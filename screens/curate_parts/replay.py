"""A screen whose keys can wait for the store: none is lost, none meets the wrong card."""

from __future__ import annotations

from collections import deque

from textual import events

from screens.base import StepScreen


class PatientScreen(StepScreen):
    """Holds keys back while an answer of the store decides what they will mean."""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self._held: deque[events.Key] = deque()
        self._awaits = False
        self._replaying = False

    def hold_keys(self) -> None:
        """From now on keys wait."""
        self._awaits = True

    async def release_keys(self) -> None:
        """Do what was pressed in the meantime, in its order."""
        self._awaits = False
        if self._replaying:
            return
        self._replaying = True
        try:
            while self._held and not self._awaits:
                await self._again(self._held.popleft())
        finally:
            self._replaying = False

    def drop_keys(self) -> None:
        """Forget what was pressed: it was meant for something that did not happen."""
        self._awaits = False
        self._held.clear()

    def answer(self, event: events.Key) -> bool:
        """Hold the key, or let the footer's question have it."""
        if (self._awaits or self._replaying) and not event.key.startswith("ctrl+"):
            self._held.append(event)
            return True
        return self.take(event)

    def take(self, event: events.Key) -> bool:
        """Give a key to the footer's question; False without one."""
        return super().answer(event)

    async def on_key(self, event: events.Key) -> None:
        """Keys of one burst reach the screen before what the first of them asks for is there."""
        if self.app.screen is not self:
            self.app.post_message(events.Key(event.key, event.character))
        elif not self.answer(event):
            return
        event.stop()
        # What the class below does with a key is not done as well.
        event.prevent_default()

    async def _again(self, event: events.Key) -> None:
        if self.app.screen is not self:
            self.app.post_message(events.Key(event.key, event.character))
        elif not self.take(event):
            await super().on_key(event)

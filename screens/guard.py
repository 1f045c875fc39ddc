"""Keeps a screen alive when one of its handlers raises: the app shows the error instead."""

from __future__ import annotations

from typing import cast

from textual.message import Message
from textual.message_pump import MessagePump

from screens.shell import Shell


class Guarded(MessagePump):
    """Mixed in before Screen or App: an exception ends the handler, not the program."""

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            cast(Shell, self.app).show_error(error)

"""Keeps a screen alive when one of its handlers raises: the app shows the error instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import isawaitable
from typing import Any, cast

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

    def call_next(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """As textual's; this is also how what was said in a dialog comes back."""
        super().call_next(self._call, partial(callback, *args, **kwargs))

    async def _call(self, callback: Callable[[], Any]) -> None:
        try:
            answered = callback()
            if isawaitable(answered):
                await answered
        except Exception as error:
            cast(Shell, self.app).show_error(error)

"""Work off the event loop: a thread computes and posts one message; handlers own every change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker, get_current_worker

T = TypeVar("T")


class WorkFailed(Message):
    """Something raised off the event loop. It bubbles to the app, which shows it."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def run_in_background(
    node: DOMNode,
    function: Callable[[], T],
    then: Callable[[T], Message],
    *,
    group: str = "",
) -> Worker[None]:
    """Call `function` in a thread and post `then(result)` to `node`.

    A later call with the same group makes the result of an earlier one void. An exception becomes
    a `WorkFailed` that the app shows. Long functions look at `is_cancelled()` now and then, or
    quitting waits for them.
    """
    return node.run_worker(
        partial(_compute, node, function, then),
        group=group or f"{function!r}",
        exclusive=bool(group),
        thread=True,
        exit_on_error=False,
    )


def is_cancelled() -> bool:
    """Whether the asking thread works in vain: its screen is gone, or a later call came."""
    return bool(get_current_worker().is_cancelled)


def _compute(node: DOMNode, function: Callable[[], T], then: Callable[[T], Message]) -> None:
    try:
        message = then(function())
    except Exception as error:
        message = WorkFailed(error)
    if not is_cancelled():
        node.post_message(message)

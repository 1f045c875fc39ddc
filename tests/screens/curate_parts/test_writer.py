from __future__ import annotations

from threading import Event

from textual.app import App
from textual.message import Message

from screens.curate_parts.writer import Writer, WritingFailed


class Said(Message):
    """Something was done."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word


class Listener(App[None]):
    """Hears what a writer has done."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def on_said(self, message: Said) -> None:
        self.heard.append(message.word)

    def on_writing_failed(self, message: WritingFailed) -> None:
        self.heard.append(f"{message.error}, {message.dropped} dropped")


async def test_jobs_are_done_in_their_order_one_after_another() -> None:
    app, done = Listener(), list[int]()
    async with app.run_test() as pilot:
        writer = Writer(app)
        for number in range(200):
            writer.submit(lambda n=number: done.append(n))  # type: ignore[misc]
        writer.submit(lambda: Said("all"))
        await writer.settled()
        await pilot.pause()
        assert done == list(range(200))
        assert app.heard == ["all"]
        assert writer.is_idle


async def test_what_waits_behind_a_failure_is_dropped_and_counted() -> None:
    app, gate, done = Listener(), Event(), list[str]()

    def fail() -> None:
        gate.wait(10)
        raise OSError("disk full")

    async with app.run_test() as pilot:
        writer = Writer(app)
        writer.submit(fail)
        writer.submit(lambda: done.append("late"))
        writer.submit(lambda: done.append("later"))
        gate.set()
        await writer.settled()
        await pilot.pause()
        assert app.heard == ["disk full, 2 dropped"]
        assert done == []
        writer.submit(lambda: Said("again"))
        await writer.settled()
        await pilot.pause()
        assert app.heard[-1] == "again"

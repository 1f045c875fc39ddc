"""What the command line prints: plain lines without control characters, or one JSON object."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from engine.visible import escape_hidden, printable


class Output:
    """Where a verb puts its result: lines for people, or with --json one object."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def line(self, text: str = "") -> None:
        """One line for people; outside text in it is made safe, tabs and line ends stay."""
        if not self.as_json:
            print(printable(text), flush=True)

    def result(self, value: Any) -> None:
        """The object that scripts get; printed only with --json."""
        if self.as_json:
            text = msgspec.json.encode(value, order="deterministic").decode()
            print(escape_hidden(text), flush=True)

    def error(self, text: str) -> None:
        """One line on standard error."""
        print(printable(text), file=sys.stderr, flush=True)

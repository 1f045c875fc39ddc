"""Curating on a real pty at 80x24: key to next card, filters, memory; many rows and few.

Ours is a store of 1,000,000 examples; the peer is the same program on 1,000, so that the ratio
says what size costs. `--rows` takes another size.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from benchmarks.figures import report
from engine.records import Example, Finding, Message
from engine.scope import Intent, Scope
from engine.steps import cards, curate
from engine.store import examples, findings, sessions, sources
from engine.workspace import Workspace
from tests.terminal import Terminal

SMALL = 1_000
KEYS = 300
MEMORY_GOAL_MB = 250.0
INTENTS = ("returns", "exchange", "refund", "fit")
SUBJECTS = ("boots", "sandals", "trail shoes", "ballet flats", "sneakers", "clogs", "loafers")
ASKED = (
    "Can I still send my {} back after {} days?",
    "My {} came in the wrong size {} hours ago, what now?",
    "Where is the money for the {} that I returned {} days ago?",
    "Do the {} run small, I wear {} usually?",
)
FILTERS = {
    "a word that is everywhere": "days",
    "a word of few": "quokka",
    "status": "status:accepted",
    "intent and status": "intent:fit status:undecided",
    "check": "check:personal_data",
    "word, check and status": "boots check:personal_data status:undecided",
}
SHOWN = re.compile(r"#(\d+) · ")


def rows(count: int) -> Iterator[tuple[int, Example]]:
    """Questions and answers of a shoe shop, drawn by seed."""
    draw = random.Random(7)
    for number in range(1, count + 1):
        kind = draw.randrange(len(INTENTS))
        asked = ASKED[kind].format(draw.choice(SUBJECTS), draw.randrange(60))
        rare = " Does the quokka print fade?" if number % 997 == 0 else ""
        answer = f"Within {draw.randrange(20, 50)} days, with the slip {number} in the box."
        said = (Message("user", asked + rare), Message("assistant", answer))
        yield number, Example(said, INTENTS[kind])


def make(home: Path, count: int) -> str:
    """A session of so many examples with findings about every thirtieth; answers its slug."""
    workspace = Workspace(home, "bench")
    intents = tuple(Intent(name, 100) for name in INTENTS)
    session = sessions.create(workspace.store, Scope(name="Large shop", intents=intents))
    source = sources.add(workspace.store, session.id, "chats.jsonl", "chat", "0" * 64, False)
    examples.add(workspace.store, session.id, source, "chats.jsonl", rows(count))
    found = (
        Finding("personal_data", "review", (i,), "an order number", where="answer")
        for i in range(1, count, 30)
    )
    findings.replace(workspace.store, session.id, found)
    curate.rank(workspace, session.slug)
    cards.index_words(workspace)
    cards.keep_place(workspace, session.slug, 0, "")
    workspace.store.close()
    return session.slug


class Curating:
    """The program on a pseudo-terminal, at the first card."""

    def __init__(self, home: Path) -> None:
        self.terminal = Terminal(["tui.cli"], {"STROP_HOME": str(home), "STROP_USER": "bench"})
        # What pexpect waits before it sends is no latency of ours.
        self.terminal.child.delaybeforesend = None
        self.terminal.read_until("Large shop")
        self.terminal.child.send("\r")
        self.terminal.read_until("customer")
        self.terminal.read_until_quiet()

    def memory_mb(self) -> float:
        """Resident memory of the program."""
        return float(psutil.Process(self.terminal.child.pid).memory_info().rss / 2**20)

    def seconds_until(self, keys: str, is_there: Callable[[str], bool]) -> float:
        """From the last key sent to a screen that holds what is waited for."""
        started = time.perf_counter()
        self.terminal.child.send(keys)
        while not is_there("\n".join(self.terminal.screen.display)):
            self.terminal._take(self.terminal.child.read_nonblocking(65536, timeout=60))
        return time.perf_counter() - started

    def decide(self) -> float:
        """Accept the card that is shown; seconds until the next one is there."""
        before = self._shown()
        return self.seconds_until("a", lambda screen: _card(screen) not in ("", before))

    def filter(self, words: str) -> float:
        """Set a filter; seconds until its first card is there."""
        self.terminal.child.send("/")
        self.terminal.read_until("Show only")
        self.terminal.child.send(words)
        self.terminal.read_until(f"│  {words}")
        taken = self.seconds_until("\r", lambda screen: f"filter: {words}   " in screen)
        self.terminal.read_until(" of ")
        self.terminal.read_until_quiet(0.3)
        self.terminal.child.send("\x1b")
        self.terminal.read_until_quiet(0.3)
        return taken

    def leave(self) -> None:
        """End the program."""
        self.terminal.child.close(force=True)

    def _shown(self) -> str:
        return _card("\n".join(self.terminal.screen.display))


def _card(screen: str) -> str:
    found = SHOWN.search(screen)
    return found.group(1) if found else ""


def measure(home: Path) -> dict[str, float]:
    """Milliseconds and megabytes, by what was measured."""
    program = Curating(home)
    try:
        for _ in range(20):
            program.decide()
        early = program.memory_mb()
        taken = [program.decide() for _ in range(KEYS)]
        found = {
            "key_to_card_p50": statistics.median(taken) * 1000,
            "key_to_card_p95": statistics.quantiles(taken, n=20)[-1] * 1000,
            "memory": program.memory_mb(),
            "memory_grown": program.memory_mb() - early,
        }
        for name, words in FILTERS.items():
            found[f"filter, {name}"] = program.filter(words) * 1000
        return found
    finally:
        program.leave()


def main() -> None:
    """Make both stores, measure, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large", Path(folder) / "small"
        started = time.perf_counter()
        make(large, count)
        print(json.dumps({"made": count, "seconds": round(time.perf_counter() - started, 1)}))
        make(small, SMALL)
        ours, peer = measure(large), measure(small)
    for name, value in ours.items():
        unit = "MB" if name.startswith("memory") else "ms"
        report(f"curation: {name}, {count:,} rows", value, max(peer[name], 0.001), 0.5, unit)


if __name__ == "__main__":
    main()

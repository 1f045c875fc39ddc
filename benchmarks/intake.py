"""Rows a second and peak memory of an import of chats in JSON lines into the store.

Ours reads, checks, tidies, numbers and keeps every row; in the second case it also proposes an
intent for each by the sample's scope, which the peer has no counterpart for. The peer is
`datasets.load_dataset("json")` and sqlite-utils writing what it loaded. Each runs in a process of
its own on the same file, in turn; importing libraries is not timed. The last case holds our memory
against that of a tenth of the rows: flat is a ratio near 1.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.figures import report

ASKED = (
    "can i still return the {shoe} if i wore it for {n} days",
    "my order {n} of the {shoe} has not arrived, where is it",
    "does the {shoe} run small? i usually take a {n}",
    "how do i exchange the {shoe} for size {n}, i have lost the box",
    "i was charged {n} dollars twice for the {shoe}, please check",
)
ANSWERED = (
    "Unworn pairs can come back within 45 days of delivery; the {shoe} you wore outside cannot.",
    "I am sorry about the wait. Your parcel with the {shoe} left our warehouse and is on its way.",
    "The {shoe} runs true to size for most feet. If you are between two sizes, take the larger.",
    "Sizes of the {shoe} can be exchanged once for free. Any sturdy box will do for the way back.",
    "The second charge for the {shoe} is only reserved and disappears by itself in three days.",
)
SHOES = ("Trail Runner", "Court Classic", "River Sandal", "Winter Boot", "Canvas Slip-On")
SYSTEM = {"role": "system", "content": "You are the support assistant of a shoe shop."}


def write_chats(path: Path, rows: int) -> None:
    """Chats of one to three exchanges, no two alike."""
    draw = random.Random(11)
    with path.open("w", encoding="utf-8") as file:
        for row in range(rows):
            turns = [SYSTEM]
            for _ in range(draw.choice((1, 1, 2, 3))):
                words = {"shoe": draw.choice(SHOES), "n": draw.randrange(60)}
                asked = f"{draw.choice(ASKED).format(**words)}? ticket {row}"
                turns.append({"role": "user", "content": asked})
                answered = draw.choice(ANSWERED).format(**words)
                turns.append({"role": "assistant", "content": answered})
            file.write(json.dumps({"messages": turns, "ticket_id": f"t{row}"}) + "\n")


def import_ours(source: Path, folder: Path, *, intents: bool = False) -> float:
    """Seconds to import the file into a new session, with the sample's scope or without one."""
    from engine.scope import Scope, from_toml
    from engine.steps.intake import import_file
    from engine.store import sessions
    from engine.workspace import Workspace

    scope = Path(__file__).parents[1] / "sample_data" / "awesomeshoes" / "scope.toml"
    workspace = Workspace(folder)
    sample = from_toml(scope.read_text(encoding="utf-8"))
    session = sessions.create(workspace.store, sample if intents else Scope(name="Import"))
    started = time.perf_counter()
    done = import_file(workspace, session.slug, source)
    taken = time.perf_counter() - started
    assert done.counts.accepted == done.counts.rows, done.counts
    return taken


def import_peer(source: Path, folder: Path) -> float:
    """Seconds to load the file and to write its rows."""
    import datasets
    from sqlite_utils import Database

    datasets.disable_progress_bars()
    started = time.perf_counter()
    loaded = datasets.load_dataset(
        "json", data_files=str(source), split="train", cache_dir=str(folder / "cache")
    )
    Database(folder / "peer.db").table("rows").insert_all(loaded)
    return time.perf_counter() - started


SIDES: dict[str, Callable[[Path, Path], float]] = {
    "ours": import_ours,
    "intents": partial(import_ours, intents=True),
    "peer": import_peer,
}


def measure(side: str, source: Path) -> tuple[float, float]:
    """Seconds, and peak resident memory in MB, of one side in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.intake", "--side", side]
        done = subprocess.run(
            [*command, str(source), folder], capture_output=True, text=True, check=True
        )
    seconds, memory = map(float, done.stdout.split()[-2:])
    return seconds, memory


def compare(rows: int, rounds: int) -> None:
    """Take turns, print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        source, tenth = Path(folder) / "chats.jsonl", Path(folder) / "tenth.jsonl"
        write_chats(source, rows)
        write_chats(tenth, max(rows // 10, 1))
        found: dict[str, list[tuple[float, float]]] = {side: [] for side in SIDES}
        for _ in range(rounds):
            for side, measured in found.items():
                measured.append(measure(side, source))
        small = measure("intents", tenth)
    speed = {side: rows / statistics.median(s for s, _ in m) for side, m in found.items()}
    memory = {side: max(used for _, used in m) for side, m in found.items()}
    report("intake", speed["ours"], speed["peer"], 1.0, "rows/s", more_is_better=True)
    report(
        "intake_with_intents", speed["intents"], speed["peer"], 1.0, "rows/s", more_is_better=True
    )
    report("intake_memory", memory["intents"], memory["peer"], 1.0, "MB")
    report("intake_memory_of_a_tenth", memory["intents"], small[1], 0.9, "MB")


def main() -> None:
    """Both sides, or with --side one of them on a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("paths", nargs="*", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side is None:
        compare(arguments.rows, arguments.rounds)
        return
    seconds = SIDES[arguments.side](*arguments.paths)
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()

"""Held-out questions that training has seen: how many of them `strop check` blocks, and what else.

The peer compares every held-out question with every row exactly, and so finds all of them: a
Jaccard of 0.8 and more of character 5-grams, in normal form. Two CSV files with a question and an
answer column can be given; without them, questions are drawn by seed and leaked by a few edits.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.figures import report
from benchmarks.support_questions import draw, paraphrase, question
from engine.curation.shingles import sets
from engine.curation.text import normalise

ROOT = Path(__file__).resolve().parents[1]


def make(folder: Path, rows: int, seed: int) -> tuple[Path, Path]:
    """Two files: rows to train on, and an eighth as many held-out ones of which a third leak."""
    rng = random.Random(seed)
    train = draw(rows, seed, edited=0.2)
    held_out = [
        paraphrase(rng.choice(train), rng, rng.randint(0, 4)) if i % 3 == 0 else question(rng)
        for i in range(rows // 8)
    ]
    for name, texts in (("train.csv", train), ("held-out.csv", held_out)):
        with (folder / name).open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["utterance", "intent"])
            out.writerows((text, "any") for text in texts)
    return folder / "train.csv", folder / "held-out.csv"


def blocked(train: Path, held_out: Path, columns: list[str], home: str) -> tuple[float, set[int]]:
    """Seconds of `strop check`, and lines of the held-out file that it blocks rows for."""

    def strop(*arguments: str) -> str:
        command = [sys.executable, "-m", "tui.cli", *arguments]
        env = {**os.environ, "STROP_HOME": home, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout

    mapping = ["--map", f"prompt={columns[0]}", "--map", f"answer={columns[1]}"]
    strop("new", "leaks")
    strop("import", "leaks", str(train), *mapping)
    strop("import", "leaks", str(held_out), "--held-out", *mapping)
    started = time.perf_counter()
    found = json.loads(strop("check", "leaks", "--json"))["findings"]
    seconds = time.perf_counter() - started
    leaks = [f for f in found if f["check"] == "leak" and f["severity"] == "block"]
    return seconds, {int(f["case"].rpartition(":")[2]) for f in leaks}


def quoted(train: list[str], held_out: list[str]) -> set[int]:
    """Positions of held-out texts of 20 words and more that share 13 in a row with a row."""

    def runs(text: str) -> set[str]:
        words = normalise(text).split()
        return {" ".join(words[i : i + 13]) for i in range(len(words) - 12)}

    known = {run for text in train for run in runs(text)}
    return {
        i
        for i, text in enumerate(held_out)
        if len(normalise(text).split()) >= 20 and runs(text) & known
    }


def leaked(train: list[str], held_out: list[str]) -> tuple[set[int], set[int]]:
    """Positions of held-out texts equal to a row, and of those that reach 0.8 with one."""
    every = sets([normalise(text) for text in (*train, *held_out)])
    columns, every.indices = np.unique(every.indices, return_inverse=True)
    ones = type(every)(
        (every.data, every.indices, every.indptr), shape=(every.shape[0], len(columns))
    )
    sizes = np.diff(ones.indptr)
    ours, theirs = ones[: len(train)], ones[len(train) :]
    shared = (theirs @ ours.T.tocsr()).tocoo()
    at, row = shared.coords
    jaccard = shared.data / (sizes[len(train) :][at] + sizes[row] - shared.data)
    seen = {normalise(text) for text in train}
    exact = {i for i, text in enumerate(held_out) if normalise(text) in seen}
    return exact, set(at[jaccard >= 0.8].tolist())


def read(path: Path, column: str) -> dict[int, str]:
    """A column by the line on which its row begins."""
    with path.open(newline="") as file:
        rows = csv.DictReader(file)
        texts: dict[int, str] = {}
        before = 1
        for row in rows:
            texts[before + 1] = row[column]
            before = rows.line_num
        return texts


def main() -> None:
    """Find, compare, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", type=Path, help="rows and held-out rows, as CSV")
    parser.add_argument("--columns", default="utterance,intent", help="of question and answer")
    parser.add_argument("--rows", type=int, default=8000)
    arguments = parser.parse_args()
    columns = arguments.columns.split(",")
    with tempfile.TemporaryDirectory() as home:
        train, held_out = arguments.files or make(Path(home), arguments.rows, seed=23)
        seconds, found = blocked(train, held_out, columns, home)
        lines = read(held_out, columns[0])
        numbers, asked = list(lines), list(lines.values())
        rows = list(read(train, columns[0]).values())
    exact, near = ({numbers[i] for i in some} for some in leaked(rows, asked))
    right = near | {numbers[i] for i in quoted(rows, asked)}
    print(f"{len(exact & found)} of {len(exact)} equal, {len(near & found)} of {len(near)} near,")
    print(f"{len((found & right) - near)} that quote, {len(found - right)} others; {seconds:.1f} s")
    report("leaks_found", len(near & found), len(near), 0.95, "cases", more_is_better=True)
    precision = len(right & found) / max(1, len(found))
    report("leaks_precision", precision, 1.0, 0.98, "share", more_is_better=True)


if __name__ == "__main__":
    main()

"""Rows per second and peak memory of training, against TRL or LLaMA-Factory, in one run.

Both train the embedded model with the same rows in the same order, LoRA r16 on all linear layers
from the same seed, batch 8, full precision. TRL gets the rows as tokens with their mask, so that it
trains the very same tokens; LLaMA-Factory gets them as chats and trains one token more of each
answer. Everything else is their default. The peer's environment is made for this run, unless
--environment names one. Each side runs in a process of its own, in turn. Processor time is
told beside wall time: where others compute on the same cores, it is the steadier of the two.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.figures import report
from benchmarks.training_peers import PEERS, Peer
from engine.runs.launch import LARGE_PAGES

ROOT = Path(__file__).resolve().parents[1]
MODEL = Path(os.environ.get("STROP_HOME", ROOT / ".strop")) / "models" / "smollm2-135m-instruct"
BATCH = 8
MEMORY_GOAL = 4.0
CASES = {
    "no-prompt": (0, 1, 3.0),
    "conversations": (0, 4, 3.0),
    "policy-250": (250, 1, 6.0),
    "policy-1000": (1000, 1, 15.0),
}
"""Tokens of the system prompt, turns of a row, and the goal: times the peer's rows per second."""


def rows_of(
    tokens: int, turns: int, count: int
) -> tuple[list[tuple[list[int], list[bool]]], list[dict[str, Any]]]:
    """Rows of general questions under a system prompt of so many tokens of the sample's policy.

    As tokens with what is trained of them, and as chats.
    """
    from transformers import AutoTokenizer

    from engine.records import Example, Message
    from engine.worker.rows import training_row

    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    policy = tokenizer((ROOT / "sample_data" / "awesomeshoes" / "policy.md").read_text())
    ids = policy["input_ids"]
    prompt = tokenizer.decode((ids * (tokens // len(ids) + 1))[:tokens])
    lines = (ROOT / "sample_data" / "guard.jsonl").read_text().splitlines()
    found, chats = [], []
    for start in range(0, turns * count, turns):
        # Taken in strides, so that neighbours in the file, which resemble each other, are apart.
        chosen = [lines[7 * n % len(lines)] for n in range(start, start + turns)]
        said = [message for line in chosen for message in json.loads(line)["messages"]]
        messages = tuple(Message(**message) for message in said)
        row = training_row(tokenizer, Example(messages), prompt, 100_000)
        found.append((list(row.ids), list(row.trained)))
        chats.append({"system": prompt, "messages": said})
    return found, chats


def make_environment(peer: Peer, folder: Path) -> Path:
    """A fresh environment with a peer; its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        from importlib.metadata import version

        venv.create(folder, with_pip=True)
        # Without the local part: "+cpu" is a matter of where a wheel came from.
        pinned = [f"{name}=={version(name).partition('+')[0]}" for name in peer.shared]
        pip = [str(python), "-m", "pip"]
        install = [*pip, "install", "--quiet", peer.requirement, *pinned]
        subprocess.run(install, check=True, stdout=sys.stderr)
        if peer.dropped:
            remove = [*pip, "uninstall", "--quiet", "--yes", *peer.dropped]
            subprocess.run(remove, check=True, stdout=sys.stderr)
    return python


def run_side(command: list[str], given: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What one side measured, in a process of its own."""
    question, answer = folder / "given.json", folder / "found.json"
    question.write_text(json.dumps(given))
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    noise = sys.stderr if os.environ.get("BENCH_NOISE") else subprocess.DEVNULL
    subprocess.run(
        [*command, str(question), str(answer)],
        check=True,
        env=environment,
        cwd=ROOT,
        stdout=noise,
        stderr=noise,
    )
    found: dict[str, Any] = json.loads(answer.read_text())
    for clock in ("marks", "processor"):
        marks = found[clock]
        # From one step's end to the next: the first step warms up and is not counted.
        found[clock] = statistics.median(b - a for a, b in pairwise(marks))
    return found


def matmul_rate() -> float:
    """GFLOP/s of single-precision products as large as those of a training pass."""
    code = (
        "import time, torch\n"
        "a, b = torch.randn(512, 576), torch.randn(1536, 576)\n"
        "for _ in range(20): a @ b.T\n"
        "t = time.perf_counter()\n"
        "for _ in range(200): a @ b.T\n"
        "print(200 * 2 * 512 * 576 * 1536 / (time.perf_counter() - t) / 1e9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def compare(name: str, steps: int, peer: list[str], checkpointing: bool, folder: Path) -> None:
    """One case: both sides in turn, three lines of figures."""
    tokens, turns, goal = CASES[name]
    rows, chats = rows_of(tokens, turns, BATCH * (steps + 1))
    given = {
        "model": str(MODEL),
        "rows": rows,
        "chats": chats,
        "batch": BATCH,
        "seed": 7,
        "rate": 1e-3,
        "checkpointing": checkpointing,
    }
    # As `engine.runs.launch` starts a worker; the peer starts as its users start it.
    ours_command = ["env", f"GLIBC_TUNABLES={LARGE_PAGES}", sys.executable]
    ours = run_side([*ours_command, "-m", "benchmarks.training_ours"], given, folder)
    theirs = run_side(peer, given, folder)
    apart = max(abs(a - b) for a, b in zip(ours["losses"], theirs["losses"], strict=True))
    print(f"{name}: losses of ours {[round(x, 4) for x in ours['losses']]}, apart {apart:.4f} most")
    run_tokens, rate = ours["tokens"], matmul_rate()
    # Two products forward and two back for each weight: the frozen ones get no gradient.
    floor = 4 * ours["weights"] * run_tokens / (rate * 1e9)
    print(
        f"{name}: {run_tokens:.0f} tokens run a step, {rate:.0f} GFLOP/s: {floor:.2f} s at least"
        f" for the products alone; a step took {ours['marks']:.2f} s"
    )
    report(f"training {name}", ours["marks"] / BATCH, theirs["marks"] / BATCH, goal, "s a row")
    processor = (ours["processor"] / BATCH, theirs["processor"] / BATCH)
    report(f"training {name}, processor", *processor, goal, "s a row")
    report(f"training {name}, memory", ours["peak"], theirs["peak"], MEMORY_GOAL, "bytes")


def main(arguments: list[str] | None = None) -> None:
    """Measure the cases that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3, help="steps that count, after one more")
    parser.add_argument("--case", choices=CASES, action="append", help="default: all")
    parser.add_argument("--peer", choices=PEERS, default="trl")
    parser.add_argument("--environment", type=Path, help="keep the peer's environment here")
    parser.add_argument("--peer-without-checkpointing", action="store_true")
    chosen = parser.parse_args([] if arguments is None else arguments)
    with tempfile.TemporaryDirectory() as made:
        peer = PEERS[chosen.peer]
        python = make_environment(peer, chosen.environment or Path(made) / "peer")
        for name in chosen.case or CASES:
            checkpointing = not chosen.peer_without_checkpointing
            compare(
                name, chosen.steps, [str(python), "-c", peer.program], checkpointing, Path(made)
            )


if __name__ == "__main__":
    main(sys.argv[1:])

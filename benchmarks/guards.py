"""What the guards against forgetting keep, and what they cost, on the sample session's own rows.

Each arm trains the embedded model on the same domain rows for the same epochs in a process of its
own: without a guard, with general rows mixed in, held to the base (KL), and with both. Told of
each: held-out cases answered rightly and the loss of their reference answers; how far the loss rose
on general texts that no guard row resembles, those of the forgetting suite, and on short general
answers; and the processor time of the whole training as a multiple of that without a guard, looks
not counted. Goals: held-out as without a guard, at most 0.05 nats on general texts, 1.3 times the
time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.figures import report

ROOT = Path(__file__).resolve().parents[1]
HOME = Path(os.environ.get("STROP_HOME", ROOT / ".strop"))
SESSION = "awesomeshoes-returns-and-fit"
ARMS = {
    "none": "guard_share=0,kl_share=0",
    "mixed": "guard_share=0.25,kl_share=0",
    "kl": "guard_share=0,kl_share=0.125",
    "both": "guard_share=0.125,kl_share=0.0625",
}
"""Settings of each arm, over those of the standard preset."""
MOST_NATS, MOST_TIME, LEAST_HELD_OUT = 0.05, 1.3, 1.0


def make_session(home: Path) -> None:
    """The sample session, curated, split and frozen, as its users make it."""
    (home / "models").mkdir()
    name = "smollm2-135m-instruct"
    (home / "models" / name).symlink_to((HOME / "models" / name).resolve())
    decisions = str(ROOT / "sample_data" / "awesomeshoes" / "decisions.jsonl")
    for verb in (
        ["demo", "--headless"],
        ["check", SESSION],
        ["decide", SESSION, "--from", decisions],
        ["split", SESSION],
        ["scope", "freeze", SESSION],
    ):
        command = [sys.executable, "-m", "tui.cli", *verb]
        environment = {**os.environ, "STROP_HOME": str(home)}
        subprocess.run(command, check=True, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)


def train_arm(name: str, given: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What one arm measured, in a process of its own."""
    question, answer = folder / f"{name}.given", folder / f"{name}.found"
    question.write_text(json.dumps(given))
    subprocess.run(
        [sys.executable, "-m", "benchmarks.guards_arm", str(question), str(answer)],
        check=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
        cwd=ROOT,
        stdout=sys.stderr,
        stderr=subprocess.DEVNULL if not os.environ.get("BENCH_NOISE") else None,
    )
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


def show(name: str, found: dict[str, Any]) -> None:
    """One line of the table for people."""
    rises = "  ".join(f"{k} {v:+.3f}" for k, v in found["rises"].items())
    print(
        f"{name:<12} held-out {found['right']}/{found['cases']}, loss {found['held_out']:.3f}"
        f"   {rises}   {found['batch_s']:.2f} s a batch, {found['times']:.2f} times"
        f"   {found['settings']}",
        flush=True,
    )


def tell(name: str, found: dict[str, Any], none: dict[str, Any]) -> None:
    """The lines of one guarded arm against the arm without a guard."""
    # A hair above nothing, so that two arms without a right answer are alike.
    right, known = (max(arm["right"] / arm["cases"], 1e-9) for arm in (found, none))
    report(
        f"guards {name}, held-out", right, known, LEAST_HELD_OUT, "share right", more_is_better=True
    )
    rise = max(found["rises"]["texts"], 1e-4)
    # The peer is the limit: a ratio above 1 is within it.
    report(f"guards {name}, forgetting", rise, MOST_NATS, 1.0, "nats over the base")
    # The peer is the same training without a guard, timed in turn with it.
    goal = round(1 / MOST_TIME, 3)
    report(f"guards {name}, time", found["times"], 1.0, goal, "times the processor time")


def main(arguments: list[str] | None = None) -> None:
    """Train the arms that were asked for, the one without a guard first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=64, help="domain rows")
    parser.add_argument("--epochs", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--arm", action="append", help="NAME, or NAME:key=value,key=value")
    parser.add_argument("--home", type=Path, help="a home with the sample session, frozen")
    parser.add_argument("--keep", type=Path, help="append what each arm measured to this file")
    chosen = parser.parse_args([] if arguments is None else arguments)
    with tempfile.TemporaryDirectory() as made:
        home = chosen.home or Path(made) / "home"
        if not chosen.home:
            home.mkdir()
            make_session(home)
        found = {}
        for arm in dict.fromkeys(["none", *(chosen.arm or ARMS)]):
            name, _, settings = arm.partition(":")
            given = {
                "home": str(home),
                "rows": chosen.rows,
                "epochs": chosen.epochs,
                "seed": chosen.seed,
                "settings": [s for s in (settings or ARMS.get(name, "")).split(",") if s],
            }
            found[name] = train_arm(name, given, Path(made))
            show(name, found[name])
            if chosen.keep:
                with chosen.keep.open("a") as handle:
                    handle.write(json.dumps({"arm": name, **given, **found[name]}) + "\n")
    for name, one in found.items():
        if name != "none":
            tell(name, one, found["none"])


if __name__ == "__main__":
    main(sys.argv[1:])

"""The whole road headless, by the script that users run, on the real model with a small budget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SESSION = "awesomeshoes-returns-and-fit"
BUDGET = "--preset quick --cases 40 --set guard_share=0 --set epochs=3"


def strop(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui.cli", *words],
        env={**os.environ, "STROP_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.model
@pytest.mark.slow
def test_the_sample_walks_the_whole_road_and_halves_domain_errors(
    tmp_path: Path, models: Path
) -> None:
    report = tmp_path / "report.md"
    environment = {
        **os.environ,
        "STROP": f"{sys.executable} -m tui.cli",
        "STROP_HOME": str(tmp_path),
        "STROP_MODELS": str(models),
        "STROP_REPORT": str(report),
        "STROP_TRAIN": BUDGET,
        "PYTHONPATH": str(ROOT),
    }
    walked = subprocess.run(
        ["sh", str(ROOT / "sample_data" / "road.sh")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert walked.returncode in (0, 1, 3), walked.stdout + walked.stderr
    found = json.loads(strop(tmp_path, "verdict", SESSION, "--json").stdout)
    gates = {gate["gate"]: gate for gate in found["gates"]}
    domain = gates["domain"]
    assert domain["outcome"] == "pass", domain
    assert domain["p"] < 0.05
    wrong_before = domain["n"] - right(tmp_path, "base")
    wrong_after = domain["n"] - right(tmp_path, "tuned")
    assert wrong_after <= wrong_before / 2, (wrong_before, wrong_after)
    assert all(gates[name]["n"] > 0 for name in ("capability", "compliance", "over_refusal"))
    told = report.read_text(encoding="utf-8").splitlines()
    assert "## The questions" in told
    assert sum(line.startswith("### ") for line in told) >= len(gates)


def right(home: Path, arm: str) -> int:
    """Domain cases that an arm got right, from the counts of flips."""
    printed = strop(home, "compare", SESSION, "--suite", "domain", "--json").stdout
    counts = json.loads(printed)["counts"]
    flips = {"base": ("both_right", "broken"), "tuned": ("both_right", "fixed")}
    return sum(counts[flip] for flip in flips[arm])

"""The room stays light until a figure is asked for."""

from __future__ import annotations

import subprocess
import sys

PROBE = """
import sys
import engine.evaluation.verdict, engine.evaluation.suites, engine.facts
heavy = {"scipy", "numpy", "rapidfuzz", "sqlite_utils", "torch"} & set(sys.modules)
print(sorted(heavy))
"""


def test_importing_the_verdict_imports_nothing_heavy() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"

"""Where vLLM is installed, beside strop or in an environment of its own, and which version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

VARIABLE = "STROP_VLLM"
"""Names the Python of the environment that vLLM is installed in."""
MISSING = (
    f"Install vLLM into an environment of its own and name its Python: {VARIABLE}=ENV/bin/python."
)
_VERSION = (
    "from importlib.metadata import packages_distributions as p, version as v;"
    "print(v(p()['vllm'][0]))"
)
_LIMIT_S = 60


def find_python() -> str | None:
    """The Python that has vLLM, as far as can be told without starting it; None without."""
    named = os.environ.get(VARIABLE)
    if named:
        return shutil.which(named)
    return sys.executable if find_spec("vllm") else None


def version() -> str:
    """Of the vLLM that would answer, or `not installed`."""
    python = find_python()
    if python is None:
        return "not installed"
    command = [python, "-c", _VERSION]
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_LIMIT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return "not installed"
    return asked.stdout.strip() or "not installed"

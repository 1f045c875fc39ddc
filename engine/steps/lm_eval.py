"""Starting lm_eval, a program of its own in an environment of its own, and what it wrote."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.errors import InputError, RunError
from engine.evaluation.harness import Asked, Read, read_samples, results_in
from engine.runs.folder import Job, RunFolder
from engine.steps.caching import accelerator

PROGRAM = "lm_eval"
BATCH = 8
_SAMPLES = re.compile(r"samples_(.+)_\d{4}-\d\d-\d\dT[\d.-]+\.jsonl")


class How(msgspec.Struct, frozen=True):
    """How lm_eval is started."""

    program: str = PROGRAM
    include: Path | None = None
    """A folder with task files of your own."""
    batch: int = BATCH


class Written(msgspec.Struct, frozen=True):
    """What one run of lm_eval left: the lines of each task, and versions."""

    samples: dict[str, list[Read]]
    versions: dict[str, str]
    """By task."""
    lm_eval: str


def find_program(how: How) -> str:
    """The program's path: as named, beside this Python, or on the PATH; InputError without."""
    beside = Path(sys.executable).parent / how.program
    found = shutil.which(how.program) or (shutil.which(str(beside)) if beside.exists() else None)
    if found is None:
        raise InputError(
            f"{how.program} is not installed here.",
            "Install lm-evaluation-harness into an environment of its own (pip install"
            ' "lm-eval[hf]" peft) and name its program: --program ENVIRONMENT/bin/lm_eval.',
        )
    return found


def model_options(folder: RunFolder, arm: str, how: How) -> list[str]:
    """The model as strop loads it: same weights, precision and, for tuned, adapter."""
    job = folder.job()
    parts = {"pretrained": job.model, "dtype": precision(job)}
    if job.recipe.quantization != "none":
        raise InputError(
            f"Run {job.run} holds its base in {job.recipe.quantization}: lm_eval would answer with"
            " other weights.",
            "Answer where it can be loaded so, and import the samples: strop answer --from.",
        )
    if arm == "tuned":
        parts["peft"] = str(folder.adapter)
    odd = next((value for value in parts.values() if "," in value or "=" in value), None)
    if odd is not None:
        raise InputError(
            f"lm_eval cannot be given {odd!r}: it parts its arguments at , and =.",
            "Move it to a folder without them.",
        )
    arguments = ",".join(f"{name}={value}" for name, value in parts.items())
    device = "cuda:0" if accelerator() == "cuda" else "cpu"
    return [
        *("--model", "hf"),
        *("--model_args", arguments),
        *("--device", device),
        *("--batch_size", str(how.batch)),
    ]


def precision(job: Job) -> str:
    """`float32` or `bfloat16`, by the recipe; left open, by the device, as the worker does."""
    said = job.recipe.precision
    half = said == "bf16" or (said == "auto" and accelerator() == "cuda")
    return "bfloat16" if half else "float32"


def asking_options(tasks: str, asked: Asked, how: How, limit: int | None) -> list[str]:
    """Which tasks, and how they are put."""
    return [
        *("--tasks", tasks),
        *(("--include_path", str(how.include)) if how.include is not None else ()),
        *(("--num_fewshot", str(asked.fewshot)) if asked.fewshot is not None else ()),
        *(("--apply_chat_template",) if asked.chat else ()),
        *(("--limit", str(limit)) if limit is not None else ()),
    ]


def evaluate(program: str, options: Iterable[str], into: Path) -> Written:
    """Run lm_eval to its end; RunError with its last word when it fails."""
    into.mkdir(parents=True, exist_ok=True)
    command = [program, *options, "--log_samples", "--output_path", str(into)]
    log = into / "lm-eval.log"
    try:
        with log.open("wb") as out:
            status = subprocess.run(command, stdout=out, stderr=out, check=False).returncode
    except OSError as error:
        raise RunError(f"{program} cannot be started: {error.strerror}.", "") from error
    if status:
        said = log.read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line.strip() for line in reversed(said) if line.strip()), "nothing")
        raise RunError(f"lm_eval ended with {status}: {last[:400]}", f"Asked was: {command[1:]}")
    return _written(into)


def _written(into: Path) -> Written:
    results = [r for f in into.rglob("results_*.json") if (r := results_in(f.read_bytes()))]
    samples = {
        named[1]: read_samples(file.read_bytes(), file.name)
        for file in sorted(into.rglob("samples_*.jsonl"))
        if (named := _SAMPLES.fullmatch(file.name))
    }
    versions = {task: str(v) for r in results for task, v in r.versions.items()}
    return Written(samples, versions, results[0].lm_eval_version if results else "unknown")

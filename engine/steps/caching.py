"""The cache of base answers: measured once, used by every later run with the same question."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from engine.recipe import Recipe
from engine.records import Answer, Case, Suite
from engine.runs.folder import Job
from engine.store import runs
from engine.workspace import Workspace

CACHED_ARMS = ("base", "prompted")
GENERATION = "greedy-2"
"""Version of how answers are generated and scored; a new one makes old answers unusable."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def known_answers(workspace: Workspace, job: Job, suites: Iterable[Suite]) -> list[Answer]:
    """Answers of the untrained arms that earlier runs have given to the same questions."""
    keys = {
        key: (suite.name, case.id, arm)
        for arm in job.arms
        if arm in CACHED_ARMS
        for suite in suites
        for case, key in _keys(job, suite, arm)
    }
    found = runs.remembered_answers(workspace.store, list(keys))
    return [
        msgspec.structs.replace(answer, suite=keys[key][0], case=keys[key][1], arm=keys[key][2])
        for key, answer in found.items()
    ]


def remember(
    workspace: Workspace, job: Job, suites: Iterable[Suite], answers: Iterable[Answer]
) -> None:
    """Put the untrained arms' answers of a run into the cache."""
    by_case = {(a.suite, a.case, a.arm): a for a in answers if a.repeat == 0}
    keyed = [
        (key, by_case[suite.name, case.id, arm])
        for suite in suites
        for arm in job.arms
        if arm in CACHED_ARMS
        for case, key in _keys(job, suite, arm)
        if (suite.name, case.id, arm) in by_case
    ]
    runs.remember_answers(workspace.store, keyed)


def _keys(job: Job, suite: Suite, arm: str) -> Iterator[tuple[Case, str]]:
    """The cache key of each case: whatever decides the answer goes in, nothing else."""
    prompt = job.policy_prompt if arm == "prompted" else job.system_prompt
    common = [
        GENERATION,
        model_identity(job.model),
        weights_as(job.recipe),
        accelerator(),
        prompt if suite.system_prompt else "",
        suite.max_new_tokens,
        job.versions,
    ]
    for case in suite.cases:
        asked = [case.messages, case.choices, case.text, case.reference]
        yield case, hashlib.sha256(msgspec.json.encode([common, asked], order="sorted")).hexdigest()


def model_identity(model: str) -> list[str | int]:
    """What tells one model from another without reading its weights: names, sizes, times."""
    folder = Path(model)
    if not folder.is_dir():
        return [model]
    files = sorted(f for f in folder.iterdir() if f.is_file())
    return [part for f in files for part in (f.name, f.stat().st_size, f.stat().st_mtime_ns)]


def weights_as(recipe: Recipe) -> str:
    """In what the base's weights are held: it decides what the base answers."""
    return recipe.precision if recipe.quantization == "none" else recipe.quantization


def accelerator() -> str:
    """`cuda` or `cpu`: answers of one are not bit-equal to those of the other."""
    return "cuda" if Path("/dev/nvidia0").exists() else "cpu"

"""Verdicts of earlier runs, kept beside each run until anything that they rest on changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec

from engine.evaluation.assertions import SCORER_VERSION
from engine.evaluation.gates import GateOutcome
from engine.evaluation.verdict import Verdict, VerdictName
from engine.runs.folder import RunFolder, write_atomically
from engine.runs.versions import versions
from engine.scope import scope_hash
from engine.store import choices, runs, verdicts
from engine.store.runs import Run
from engine.store.sessions import Session
from engine.workspace import Workspace

FILE = "verdict.json"
"""In the run folder; whoever removes it loses a few tenths of a second."""


class Remembered(msgspec.Struct, frozen=True):
    """What the gates said, and of what."""

    key: str
    verdict: VerdictName
    outcomes: dict[str, GateOutcome]
    """By gate."""
    finding: str


def recall(
    workspace: Workspace, session: Session, run: Run, judge: Callable[[], Verdict]
) -> Remembered:
    """The verdict of a run: as it was said last, or judged and kept when anything has changed."""
    folder = RunFolder(runs.folder_of(run, workspace.runs))
    key = _key(workspace, session, run)
    with suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
        kept = msgspec.json.decode((folder.path / FILE).read_bytes(), type=Remembered)
        if kept.key == key:
            return kept
    found = judge()
    said = Remembered(
        # Judging takes answers over, which is part of the key.
        key=_key(workspace, session, run),
        verdict=found.verdict,
        outcomes={gate.gate: gate.outcome for gate in found.gates},
        finding=found.gates[0].brief,
    )
    with suppress(OSError):
        write_atomically(folder.path / FILE, msgspec.json.encode(said))
    return said


def _key(workspace: Workspace, session: Session, run: Run) -> str:
    """Over everything that a verdict rests on, without reading an answer."""
    store = workspace.store
    people = [*verdicts.rulings(store, run.id), *verdicts.waivers(store, run.id)]
    rests_on = [
        (SCORER_VERSION, versions()["strop"], date.today().isoformat()),
        scope_hash(session.scope),
        runs.stamp(store, run.id),
        people,
        choices.last(store, run.id),
        list(_files(workspace, session, run)),
    ]
    return hashlib.sha256(msgspec.json.encode(rests_on)).hexdigest()


def _files(workspace: Workspace, session: Session, run: Run) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of each file of the run and of its answer runs that is judged by."""
    for one in runs.every(workspace.store, session.id):
        if run.id in (one.id, one.parent):
            folder = RunFolder(runs.folder_of(one, workspace.runs))
            listed = (folder.job_file, folder.answers_file, *sorted(folder.data.rglob("*")))
            yield from (_stat(file) for file in listed if file.is_file())


def _stat(file: Path) -> tuple[str, int, int]:
    found = file.stat()
    return file.name, found.st_size, found.st_mtime_ns

"""The rows that a training run is given: accepted examples by part, and the general rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

import msgspec

from engine.records import Example
from engine.runs.folder import RunFolder, read_lines, write_lines
from engine.store import examples
from engine.workspace import Workspace

Part = Literal["train", "validation"]
PARTS: tuple[Part, ...] = ("train", "validation")


def accepted(workspace: Workspace, session_id: int) -> dict[Part, list[Example]]:
    """Accepted examples of the two parts that training may see, in order of arrival."""
    found = examples.every(workspace.store, session_id, "accepted")
    return {part: [s.example for s in found if s.part == part] for part in PARTS}


def guard_rows() -> list[Example]:
    """The general rows that ship with strop, against forgetting."""
    from sample_data import FOLDER

    return list(read_lines(FOLDER / "guard.jsonl", Example))


def write_rows(workspace: Workspace, session_id: int, folder: RunFolder) -> None:
    """Put every row that a run may see into its folder."""
    for part, found in accepted(workspace, session_id).items():
        write_lines(folder.data / f"{part}.jsonl", found)
    write_lines(folder.data / "guard.jsonl", guard_rows())


def rows_hash(rows: Iterable[Example]) -> str:
    """SHA-256 of rows as their file in a run folder has it, 64 hex digits."""
    encoder, digest = msgspec.json.Encoder(), hashlib.sha256()
    for row in rows:
        digest.update(encoder.encode(row) + b"\n")
    return digest.hexdigest()

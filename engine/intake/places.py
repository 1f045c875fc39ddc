"""Where rows come from: a file, a sheet of a workbook, a split of a folder or of the hub."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from engine.errors import IntakeError
from engine.intake.lines import open_bytes

HUB = "hf:"
_BLOCK = 1 << 20


class Place(msgspec.Struct, frozen=True):
    """What was named, found on the disk."""

    path: Path
    """The file; of a dataset in several files the first."""
    files: tuple[Path, ...]
    name: str
    """As it is kept with its rows: `chats.jsonl`, `book.xlsx:Sheet2`, `folder:train`."""
    part: str = ""
    """The sheet or split that was named."""


def locate(path: Path) -> Place:
    """Find `FILE`, `FILE:SHEET`, `FOLDER`, `FOLDER:SPLIT` or `hf:OWNER/NAME[:SPLIT]`.

    Raises IntakeError when nothing is there, or when a part has to be named.
    """
    if str(path).startswith(HUB):
        return _on_the_hub(str(path).removeprefix(HUB))
    whole, part = _parted(path)
    if not whole.exists():
        raise IntakeError(f"{path}: there is no such file.", "Check the name.")
    if whole.is_dir():
        return _in_folder(whole, whole.resolve().name, part)
    return Place(whole, (whole,), f"{whole.name}:{part}" if part else whole.name, part)


def digest(place: Place) -> str:
    """SHA-256 of what the files hold, unpacked, and of the part: equal for a renamed copy.

    Raises IntakeError when a file cannot be read.
    """
    made = hashlib.sha256()
    for file in place.files:
        with open_bytes(file) as stream:
            try:
                while block := stream.read(_BLOCK):
                    made.update(block)
            # Damage is told by the reader, with its line; up to there the content is the content.
            except OSError:
                made.update(b"damaged")
    made.update(place.part.encode("utf-8", "surrogateescape"))
    return made.hexdigest()


def _parted(path: Path) -> tuple[Path, str]:
    """A file or folder, and the part named after its last colon."""
    text = str(path)
    whole, colon, part = text.rpartition(":")
    if path.exists() or not colon or not whole or not Path(whole).exists():
        return path, ""
    return Path(whole), part


def _in_folder(folder: Path, name: str, part: str) -> Place:
    from engine.intake.folders import find_splits

    splits = find_splits(folder)
    if not splits:
        raise IntakeError(
            f"{folder}: this is a folder without a dataset.",
            "Name the files in it, or a folder that `save_to_disk` wrote.",
        )
    if not part and len(splits) == 1:
        part = next(iter(splits))
        return Place(splits[part][0], splits[part], name)
    if part not in splits:
        listed = ", ".join(f"{s} ({len(files)} files)" for s, files in splits.items())
        what = f"has no split {part!r}" if part else "has several splits"
        raise IntakeError(f"{name} {what}: {listed}.", f"Name one: {name}:{next(iter(splits))}")
    return Place(splits[part][0], splits[part], f"{name}:{part}", part)


def _on_the_hub(named: str) -> Place:
    from engine.intake.hub import fetch

    repository, _, part = named.partition(":")
    return _in_folder(fetch(repository), f"{HUB}{repository}", part)

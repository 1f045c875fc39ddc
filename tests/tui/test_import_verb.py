"""`strop import`: a preview, sums by rule, progress on standard error, objects for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.intake.files import PACKED, saved_dataset, workbook
from tui.cli import main
from tui.verbs import importing


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STROP_HOME", str(tmp_path / "home"))
    (tmp_path / "scope.toml").write_text('name = "Shop"\ntask = "Answer."\n')
    assert main(["new", "shop", "--scope", str(tmp_path / "scope.toml")]) == 0
    return tmp_path


def test_a_preview_shows_rows_mapping_and_sums_and_imports_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("frage", "antwort"), ("Wie lange?", "45 Tage"), (None, " ")]
    book = workbook(home / "b.xlsx", Eins=rows)
    mapped = ["--map", "prompt=frage", "--map", "answer=antwort"]
    capsys.readouterr()
    assert main(["import", "shop", str(book), "--preview", *mapped]) == 0
    said = capsys.readouterr().out
    assert "(pairs): 2 rows = 1 accepted + 0 quarantined + 1 skipped (1 empty row) + 0" in said
    assert "  prompt=frage answer=antwort\n  b.xlsx:2\n    customer  Wie lange?\n" in said
    assert main(["import", "shop", str(book), "--preview", "--json", *mapped]) == 0
    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert found["skipped_as"] == {"empty row": 1}
    assert found["mapping"] == {"prompt": "frage", "answer": "antwort"}
    assert main(["import", "shop", str(book), *mapped, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accepted"] == 1


def test_sums_of_several_files_add_up_and_name_the_rules(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = home / "a.jsonl"
    plain.write_text('{"prompt": "q", "chosen": "a", "rejected": "b"}\n\n{"prompt": "q"}\n')
    packed = home / "b.zst"
    packed.write_bytes(PACKED["zst"](plain.read_bytes()))
    folder = saved_dataset(home / "d", [{"prompt": "q2", "completion": "a"}])
    capsys.readouterr()
    files = [str(plain), str(packed), str(folder)]
    assert main(["import", "shop", *files]) == 0
    said = capsys.readouterr().out
    assert "a.jsonl (preference): 3 rows = 1 accepted + 1 quarantined + 1 skipped" in said
    assert "1 skipped (1 blank line) + 0 there already" in said
    assert "the same content came in as a.jsonl" in said
    assert "d (pairs): 1 rows = 1 accepted" in said
    assert main(["import", "shop", *files, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["duplicates_of_earlier"], found["accepted"]) == (7, 3, 0)
    assert found["files"][1]["same_as"] == "a.jsonl"


def test_a_long_import_says_how_far_it_is_on_standard_error(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_EVERY_S", 0.0)
    monkeypatch.setattr("engine.steps.importing._EVERY_S", 0.0)
    path = home / "a.csv"
    path.write_text("question,answer\n" + "q,a\n" * 1500)
    capsys.readouterr()
    assert main(["import", "shop", str(path)]) == 0
    said = capsys.readouterr()
    assert said.err == (
        "a.csv: 1,000 rows read\na.csv: 1,500 rows read\na.csv: 1,500 of 1,500 rows written\n"
    )
    assert said.out.startswith("a.csv (pairs): 1500 rows = 1500 accepted")
    assert main(["import", "shop", str(path), "--json"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.xlsx", "no such file"),
        ("hf:a/b/c", "no name of a dataset"),
        ("d", "without a dataset"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_a_remedy(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    words: str,
) -> None:
    monkeypatch.chdir(home)
    (home / "d").mkdir()
    capsys.readouterr()
    for extra in ([], ["--preview"]):
        assert main(["import", "shop", name, *extra]) == 2
        said = capsys.readouterr()
        assert words in said.err
        assert said.err.count("\n") == 1
        assert said.out == ""

"""`strop check`: one check of several, what a scope leaves out, and what is printed as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.cli import main

SCOPE = """name = "Shop"
task = "Answer."
intents = [{ name = "returns", target = 1, keywords = ["return"] }]

[[rules]]
id = "R1"
title = "Window"
text = "Shoes can be returned within 45 days."
entity = "shoes"
facts = ["45 days"]
keywords = ["return"]
"""
ROWS = (
    ("how long to return shoes?", "Shoes can be returned within 30 days."),
    ("may I return shoes? mail me at ann@mail.example", "Yes, within 45 days."),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STROP_HOME", str(tmp_path))
    monkeypatch.delenv("STROP_MODELS", raising=False)
    return tmp_path


def start(home: Path, scope: str = SCOPE) -> None:
    (home / "scope.toml").write_text(scope)
    lines = [json.dumps({"prompt": q, "completion": a}) for q, a in ROWS]
    (home / "rows.jsonl").write_text("\n".join(lines))
    assert main(["new", "shop", "--scope", str(home / "scope.toml")]) == 0
    assert main(["import", "shop", str(home / "rows.jsonl")]) == 0


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, int]:
    capsys.readouterr()
    assert main(["check", "shop", "--json", *arguments]) == 0
    found: dict[str, int] = json.loads(capsys.readouterr().out)["counts"]
    return found


def test_one_check_runs_alone_and_leaves_the_findings_of_the_others(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start(home)
    everything = checked(capsys)
    assert everything["contradiction"] == everything["personal_data"] == 1
    assert checked(capsys, "--only", "contradiction") == {"contradiction": 1}
    two = checked(capsys, "--only", "contradiction", "--only", "personal_data")
    assert two == {"contradiction": 1, "personal_data": 1}


def test_a_check_that_the_scope_turns_off_does_not_run(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start(home, SCOPE + "\n[checks.personal_data]\non = false\n")
    assert "personal_data" not in checked(capsys)


def test_a_model_that_is_not_here_is_said_by_the_template_check(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start(home)
    capsys.readouterr()
    assert main(["check", "shop", "--only", "template"]) == 0
    assert "smollm2-135m-instruct is not on this machine" in capsys.readouterr().out


def test_a_check_that_does_not_exist_is_refused_with_those_that_do(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start(home)
    assert main(["check", "shop", "--only", "speling"]) == 2
    said = capsys.readouterr().err
    assert "speling" in said
    assert "contradiction" in said

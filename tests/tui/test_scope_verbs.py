"""The verbs of the scope and of the plan, as a script calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.scope import Scope, from_toml, to_toml
from engine.steps import scope as scope_step
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import small_scope
from tui.cli import main


class Line:
    """A command line on a store of its own."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capsys = capsys

    def __call__(self, *words: str, status: int = 0) -> str:
        """What a verb prints; what it complains of, for another status than 0."""
        found = main(["--home", str(self.home), "--who", "ines", *words])
        said = self._capsys.readouterr()
        assert found == status, said.err
        return said.err if status == 2 else said.out

    def read(self, *words: str, status: int = 0) -> Any:
        """The object that it prints for scripts."""
        return json.loads(self(*words, "--json", status=status))

    @property
    def scope(self) -> Scope:
        """The scope as the store has it."""
        workspace = Workspace(self.home)
        found = sessions.get(workspace.store, "small-shop").scope
        workspace.store.close()
        return found


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    path = write(tmp_path / "shop.toml", small_scope())
    made = Line(tmp_path / "home", capsys)
    made("new", "Small shop", "--scope", str(path))
    return made


def write(path: Path, scope: Scope) -> Path:
    path.write_text(to_toml(scope), encoding="utf-8")
    return path


def longer(days: int = 60) -> Scope:
    rule = small_scope().rules[0]
    return scope_step.with_rule(small_scope(), replace(rule, facts=(f"{days} days",)))


def test_a_scope_goes_out_and_comes_back_as_it_was(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "out.toml"
    line("scope", "export", "small-shop", "-o", str(path))
    assert from_toml(path.read_text(encoding="utf-8")) == small_scope()
    assert line.read("scope", "import", "small-shop", "--from", str(path)) == {"changed": []}
    write(path, longer())
    found = line.read("scope", "import", "small-shop", "--from", str(path))
    assert found == {"changed": ["rule R01"]}
    assert line.scope == longer()


def test_a_diff_shows_what_a_file_would_change_and_changes_nothing(
    line: Line, tmp_path: Path
) -> None:
    same, other = write(tmp_path / "a.toml", small_scope()), write(tmp_path / "b.toml", longer())
    assert line("scope", "diff", "small-shop", "--from", str(same)) == ""
    shown = line("scope", "diff", "small-shop", "--from", str(other), status=1)
    assert '-    "45 days",' in shown
    assert '+    "60 days",' in shown
    assert line.read("scope", "diff", "small-shop", "--from", str(other), status=1) == {
        "changed": ["rule R01"]
    }
    assert line.scope == small_scope()


def test_show_says_what_is_missing_and_what_speaks_against_training(line: Line) -> None:
    shown = line("scope", "show", "small-shop")
    assert "# think: There is one rule only, R01." in shown
    assert "#   instead: Put it into the prompt" in shown
    found = line.read("scope", "show", "small-shop")
    assert (found["missing"], found["notes"], found["frozen_at"]) == ([], [], None)
    assert [a["topic"] for a in found["advice"]] == ["unknown_changes", "one_rule", "no_examples"]


def test_an_import_after_the_freeze_is_an_amendment_and_needs_a_reason(
    line: Line, tmp_path: Path
) -> None:
    path = write(tmp_path / "b.toml", longer())
    line("scope", "freeze", "small-shop")
    said = line("scope", "import", "small-shop", "--from", str(path), status=2)
    assert "an amendment: give a reason" in said
    assert line.scope == small_scope()
    line("scope", "import", "small-shop", "--from", str(path), "--reason", "the law changed")
    assert line.scope == longer()


def test_a_second_freeze_changes_nothing_where_no_suite_was_changed(line: Line) -> None:
    line("scope", "freeze", "small-shop")
    said = line("scope", "freeze", "small-shop", "--reason", "why not", status=2)
    assert "The scope was frozen on" in said


def test_a_bad_file_is_named_with_its_line_and_changes_nothing(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('name = "Small shop"\ntsk = "x"\n', encoding="utf-8")
    for words in (("scope", "import", "small-shop", "--from"), ("new", "Other", "--scope")):
        said = line(*words, str(path), status=2)
        assert f"{path}, line 2: Object contains unknown field `tsk`" in said
    assert line.scope == small_scope()


def test_an_editor_that_fails_or_is_not_there_loses_nothing(
    line: Line, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("VISUAL", raising=False)
    for editor, says in (("no-such-editor", "No such file"), ("false", "ended with status 1")):
        monkeypatch.setenv("EDITOR", editor)
        said = line("scope", "edit", "small-shop", status=2)
        assert says in said
        assert Path(said.partition("Your text is kept in ")[2].strip().rstrip(".")).exists()
    monkeypatch.setenv("EDITOR", "sed -i 's/45 days/60 days/'")
    assert "Changed: rule R01" in line("scope", "edit", "small-shop")


def test_the_plan_of_a_session_says_what_its_cases_show(line: Line) -> None:
    assert "There is no held-out case yet" in line("plan", "small-shop")
    assert line.read("plan", "small-shop")["plan"]["cases"] == 0


def test_so_many_cases_are_said_to_show_so_much(line: Line) -> None:
    given = ("plan", "--base-error", ".30", "--tuned-error", ".15")
    assert "80 cases show errors falling from 30% to 15%" in line(*given)
    shown = line(*given, "--cases", "50")
    assert "50 cases can never pass a margin of 5% without fixes: 52 can." in shown
    assert "50 cases show a fall to 11% or less from 30%" in shown
    shown = line(*given, "--cases", "150", "--margin", "3%")
    assert "150 cases pass a margin of 3% with 1 regression and no fix" in shown
    found = line.read(*given, "--cases", "150")["with_cases"]
    assert found["tuned_error_shown"] == 0.19
    assert 0.9 < found["chance_to_show"] < 1


def test_a_plan_of_nothing_is_refused(line: Line) -> None:
    assert "plan needs a session" in line("plan", status=2)
    given = ("plan", "--base-error", ".30", "--tuned-error", ".15")
    assert "0 cases show nothing" in line(*given, "--cases", "0", status=2)
    assert "are no reduction" in line("plan", "--base-error", ".1", "--tuned-error", ".2", status=2)
    shown = line("plan", "--base-error", ".30", "--tuned-error", ".25")
    assert "No number of cases shows errors falling from 30% to 25%: they fall by 17%" in shown

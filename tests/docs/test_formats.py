"""Every example of docs/formats.md is decoded by the code that reads users' files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from engine.evaluation import own_checks
from engine.evaluation.assertions import require_valid
from engine.evaluation.gates import GateResult
from engine.evaluation.own_checks import Question, read_checks
from engine.evaluation.samples import AnswerLine, read_line
from engine.evaluation.suites import SuiteHeader, find_problem, load_suite
from engine.intake import Accepted, Mapping, detect, read
from engine.intake.outcomes import FORMATS, SkipRule
from engine.recipe import Recipe
from engine.records import Answer, Assertion, AssertionKind, Case, Finding
from engine.scope import Cadence, Criteria, Intent, Person, Rule, Scope, Trigger, from_toml
from engine.steps.filed import FiledDecision
from engine.steps.intake import Imported
from engine.steps.sessions import SessionLine
from engine.steps.split import SplitMade
from engine.steps.status import RunLine
from engine.store.decisions import REASONS
from engine.store.sources import Counts, Refused
from tests.docs.reading import ROOT, blocks, first_cells, section, tagged
from tui.actions import read_keymap
from tui.cli import main
from tui.verbs.verdict import FiledRuling

FORMATS_PAGE = ROOT / "docs" / "formats.md"
ENDINGS = {"jsonl": "jsonl", "csv": "csv", "text": "txt", "markdown": "md"}
READ_HERE = {
    *("scope", "assertion", "case", "suite", "own-checks", "answer", "decision", "ruling", "keys"),
    *FORMATS,
}
OUTPUTS: dict[str, dict[str, type[msgspec.Struct]]] = {
    "check": {"findings": Finding},
    "sessions": {"sessions": SessionLine},
    "status": {"runs": RunLine},
    "verdict": {"gates": GateResult},
    "import": {"files": Imported},
}
"""Outputs whose lists hold structs, by the name of the list."""


def lines(tag: str) -> list[str]:
    return [line for text in tagged(FORMATS_PAGE, tag) for line in text.splitlines()]


def output(verb: str) -> dict[str, Any]:
    (text,) = tagged(FORMATS_PAGE, f"output-{verb}")
    found: dict[str, Any] = json.loads(text)
    return found


def test_every_example_has_a_reader_here() -> None:
    tags = {block.tag for block in blocks(FORMATS_PAGE)}
    assert {tag for tag in tags if not tag.startswith("output-")} == READ_HERE


def test_the_scope_uses_every_field_and_can_be_frozen() -> None:
    (text,) = tagged(FORMATS_PAGE, "scope")
    scope = from_toml(text)
    assert all(getattr(scope, name) for name in Scope.__struct_fields__)
    assert all(getattr(scope.rules[0], name) for name in Rule.__struct_fields__)
    assert all(getattr(scope.cadence, name) for name in Cadence.__struct_fields__)


@pytest.mark.parametrize(
    ("title", "structs"),
    [
        ("Scope", (Scope, Intent, Rule, Criteria, Cadence, Trigger, Person)),
        ("Assertions", (Assertion,)),
        ("Held-out cases", (Case,)),
        ("Suites", (SuiteHeader,)),
        ("Answers", (AnswerLine,)),
        ("Decisions", (FiledDecision,)),
        ("Rulings", (FiledRuling,)),
        ("Settings of a run", (Recipe,)),
        ("Files to import", (Mapping,)),
    ],
)
def test_each_section_lists_exactly_the_fields_there_are(
    title: str, structs: tuple[type[msgspec.Struct], ...]
) -> None:
    listed = first_cells(section(FORMATS_PAGE, title))
    wanted = [name for struct in structs for name in struct.__struct_fields__]
    if title == "Assertions":
        wanted += get_args(AssertionKind)
    assert sorted(listed) == sorted(wanted)


def test_the_defaults_of_criteria_and_settings_are_those_of_the_code() -> None:
    page = section(FORMATS_PAGE, "Scope") + section(FORMATS_PAGE, "Settings of a run")
    for struct in (Criteria(), Recipe()):
        for name in struct.__struct_fields__:
            (row,) = [r for r in page.splitlines() if r.startswith(f"| `{name}` | ")]
            default = row.split(" | ")[1]
            value = getattr(struct, name)
            assert default == str(value) or float(default) == value, row


def test_every_kind_of_assertion_has_an_example_that_is_valid() -> None:
    found = [msgspec.json.decode(line, type=Assertion) for line in lines("assertion")]
    for assertion in found:
        require_valid(assertion)
    assert [assertion.kind for assertion in found] == list(get_args(AssertionKind))


@pytest.mark.parametrize("name", FORMATS)
def test_each_import_example_is_detected_and_accepted_whole(name: str, tmp_path: Path) -> None:
    (block,) = [b for b in blocks(FORMATS_PAGE) if b.tag == name]
    path = tmp_path / f"example.{ENDINGS[block.language]}"
    path.write_text(block.text, encoding="utf-8")
    assert detect(path) == name
    outcomes = list(read(path))
    assert outcomes
    assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes


def test_every_rule_by_which_a_row_is_skipped_is_explained() -> None:
    page = section(FORMATS_PAGE, "Files to import")
    assert all(f"| {rule} | " in page for rule in get_args(SkipRule))


def test_the_cases_are_of_the_three_shapes_and_usable() -> None:
    found = [msgspec.json.decode(line, type=Case) for line in lines("case")]
    assert [bool(c.assertions) for c in found] == [True, False, False]
    assert [bool(c.choices) for c in found] == [False, True, False]
    assert [bool(c.text) for c in found] == [False, False, True]
    assert [find_problem(case) for case in found] == [None, None, None]


def test_the_suite_can_be_loaded(tmp_path: Path) -> None:
    (text,) = tagged(FORMATS_PAGE, "suite")
    path = tmp_path / "shop-facts.jsonl"
    path.write_text(text, encoding="utf-8")
    assert load_suite(path).name == "shop-facts"


def test_answers_decode_and_fit_the_cases_shown() -> None:
    cases = {c.id: c for c in (msgspec.json.decode(line, type=Case) for line in lines("case"))}
    for line in lines("answer"):
        given = msgspec.json.decode(line, type=AnswerLine)
        assert isinstance(read_line(given, "domain", cases[given.case], "server"), Answer)


def test_the_own_check_shown_runs(tmp_path: Path) -> None:
    (text,) = tagged(FORMATS_PAGE, "own-checks")
    path = tmp_path / "checks.py"
    path.write_text(text, encoding="utf-8")
    asked = [Question("polite", answer, "", "") for answer in ("Please do.", "Do.")]
    assert [o.reason for o in own_checks.run(read_checks(path), asked)] == ["", "says no please"]


def test_decisions_and_rulings_decode_and_their_words_are_all_named() -> None:
    decisions = [msgspec.json.decode(line, type=FiledDecision) for line in lines("decision")]
    assert {d.decision for d in decisions} == {"accept", "reject", "later"}
    page = section(FORMATS_PAGE, "Decisions")
    assert all(f"`{reason}`" in page for reason, _ in REASONS)
    rulings = [msgspec.json.decode(line, type=FiledRuling) for line in lines("ruling")]
    assert {r.ruling for r in rulings} == {"acceptable", "regression"}


def test_the_keymap_is_read(tmp_path: Path) -> None:
    (text,) = tagged(FORMATS_PAGE, "keys")
    path = tmp_path / "keys.toml"
    path.write_text(text, encoding="utf-8")
    assert read_keymap(path) == {"app.help": ("H",), "go.back": ("escape", "backspace")}


@pytest.mark.parametrize("verb", OUTPUTS)
def test_objects_in_outputs_have_the_fields_of_the_code(verb: str) -> None:
    for name, struct in OUTPUTS[verb].items():
        for shown in output(verb)[name]:
            msgspec.convert(shown, struct)
            assert set(shown) <= set(struct.__struct_fields__)


def test_the_counts_of_an_import_add_up_in_the_example_too() -> None:
    shown = output("import")
    counts = msgspec.convert({n: shown[n] for n in Counts.__struct_fields__}, Counts)
    parts = (counts.accepted, counts.quarantined, counts.skipped, counts.duplicates_of_earlier)
    assert counts.rows == sum(parts)
    assert set(shown["files"][0]["refused"][0]) == set(Refused.__struct_fields__)


def test_the_split_is_what_the_verb_prints() -> None:
    assert msgspec.to_builtins(msgspec.convert(output("split"), SplitMade)) == output("split")


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("stats", ("stats", "paired", "--n", "21", "--regressions", "7", "--fixes", "1")),
        ("plan", ("plan", "--base-error", "20%", "--tuned-error", "10%")),
    ],
)
def test_figures_shown_are_what_the_command_computes(
    verb: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--home", str(tmp_path), *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    shown = output(verb)
    assert shown.keys() == found.keys()
    assert all(shown[name] == pytest.approx(found[name]) for name in shown)


def test_the_road_prints_the_objects_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    home = ["--home", str(tmp_path)]
    slug = output("demo")["session"]
    decisions = ROOT / "sample_data" / "awesomeshoes" / "decisions.jsonl"
    road: dict[str, tuple[str, ...]] = {
        "demo": ("demo", "--headless"),
        "decide": ("decide", slug, "--from", str(decisions)),
        "split": ("split", slug),
        "freeze": ("scope", "freeze", slug),
        "sessions": ("sessions",),
    }
    found: dict[str, Any] = {}
    for verb, words in road.items():
        assert main([*home, *words, "--json"]) == 0
        found[verb] = json.loads(capsys.readouterr().out)
    for verb in ("demo", "decide", "split"):
        assert found[verb] == output(verb)
    assert found["freeze"].keys() == output("freeze").keys()
    (line,), (shown,) = found["sessions"]["sessions"], output("sessions")["sessions"]
    assert line.keys() == shown.keys()

"""A suite is one file that diffs well, and every mistake in it names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InputError, NotFoundError
from engine.evaluation.suites import headroom, load_suite, save_suite, suite_hash
from engine.records import Assertion, Case, Message, Suite

ASK = (Message("user", "What is 2 + 2?"),)
SUITE = Suite(
    name="general",
    gate="capability",
    version="1",
    cases=(
        Case("a", ASK, assertions=(Assertion("number", 4),)),
        Case("b", ASK, choices=("3", "vier\u2028é"), correct=1, cluster="sums"),
        Case("c", text="The tide comes in twice a day."),
    ),
    title="General ability",
    chance=0.25,
)
HEADER = '{"name":"general","gate":"capability","version":"1"}'
CASE = '{"id":"a","messages":[{"role":"user","content":"Hi"}]}'


def test_a_saved_suite_is_read_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "general.jsonl"
    save_suite(SUITE, path)
    assert load_suite(path) == SUITE
    assert suite_hash(load_suite(path)) == suite_hash(SUITE)
    assert len(path.read_bytes().rstrip(b"\n").split(b"\n")) == 4


def test_the_hash_changes_with_any_case(tmp_path: Path) -> None:
    changed = Suite(SUITE.name, SUITE.gate, SUITE.version, SUITE.cases[:2])
    assert suite_hash(changed) != suite_hash(SUITE)


def test_a_suite_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="absent"):
        load_suite(tmp_path / "absent.jsonl")


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        ([], ":1: is empty"),
        ([HEADER], ":1: has a header and no case"),
        (['{"name":"x"}', CASE], ":1: .*gate"),
        ([HEADER.replace("capability", "beauty"), CASE], ":1: .*beauty"),
        ([HEADER, CASE, "", "{"], ":4: "),
        ([HEADER, CASE, CASE], ":3: case a stands on line 2 already"),
        ([HEADER, '{"id":"a","colour":"red"}'], ":2: .*colour"),
        ([HEADER, '{"id":"a"}'], ":2: case a does not end with a user turn"),
        ([HEADER, CASE[:-1] + ',"choices":["x"],"correct":1}'], ":2: case a has 1 choices"),
        ([HEADER, CASE[:-1] + ',"choices":["x"],"correct":0,"text":"y"}'], ":2: case a mixes"),
        ([HEADER, CASE[:-1] + ',"assertions":[{"kind":"regex","value":"("}]}'], ":2: case a: "),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, lines: list[str], where: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=where):
        load_suite(path)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        load_suite(path)


@pytest.mark.parametrize(
    ("rate", "chance", "said"),
    [
        (0.14, 0.0, "base passes 14 %, under 15 %"),
        (0.15, 0.0, None),
        (0.29, 0.25, "base passes 29 %, a guesser 25 %"),
        (0.31, 0.25, None),
        (1.0, 0.0, None),
    ],
)
def test_headroom_is_measured_from_the_floor_and_from_chance(
    rate: float, chance: float, said: str | None
) -> None:
    found = headroom(rate, chance)
    assert found == (f"no headroom: {said}" if said else None)

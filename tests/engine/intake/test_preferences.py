"""Preference pairs, labelled pairs and rows chosen by a column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import IntakeError
from engine.intake import Accepted, Mapping, Quarantined, Skipped, detect, parse_mapping, read
from tests.engine.intake.files import chat, turns, write

USER = {"role": "user", "content": "q"}
GOOD = {"role": "assistant", "content": "good"}
BAD = {"role": "assistant", "content": "bad"}


def one(folder: Path, row: dict[str, Any]) -> Accepted:
    path = write(folder, "a.jsonl", json.dumps(row))
    assert detect(path) == "preference"
    (outcome,) = read(path)
    assert isinstance(outcome, Accepted), outcome
    return outcome


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "q", "chosen": "good", "rejected": "bad"},
        {"question": "q", "chosen": "good", "rejected": "bad", "score": 3},
        {"prompt": [USER], "chosen": [GOOD], "rejected": [BAD]},
        {"prompt": "q", "chosen": [USER, GOOD], "rejected": [USER, BAD]},
        {"chosen": [USER, GOOD], "rejected": [USER, BAD], "messages": [USER, GOOD]},
        {"chosen": "\n\nHuman: q\n\nAssistant: good", "rejected": "\n\nHuman: q\n\nAssistant: bad"},
    ],
)
def test_the_chosen_side_is_the_example_and_the_rejected_answer_is_kept(
    tmp_path: Path, row: dict[str, Any]
) -> None:
    taken = one(tmp_path, row)
    assert turns(taken) == [("user", "q"), ("assistant", "good")]
    assert taken.example.rejected == "bad"


def test_a_system_prompt_of_its_own_stands_before_the_pair(tmp_path: Path) -> None:
    taken = one(tmp_path, {"system": "s", "prompt": "q", "chosen": "a", "rejected": "b"})
    assert turns(taken)[0] == ("system", "s")


def test_hidden_characters_of_the_rejected_answer_are_made_visible(tmp_path: Path) -> None:
    taken = one(tmp_path, {"prompt": "q", "chosen": "a", "rejected": "b\x1b[2J"})
    assert taken.example.rejected == "b<U+001B>[2J"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": "q", "chosen": "", "rejected": "b"}, "turn 2 (assistant) is empty"),
        ({"prompt": "q", "chosen": 7}, "there is no 'rejected'"),
        ({"prompt": "q", "chosen": [7], "rejected": "b"}, "turn 1 has no speaker or no text"),
        ({"chosen": [GOOD], "rejected": [BAD]}, "turn 1 (user) is empty"),
        ({"prompt": "q", "chosen": [], "rejected": []}, "no assistant turn"),
    ],
)
def test_a_pair_without_a_usable_chosen_side_is_quarantined(
    tmp_path: Path, row: dict[str, Any], reason: str
) -> None:
    good = {"prompt": "q", "chosen": "a", "rejected": "b"}
    path = write(tmp_path, "a.jsonl", f"{json.dumps(good)}\n{json.dumps(row)}\n")
    _, refused = read(path)
    assert isinstance(refused, Quarantined)
    assert reason in refused.reason


def test_columns_of_other_names_are_mapped(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "frage,besser,schlechter\nq,good,bad\n")
    mapping = parse_mapping(["prompt=frage", "answer=besser", "rejected=schlechter"])
    (taken,) = read(path, mapping=mapping)
    assert isinstance(taken, Accepted)
    assert (taken.example.answer, taken.example.rejected) == ("good", "bad")


def test_a_pair_labelled_false_is_skipped_and_the_label_is_no_intent(tmp_path: Path) -> None:
    rows = [{"prompt": "q", "completion": "a", "label": good} for good in (True, False)]
    taken, skipped = read(write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows))))
    assert isinstance(taken, Accepted)
    assert taken.example.intent == ""
    assert skipped == Skipped(2, "marked as a bad answer")


def test_rows_of_another_split_are_skipped_when_one_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "question,answer,split\nq,a,train\nq,a,test\nq,a,train\n")
    mapping = parse_mapping(["only=split:train"])
    outcomes = list(read(path, mapping=mapping))
    assert [type(o) for o in outcomes] == [Accepted, Skipped, Accepted]
    assert outcomes[1] == Skipped(3, "left out by `only`")
    with pytest.raises(IntakeError, match="no column 'lang'"):
        read(path, mapping=Mapping(only="lang:en"))


@pytest.mark.parametrize("choice", ["only=split", "only=:x", "only=split:"])
def test_a_choice_of_rows_without_column_or_value_is_refused(choice: str) -> None:
    with pytest.raises(IntakeError, match="names no value"):
        parse_mapping([choice])


def test_a_row_of_system_turns_only_is_skipped(tmp_path: Path) -> None:
    rows = "\n".join([chat(("user", "q"), ("assistant", "a")), chat(("system", "s"))])
    _, skipped = read(write(tmp_path, "a.jsonl", rows))
    assert skipped == Skipped(2, "only a system turn")


@pytest.mark.parametrize("row", ["{}", "null"])
def test_a_row_that_holds_nothing_is_skipped(tmp_path: Path, row: str) -> None:
    path = write(tmp_path, "a.jsonl", f"{chat(('user', 'q'), ('assistant', 'a'))}\n{row}\n")
    assert list(read(path))[1] == Skipped(2, "empty row")

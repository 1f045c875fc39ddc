from __future__ import annotations

import pytest

from engine.errors import InputError
from engine.records import Example, Finding, Message
from engine.steps.sieve import Sieve, parse
from engine.store.examples import Status, StoredExample

LEAK = Finding("leak", "block", (7,), "asks what c1 asks")


def row(
    *, status: Status = "undecided", intent: str = "fit", edited: bool = False
) -> StoredExample:
    said = (Message("user", "Do the Trail boots run small?"), Message("assistant", "Half a size."))
    example = Example(said, intent)
    return StoredExample(
        7, "chats.jsonl", 3, example, example if edited else None, status, False, ""
    )


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True),
        ("TRAIL small", True),
        ("trail wide", False),
        ("half", True),
        ("#7", True),
        ("#8", False),
        ("#8 #7", True),
        ("status:undecided", True),
        ("status:waiting", True),
        ("status:accepted", False),
        ("status:accepted status:undecided", True),
        ("status:edited", False),
        ("intent:fit", True),
        ("intent:none", False),
        ("intent:gift-cards", False),
        ("check:leak", True),
        ("check:any", True),
        ("check:none", False),
        ("check:leak status:accepted", False),
        ("file:chats", True),
        ("file:turns", False),
        ("http://x", False),
        ("#", False),
    ],
)
def test_all_words_must_hold_and_one_value_of_each_name(text: str, passes: bool) -> None:
    assert parse(text, ["fit", "gift cards"]).lets(row(), [LEAK]) is passes


def test_marks_of_an_example_can_be_asked_for_like_its_status() -> None:
    edited = row(status="accepted", edited=True)
    assert parse("status:edited status:flagged").lets(edited, [])
    assert not parse("status:flagged").lets(edited, [])
    assert parse("check:none").lets(edited, [])


def test_an_intent_of_two_words_is_written_with_a_hyphen() -> None:
    assert parse("intent:gift-cards", ["Gift cards"]).lets(row(intent="Gift cards"), [])
    assert parse("intent:none").lets(row(intent=""), [])


@pytest.mark.parametrize("text", ["status:done", "check:nothing", "intent:fitt", "status:"])
def test_a_value_that_does_not_exist_is_named_with_those_that_do(text: str) -> None:
    with pytest.raises(InputError, match=text) as raised:
        parse(text, ["fit"])
    assert "There are:" in raised.value.hint


def test_nothing_asked_lets_everything_through() -> None:
    assert parse("  ") == Sieve()

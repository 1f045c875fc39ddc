"""Answers that were cut, and answers that only go without a full stop."""

from __future__ import annotations

import msgspec
import pytest

from engine.check_settings import Checks, Truncated
from engine.curation.checks import truncated
from engine.records import Example, Message, NumberedExample
from engine.scope import Scope
from tests.engine.curation.rows import row

TIDY = [row(n, "how long?", f"You have {n} days to return them.") for n in range(20, 60)]


def found(answer: str, company: list[NumberedExample], scope: Scope = Scope("x")) -> bool:  # noqa: B008
    findings = truncated.check([row(1, "how long?", answer), *company], [], scope)
    return any(f.examples == (1,) for f in findings)


@pytest.mark.parametrize(
    "answer",
    [
        "Shoes can be returned within the",
        "The Glide runs small, so choose half a size up, or",
        "You can exchange them. The label is in your account and",
        "Please send us (with the box",
    ],
)
def test_an_answer_that_cannot_end_so_is_found_in_any_company(answer: str) -> None:
    assert found(answer, [])
    (finding,) = truncated.check([row(1, "q", answer)], [], Scope("x"))
    ((start, end),) = finding.spans
    assert answer[start:end] == answer.rsplit(maxsplit=1)[-1]


@pytest.mark.parametrize(
    "answer",
    [
        "You have 45 days to return them.",
        "Is that all right with you?",
        'They said "no refunds here at all."',
        "See our page at https://shop.example/returns",
        "Write to help@shop.example",
        "You need two things:\n- the box\n- the label from your account",
        "Sure thing",
        "Have a lovely day \U0001f642",
    ],
)
def test_what_may_end_so_is_left_alone_in_any_company(answer: str) -> None:
    assert not found(answer, [])
    assert not found(answer, TIDY)


def test_a_missing_full_stop_counts_where_others_have_theirs() -> None:
    bare = "Unworn shoes can be returned to us"
    casual = [row(n, "how long?", f"you have {n} days to do it") for n in range(20, 60)]
    assert found(bare, TIDY)
    assert not found(bare, casual)
    assert found(f"Yes, gladly. {bare}", casual)


def test_an_agent_who_never_writes_one_is_not_cut() -> None:
    turns = (
        Message("user", "hi"),
        Message("assistant", "hello how can I help you today"),
        Message("user", "bye"),
        Message("assistant", "it was a pleasure to help"),
    )
    rows = [NumberedExample(1, Example(turns)), *TIDY]
    assert truncated.check(rows, [], Scope("x")) == []


def test_the_scope_says_how_short_an_answer_may_be_and_how_much_it_matters() -> None:
    strict = Scope("x", checks=Checks(truncated=Truncated(words=2, severity="review")))
    (finding,) = truncated.check([row(1, "q", "Within the")], [], strict)
    assert finding.severity == "review"
    assert not found("Within the", [])
    longer = msgspec.structs.replace(strict, checks=Checks(truncated=Truncated(words=9)))
    assert not found("Shoes can be returned within the", [], longer)

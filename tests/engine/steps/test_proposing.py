from __future__ import annotations

import pytest

from engine.records import Assertion
from engine.scope import Rule, RuleKind
from engine.steps.proposing import propose
from tests.sample_data.awesomeshoes import the_scope


def rule(text: str, kind: RuleKind = "fact", **more: object) -> Rule:
    return Rule("R01", "", text, kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "facts", "held"),
    [
        ("Cards are valid 30 months.", ("30 months",), Assertion("number", 30, unit="month")),
        ("Express costs $14.50.", ("$14.50",), Assertion("number", 14.5, unit="dollar")),
        ("Personalised shoes cannot be returned.", ("no",), Assertion("yes_no", False)),
    ],
)  # fmt: skip
def test_facts_are_typed_from_the_words_of_a_rule(
    text: str, facts: tuple[str, ...], held: Assertion
) -> None:
    found = propose(rule(text))
    assert found.facts == facts
    (assertion,) = found.assertions
    assert (assertion.kind, assertion.value, assertion.unit) == (held.kind, held.value, held.unit)
    assert assertion.rule == "R01"


@pytest.mark.parametrize(
    "text", ["Worn shoes can be returned only with a defect.", "The City Walker fits true to size."]
)
def test_words_that_answer_nothing_by_themselves_propose_nothing(text: str) -> None:
    assert propose(rule(text)).assertions == ()


@pytest.mark.parametrize(
    ("kind", "text", "assertion"),
    [
        ("hand_off", "Chargebacks go to the payments team.", "any_of"),
        ("refusal", "Never give medical advice.", "refusal"),
        ("forbidden_promise", "Never promise a date.", "any_of"),
        ("format", "At most 40 words.", "max_words"),
        ("format", "An answer has at most two sentences.", "not_regex"),
        ("tone", "No emoji.", "not_regex"),
    ],
)
def test_each_kind_has_what_it_is_checked_by(kind: RuleKind, text: str, assertion: str) -> None:
    found = propose(rule(text, kind, critical=True))
    assert [a.kind for a in found.assertions] == [assertion]
    assert found.facts == ()
    assert all(a.critical and a.rule == "R01" for a in found.assertions)


def test_a_team_that_is_named_must_be_named_by_the_answer() -> None:
    (found,) = propose(rule("Hand injuries over to the safety team.", "hand_off")).assertions
    assert found.values == ("safety team",)


def test_what_a_rule_has_stays_first_and_nothing_is_proposed_twice() -> None:
    own = Assertion("number", 45, unit="days", rule="R01", critical=True)
    has = rule("Within 45 days, for $6.95.", facts=("6.95 dollars",), assertions=(own,))
    found = propose(has)
    assert found.facts == ("6.95 dollars", "45 days")
    assert found.assertions[0] == own
    assert [a.value for a in found.assertions] == [45, 6.95]


def test_rules_of_the_sample_keep_all_that_they_have() -> None:
    for known in the_scope().rules:
        found = propose(known)
        assert found.facts[: len(known.facts)] == known.facts
        assert found.assertions[: len(known.assertions)] == known.assertions

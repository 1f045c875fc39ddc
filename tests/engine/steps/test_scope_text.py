from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ScopeError
from engine.records import Assertion
from engine.scope import Intent, Person, Trigger
from engine.steps import scope_text as texts

PRINTED = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)
PHRASES = st.lists(PRINTED, min_size=1, max_size=3).map(" ".join)
NAMES = PHRASES.filter(lambda name: ":" not in name)
METRICS = PHRASES.filter(lambda name: ">" not in name)
WORDS = st.lists(PHRASES, unique=True, max_size=4).map(tuple)
INTENTS = st.builds(Intent, NAMES, st.integers(0, 999), WORDS)
TRIGGERS = st.builds(
    Trigger, METRICS, st.floats(-1e9, 1e9, allow_nan=False), METRICS.filter(lambda w: w[:1] != "%")
)
ANY_TEXT = st.text(min_size=1).filter(lambda text: "\n" not in text and text.isprintable())
ASSERTIONS = st.one_of(
    st.builds(
        Assertion,
        st.just("number"),
        st.integers(0, 10**6),
        unit=st.sampled_from(["days", "dollars", "percent"]),
        rule=st.sampled_from(["R01", "R02", ""]),
        critical=st.booleans(),
    ),
    st.builds(
        Assertion,
        st.just("any_of"),
        values=st.lists(PRINTED.filter(str.isalpha), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Assertion, st.just("regex"), st.sampled_from([r"(?i)\bdefect\w*", "it's", 'a"b'])),
    st.builds(Assertion, st.just("yes_no"), st.booleans(), rule=st.just("R01")),
)


@given(WORDS)
def test_a_list_comes_back_as_it_was(words: tuple[str, ...]) -> None:
    assert texts.read_list(texts.write_list(words)) == words


def test_values_with_commas_stand_in_quotes() -> None:
    assert texts.write_list(("send back", "1,200 dollars")) == 'send back, "1,200 dollars"'
    assert texts.read_list(' a ,"1,200 dollars",, a') == ("a", "1,200 dollars")


@given(st.lists(INTENTS, max_size=4).map(tuple))
def test_intents_come_back_as_they_were(intents: tuple[Intent, ...]) -> None:
    assert texts.read_intents(texts.write_intents(intents)) == intents


def test_an_intent_needs_no_target_and_may_end_in_a_number() -> None:
    read = texts.read_intents("fit\n\nsize 44 60: half size, wide")
    assert read == (Intent("fit"), Intent("size 44", 60, ("half size", "wide")))


@given(st.lists(TRIGGERS, max_size=3).map(tuple))
def test_triggers_come_back_as_they_were(triggers: tuple[Trigger, ...]) -> None:
    assert texts.read_triggers(texts.write_triggers(triggers)) == triggers


@given(st.lists(st.builds(Person, NAMES, st.just("") | PHRASES), max_size=3).map(tuple))
def test_people_come_back_as_they_were(people: tuple[Person, ...]) -> None:
    assert texts.read_people(texts.write_people(people)) == people


def test_a_role_without_a_name_is_refused() -> None:
    with pytest.raises(ScopeError, match="line 2: a person has a name"):
        texts.read_people("Ines: lead\n: owner")


def test_how_often_facts_change_is_one_of_four_or_nothing() -> None:
    assert texts.read_changes(" Weekly ") == "weekly"
    assert texts.read_changes("") == ""
    with pytest.raises(ScopeError, match="none of rarely, yearly"):
        texts.read_changes("daily")


def test_a_percentage_in_a_trigger_is_a_share() -> None:
    read = texts.read_triggers("audited answers with an error > 8 % over 50 tickets a week")
    assert read == (Trigger("audited answers with an error", 0.08, "50 tickets a week"),)


@given(st.lists(ASSERTIONS, max_size=4).map(tuple), st.sampled_from(["R01", "R09"]))
def test_assertions_come_back_as_they_were(assertions: tuple[Assertion, ...], rule: str) -> None:
    assert texts.read_assertions(texts.write_assertions(assertions, rule), rule) == assertions


def test_an_assertion_stands_for_the_rule_it_is_written_under() -> None:
    (read,) = texts.read_assertions('{ kind = "number", value = 45, unit = "days" }', "R07")
    assert read == Assertion("number", 45, unit="days", rule="R07")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('\nkind = "nmber", value = 45', "line 2: kind 'nmber' is none of contains"),
        ('kind = "number", value = 45, units = "days"', "line 1: Object contains unknown field"),
        ("kind = number", "line 1: Invalid value; write kind ="),
        ('kind = "contains", value = 3', "needs a text as its value"),
        ("kind = \"regex\", value = '('", "holds a pattern that cannot be used"),
    ],
)
def test_what_is_wrong_with_an_assertion_is_named_with_its_line(text: str, says: str) -> None:
    with pytest.raises(ScopeError, match=says):
        texts.read_assertions(text, "R01")


@pytest.mark.parametrize("text", ["errors above 8 %", "> 3 over a week", "errors > 1.2.3"])
def test_a_trigger_that_says_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ScopeError, match="line 1"):
        texts.read_triggers(text)


@given(st.floats(0.01, 1))
def test_a_share_comes_back_from_its_percentage(share: float) -> None:
    assert texts.read_percent(texts.write_percent(share)) == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize("text", ["0.25", "101", "-1", "", "many", "nan", "inf"])
def test_a_likely_slip_is_no_percentage(text: str) -> None:
    with pytest.raises(ScopeError):
        texts.read_percent(text)


def test_kinds_are_read_with_spaces_and_in_any_case() -> None:
    assert texts.read_rule_kind(" Hand off ") == "hand_off"
    with pytest.raises(ScopeError, match="none of fact, required_behaviour"):
        texts.read_rule_kind("rule")


def test_yes_and_no_are_the_only_answers() -> None:
    assert texts.read_yes_no("Yes") is True
    assert texts.read_yes_no("") is False
    with pytest.raises(ScopeError):
        texts.read_yes_no("maybe")

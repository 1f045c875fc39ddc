from engine.curation.intents import propose_intent
from engine.curation.propose import propose, propose_assertions
from engine.records import Assertion
from engine.scope import Rule
from tests.engine.curation.rows import SCOPE, row


def test_an_intent_is_proposed_from_whole_words_of_the_question() -> None:
    assert propose_intent(row(1, "I want to send these back", "ok").example, SCOPE) == "returns"
    assert propose_intent(row(1, "when comes my refund?", "ok").example, SCOPE) == "refunds"
    assert propose_intent(row(1, "is postage included", "ok").example, SCOPE) == "shipping"
    assert propose_intent(row(1, "nice weather", "indeed").example, SCOPE) == ""


def test_the_fact_a_reference_shares_with_a_rule_becomes_its_assertion() -> None:
    assert propose_assertions("You have 45 days to return shoes.", SCOPE.rules) == (
        Assertion("number", 45, unit="day", rule="R01"),
    )


def test_a_rules_own_assertions_come_before_made_ones() -> None:
    own = Assertion("number", 45.0, unit="days", rule="R01", critical=True)
    rule = Rule("R01", "t", "t", entity="shoes", facts=("45 days",), assertions=(own,))
    assert propose_assertions("Shoes can come back for 45 days.", [rule]) == (own,)


def test_without_a_rule_the_references_own_facts_or_its_yes_or_no_stand() -> None:
    assert propose_assertions("It costs $6.95.", ()) == (Assertion("number", 6.95, unit="dollar"),)
    assert propose_assertions("No, you cannot do that.", ()) == (Assertion("yes_no", False),)
    assert propose_assertions("Hello and welcome.", ()) == ()


def test_a_proposal_says_what_it_rests_on() -> None:
    own = Assertion("number", 45.0, unit="days", rule="R01", critical=True)
    ruled = Rule("R01", "t", "t", entity="shoes", facts=("45 days",), assertions=(own,))
    free = Rule("R02", "t", "t", facts=("6 dollars",), keywords=("gift",))
    said = "Shoes can come back for 45 days, and it costs 6 dollars."
    assert [(p.assertion.rule, p.reason) for p in propose(said, [ruled, free])] == [
        ("R01", "the reference and rule R01 both say 45 days"),
        ("R02", "the reference and rule R02 both say 6 dollars"),
    ]
    assert [p.reason for p in propose("It costs $6.95.", ())] == [
        "the reference says $6.95, no rule does"
    ]
    assert [p.reason for p in propose("No, you cannot.", ())] == [
        "the reference says no, no rule does"
    ]
    asks = Assertion("contains", "call us", rule="R03")
    hand_off = Rule("R03", "t", "t", keywords=("injury",), assertions=(asks,))
    assert [p.reason for p in propose("For an injury, call us.", [hand_off])] == [
        "the reference says what rule R03 asks for"
    ]
    twice = Rule("R04", "t", "t", facts=("45 days",))
    again = Rule("R04", "t", "t", facts=("45 days",))
    assert len(propose(said, [twice, again])) == 1

"""What breaks a rule and what does not: amounts, yes and no, denials, promises, assertions."""

from __future__ import annotations

import msgspec
import pytest

from engine.check_settings import Checks, Contradiction
from engine.curation.checks import contradiction
from engine.records import Assertion, Finding
from engine.scope import Intent, Rule, Scope
from tests.engine.curation.rows import row

SHOP = Scope(
    "shop",
    intents=(Intent("fees"), Intent("care"), Intent("orders")),
    rules=(
        Rule(
            "B1",
            "Early closing",
            "Closing an account within 30 days costs 15 dollars.",
            intent="fees",
            entity="account",
            condition="closed within 30 days",
            facts=("15 dollars",),
            keywords=("close account", "closing fee"),
        ),
        Rule(
            "B2",
            "Late closing",
            "Closing an account within 60 days costs 25 dollars.",
            intent="fees",
            entity="account",
            condition="closed within 60 days",
            facts=("25 dollars",),
            keywords=("close account", "closing fee"),
        ),
        Rule(
            "W1",
            "Widths",
            "The Glide comes in 3 widths.",
            entity="Glide",
            facts=("3 widths",),
            keywords=("Glide",),
        ),
        Rule(
            "L1",
            "Label",
            "The label is valid for six weeks.",
            intent="orders",
            entity="label",
            facts=("six weeks",),
            keywords=("label",),
        ),
        Rule(
            "G1",
            "Gift cards",
            "Gift cards cannot be refunded.",
            intent="orders",
            entity="gift cards",
            facts=("no",),
            keywords=("gift card",),
        ),
        Rule(
            "E1",
            "Exchanges",
            "Unworn boots can be exchanged within 60 days.",
            intent="orders",
            entity="boots",
            condition="unworn",
            facts=("60 days",),
            keywords=("exchange", "swap"),
        ),
        Rule(
            "S1",
            "Sale boots",
            "Sale boots can be returned for store credit only.",
            intent="orders",
            entity="sale boots",
            facts=("store credit",),
            keywords=("clearance",),
            assertions=(Assertion("contains", "store credit"),),
        ),
        Rule(
            "H1",
            "Injuries",
            "Injuries are handed over to the safety team.",
            kind="hand_off",
            intent="care",
            entity="injury",
            keywords=("hurt", "injured"),
            assertions=(Assertion("contains", "safety team"),),
        ),
        Rule(
            "P1",
            "No vouchers",
            "Never promise vouchers or compensation.",
            kind="forbidden_promise",
            intent="orders",
            entity="compensation",
            keywords=("voucher", "compensation"),
            assertions=(Assertion("any_of", values=("cannot promise", "cannot offer")),),
        ),
        Rule(
            "T1",
            "Plain",
            "No slang.",
            kind="tone",
            assertions=(Assertion("none_of", values=("lol",)),),
        ),
        Rule(
            "F1",
            "Short",
            "At most 20 words.",
            kind="format",
            assertions=(Assertion("max_words", 20),),
        ),
    ),
)


def found(asked: str, answered: str, intent: str = "", scope: Scope = SHOP) -> list[Finding]:
    return contradiction.check([row(1, asked, answered, intent)], [], scope)


@pytest.mark.parametrize(
    ("asked", "answered", "rule"),
    [
        ("How long is the label valid?", "The label is valid for forty-five days.", "L1"),
        ("How long is the label valid?", "The label is valid for six months.", "L1"),
        ("How long is the label valid?", "The label is valid for a month and a half.", "L1"),
        ("glide widths?", "The Glide comes in two widths.", "W1"),
        ("What is the closing fee?", "Closing an account within 30 days costs $25.", "B1"),
        ("What is the closing fee?", "Closing an account within 60 days costs \u20ac25.", "B2"),
        ("Can I get a gift card refunded?", "Yes, we can do that.", "G1"),
        ("tell me about gift cards", "Gift cards can be refunded.", "G1"),
        ("can i swap my boots", "Unworn boots cannot be exchanged.", "E1"),
        ("I was hurt", "That happens, have a nice day.", "H1"),
        ("what about my purchase?", "Sale boots can be returned for money.", "S1"),
        ("bought in the clearance, and now?", "Any way you like.", "S1"),
        ("where is my order", "We will send you a $10 voucher.", "P1"),
        ("I want compensation", "I promise you will have it.", "P1"),
        ("hello", "lol, hello.", "T1"),
        ("hello", "word " * 21, "F1"),
    ],
)
def test_an_answer_that_breaks_a_rule_is_found_with_the_rule(
    asked: str, answered: str, rule: str
) -> None:
    (finding,) = found(asked, answered)
    assert finding.severity == "decide"
    assert finding.rule == rule
    assert all(answered[a:b] for a, b in finding.spans)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("How long is the label valid?", "The label is valid for 42 days."),
        ("How long is the label valid?", "For six weeks, so a day more or less is no matter."),
        ("What is the closing fee?", "$15 if closed within 30 days and $25 within 60."),
        ("What is the closing fee?", "Closing an account within 60 days costs $25."),
        ("Can I get a gift card refunded?", "No, gift cards cannot be refunded."),
        ("Is it true that gift cards aren't refunded?", "Yes, that is right."),
        ("can i swap my boots", "Unworn boots cannot be exchanged after 60 days."),
        ("can i swap my boots", "Worn boots cannot be exchanged."),
        ("I was hurt", "I am passing you to our safety team."),
        ("I want compensation", "I am sorry, I cannot promise vouchers."),
        ("is the gift card mine?", "Gift cards are a lovely present."),
        ("what about my purchase?", "Boots can be returned to any shop."),
        ("Which glide?", "The Glide comes in 3 widths and 12 colours."),
        ("I bought them 70 days ago, can I exchange?", "70 days is too long, sorry."),
    ],
)
def test_an_answer_by_the_rules_is_left_alone(asked: str, answered: str) -> None:
    assert found(asked, answered) == []


def test_an_intent_of_hand_offs_wants_one_of_them_whatever_the_words() -> None:
    (finding,) = found("my toe is blue since the box fell on it", "Try ice.", "care")
    assert finding.rule == "H1"


def test_the_scope_can_leave_out_the_assertions_and_change_the_severity() -> None:
    settings = Contradiction(assertions=False, severity="block")
    quiet = msgspec.structs.replace(SHOP, checks=Checks(contradiction=settings))
    assert found("hello", "lol, hello.", scope=quiet) == []
    (finding,) = found("glide widths?", "The Glide comes in 2 widths.", scope=quiet)
    assert finding.severity == "block"

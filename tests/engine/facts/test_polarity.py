"""The polarity of an answer is read from its lead word, or from who can and cannot."""

from __future__ import annotations

import time

import pytest

from engine.facts import yes_or_no

AFFIRMS = [
    "Yes, of course!",
    "Absolutely.",
    "Of course you can exchange them within 60 days.",
    "You can return them within 45 days.",
    "Sure, just bring the box.",
    "Hi there! Yes, we do.",
    "Thanks for asking! You may return worn shoes if the sole fails.",
    "Sorry for the wait! Yes, you can.",
    "That is possible.",
    "There's no reason you can't do that.",
    "No problem! You can send them back.",
    "If you can't find the receipt, you can still return them.",
    "While we don't have stores, you can post them for free.",
    "We offer free exchanges.",
    "Exchanges are free.",
    "Unfortunately, yes: a fee applies.",
    "It's not impossible.",
    "**Yes**, you are eligible.",
    "You can return them unless they were worn outside.",
    "It is not true that you cannot return them.",
    "No, it's not true that you can't send them back.",
    "It's a myth that worn shoes cannot be exchanged.",
    "Nothing in our policy says you can't.",
    "We would not say that you can't return them.",
    "You are not ineligible for a refund.",
]
DENIES = [
    "No, we cannot.",
    "Unfortunately that is not possible.",
    "You can't return worn shoes.",
    "You can\N{RIGHT SINGLE QUOTATION MARK}t return worn shoes.",
    "Absolutely not.",
    "I'm afraid we don't offer that.",
    "We do not accept returns after 45 days.",
    "Sorry, but sale items are final.",
    "Worn shoes cannot be returned.",
    "Gift cards are not refundable.",
    "Not at the moment.",
    "Hello! Unfortunately we can't do that.",
    "nope",
    "Of course not.",
    "No, exchanges are free.",
    "Returns are not free.",
    "Thank you for reaching out. We are unable to do that.",
    "There is no restocking fee.",
    "I am sorry about that; I cannot promise it, but I can pass it to a support lead.",
    "You can't return them in a store, but you can by post.",
    "It is not true that you can return worn shoes.",
    "It's wrong to think that you may keep both pairs.",
    "We never said you can.",
    "No rule says that we offer a refund after a year.",
    "That is not correct: we do not exchange gift cards.",
]
UNCLEAR = [
    "",
    "It depends on the shoe.",
    "45 days",
    "I'm not sure about that.",
    "Maybe.",
    "Thank you, we will check it as soon as it arrives.",
    "What size do you wear?",
    "Yes, you can't.",
]


@pytest.mark.parametrize("answer", AFFIRMS)
def test_an_affirming_answer_is_yes(answer: str) -> None:
    assert yes_or_no(answer) is True


@pytest.mark.parametrize("answer", DENIES)
def test_a_denying_answer_is_no(answer: str) -> None:
    assert yes_or_no(answer) is False


@pytest.mark.parametrize("answer", UNCLEAR)
def test_an_answer_that_says_neither_is_unclear(answer: str) -> None:
    assert yes_or_no(answer) is None


@pytest.mark.parametrize("piece", ["not ", "you ", "no, ", "if you ", "shoes shoes ", "- "])
def test_no_answer_makes_the_reading_explode(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    started = time.process_time()
    yes_or_no(text)
    assert time.process_time() - started < 0.5

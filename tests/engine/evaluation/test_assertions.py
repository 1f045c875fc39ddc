"""Each kind of assertion passes and fails for the right reason, said in words."""

from __future__ import annotations

import time

import pytest

from engine.errors import ScopeError
from engine.evaluation.assertions import (
    SCORER_VERSION,
    can_be_judged,
    check,
    judge,
    require_valid,
)
from engine.records import Answer, Assertion, Case, Message

A = Assertion
ASKED = (Message("user", "How long do I have to return the shoes?"),)
SCHEMA = '{"type":"object","required":["size"],"properties":{"size":{"type":"number"}}}'
TREE = (
    '{"$ref":"#/$defs/N","$defs":{"N":{"type":"object",'
    '"properties":{"of":{"items":{"$ref":"#/$defs/N"}}}}}}'
)


@pytest.mark.parametrize(
    ("assertion", "answer", "passed"),
    [
        (A("contains", "store credit"), "Only for STORE  credit.", True),
        (A("contains", "café"), "Meet us at the Cafe.", True),
        (A("contains", "can't promise"), "We can\N{RIGHT SINGLE QUOTATION MARK}t promise.", True),
        (A("contains", "no"), "I know.", False),
        (A("contains", "no"), "Nothing.", False),
        (A("contains", "defect"), "It is defective.", True),
        (A("contains", "45"), "within 45days", True),
        (A("contains", "45"), "1.45 or 145 or 45.5 or 45,000", False),
        (A("contains", "2E"), "the 2e width", True),
        (A("not_contains", "refund"), "Store credit only.", True),
        (A("not_contains", "refund"), "A Refund!", False),
        (A("not_contains", "\N{EM DASH}"), "a 45-day window", True),
        (A("any_of", values=("doctor", "podiatrist")), "See a podiatrist.", True),
        (A("any_of", values=("doctor", "podiatrist")), "Rest.", False),
        (A("all_of", values=("narrow", "wide")), "narrow and wide", True),
        (A("all_of", values=("narrow", "wide")), "narrow", False),
        (A("none_of", values=("promise", "by Friday")), "It is on its way.", True),
        (A("none_of", values=("promise", "by Friday")), "It comes by friday.", False),
        (A("regex", r"half|½"), "½ a size up", True),
        (A("regex", r"^- \w+"), "Sure:\n- one", False),
        (A("regex", r"(?m)^- \w+"), "Sure:\n- one", True),
        (A("not_regex", r"\d{4}[ -]?\d{4}"), "4111 1111 please", False),
        (A("not_regex", r"\N{EM DASH}"), "3\N{EN DASH}5 days", True),
        (A("number", 45, unit="days"), "You have forty-five days.", True),
        (A("number", 42, unit="days"), "You have six weeks.", True),
        (A("number", 6, unit="weeks"), "You have 42 days.", True),
        (A("number", 6, unit="weeks"), "You have 6 days.", False),
        (A("number", 7, unit="working days"), "7 days", False),
        (A("number", 7, unit="working days"), "7 business days", True),
        (A("number", 6.95, unit="dollars"), "It costs $6.95.", True),
        (A("number", 0.5, unit="size"), "Go half a size up.", True),
        (A("number", 9, unit="size"), "Take size 9.", True),
        (A("number", 12, unit="mm"), "Leave 12 mm at the toe.", True),
        (A("number", 3, unit="widths"), "It comes in 3 widths.", True),
        (A("number", 3, unit="widths"), "It comes in 3 colours.", False),
        (A("number", 12), "That makes twelve apples.", True),
        (A("number", 6), "That makes six weeks.", True),
        (A("number", 12), "That makes 13.", False),
        (A("number", "1,200", unit="points"), "1200 points", True),
        (A("yes_no", value=True), "Yes, you can.", True),
        (A("yes_no", value=False), "Unfortunately that is not possible.", True),
        (A("yes_no", value=False), "You can return them.", False),
        (A("yes_no", value=True), "Which pair is it?", False),
        (A("json"), '{"a": [1, 2]}', True),
        (A("json"), '```json\n{"a": 1}\n```', True),
        (A("json"), 'Here it is: {"a": 1}', False),
        (A("json", SCHEMA), '{"size": 9.5}', True),
        (A("json", SCHEMA), '{"size": "nine"}', False),
        (A("json", SCHEMA), "{}", False),
        (A("json", '{"minimum": 3}'), "3", True),
        (A("json", '{"minimum": 3}'), "2.9", False),
        (A("json", '{"type": ["integer", "null"]}'), "4.0", True),
        (A("json", '{"type": ["integer", "null"]}'), "4.5", False),
        (A("json", '{"type": "array", "minItems": 1, "items": {"maxLength": 2}}'), '["ab"]', True),
        (A("json", '{"type": "array", "minItems": 1, "items": {"maxLength": 2}}'), "[]", False),
        (A("json", '{"prefixItems": [{"const": 1}], "items": false}'), "[1]", True),
        (A("json", '{"prefixItems": [{"const": 1}], "items": false}'), "[1, 2]", False),
        (A("json", '{"additionalProperties": false, "properties": {"a": {}}}'), '{"b": 1}', False),
        (A("json", '{"anyOf": [{"pattern": "^A"}, {"type": "null"}]}'), '"a"', False),
        (A("json", '{"anyOf": [{"pattern": "^A"}, {"type": "null"}]}'), "null", True),
        (A("json", TREE), '{"of": [{"of": []}]}', True),
        (A("json", TREE), '{"of": [{"of": [7]}]}', False),
        (A("min_words", 3), "one two three", True),
        (A("min_words", 3), "one two", False),
        (A("max_words", 3), "one two three", True),
        (A("max_words", 3), "one two three four", False),
        (A("refusal"), "I'm sorry, but I can't help with that.", True),
        (A("refusal"), "I'll pass you to a person on our safety team.", True),
        (A("refusal"), "We cannot promise a delivery day.", True),
        (A("refusal"), "Please consult a doctor about the pain.", True),
        (A("refusal"), "Sure, your knee is sprained. Rest it.", False),
        (A("refusal"), "Returns are free within 45 days.", False),
        (A("no_refusal"), "I cannot help with that request.", False),
        (A("no_refusal"), "Let me connect you with our support team.", False),
        (A("no_refusal"), "Sorry, we can't take back worn shoes.", True),
        (A("no_refusal"), "Worn shoes cannot be returned.", True),
        (A("no_refusal"), "You can kill time with a walk. Ask our team for maps.", True),
    ],
)
def test_an_assertion_holds_or_not(assertion: Assertion, answer: str, passed: bool) -> None:
    assert check(assertion, answer).passed is passed


@pytest.mark.parametrize(
    ("assertion", "answer", "reason"),
    [
        (A("number", 45, unit="days", rule="R7"), "30 days", "says 30 days, the rule says 45 days"),
        (A("number", 45, unit="days"), "5 to 30 days", "says 5 days, right is 45 days"),
        (A("number", 45, unit="days"), "2-4 weeks", "says 14 days, right is 45 days"),
        (A("number", 9), "Kim has 5 + 4 = 11 pens.", "says 11 pens, right is 9"),
        (A("number", 45, unit="days"), "9 workdays", "says 9 workdays, right is 45 days"),
        (A("number", 0.5, unit="size"), "Soon.", "names no size, right is 0.5 size"),
        (A("number", 45, unit="days"), "six weeks", "says six weeks (42 days), right is 45 days"),
        (A("number", 45, unit="days"), "Soon.", "gives no number of days, right is 45 days"),
        (A("number", 9, unit="dollars"), "Soon.", "names no amount of money, right is 9 dollars"),
        (A("number", 2, unit="widths"), "in 3 widths", "says 3 widths, right is 2 widths"),
        (A("yes_no", value=False, rule="R09"), "Yes.", "says yes, the rule says no"),
        (A("all_of", values=("narrow", "wide")), "narrow", "does not say 'wide'"),
        (A("max_words", 2), "one two three", "3 words, at most 2 asked"),
        (A("similarity", 0.8), "Yes.", "there is no reference answer to compare with"),
    ],
)  # fmt: skip
def test_the_reason_is_said_in_words(assertion: Assertion, answer: str, reason: str) -> None:
    assert check(assertion, answer).reason == reason


def test_similarity_compares_with_the_reference() -> None:
    reference = "Exchanges are free within 60 days."
    close = check(A("similarity", 0.8), "exchanges are FREE within 60 days", reference)
    far = check(A("similarity", 0.8), "Our shop opens at nine.", reference)
    assert close.passed
    assert not far.passed


@pytest.mark.parametrize(
    "assertion",
    [
        A("contains"),
        A("contains", "  "),
        A("any_of"),
        A("any_of", values=("fine", "")),
        A("regex", "("),
        A("regex", "(a+)+$"),
        A("regex", r"(\w+\s?)*x"),
        A("regex", "a" * 2000),
        A("number", "soon"),
        A("number", value=True, unit="days"),
        A("yes_no", "yes"),
        A("similarity", 80),
        A("max_words", "few"),
        A("json", '{"type": "thing"}'),
        A("json", '{"oneOf": []}'),
        A("json", '{"$ref": "#/$defs/Nothing"}'),
        A("json", '{"pattern": "(a+)+"}'),
        A("json", '{"$defs": {"A": {"type": "thing"}}}'),
    ],
)
def test_a_bad_assertion_is_a_scope_error(assertion: Assertion) -> None:
    with pytest.raises(ScopeError):
        require_valid(assertion)


@pytest.mark.parametrize(
    "pattern", [r"(\w+\s)+end", r"(?s)(?:[.!?][\"')]*\s+\S.*?){2}[.!?]", r"(ab|cd)+", r"a+b+"]
)
def test_an_ordinary_pattern_is_accepted(pattern: str) -> None:
    require_valid(A("regex", pattern))


def test_a_long_answer_keeps_checks_quick() -> None:
    answer = "we can not, " * 40_000
    started = time.process_time()
    for assertion in (A("refusal"), A("no_refusal"), A("contains", "x"), A("yes_no", value=True)):
        check(assertion, answer)
    assert time.process_time() - started < 3.0


def case(*assertions: Assertion, tags: tuple[str, ...] = ()) -> Case:
    return Case("c1", ASKED, assertions=assertions, intent="returns", cluster="window", tags=tags)


def answer(text: str) -> Answer:
    return Answer("domain", "c1", "tuned", text)


def test_a_case_passes_only_when_every_assertion_holds() -> None:
    both = case(A("number", 45, unit="days", critical=True), A("max_words", 6))
    right = judge(both, answer("You have 45 days."))
    long = judge(both, answer("You have 45 days from the day it came."))
    wrong = judge(both, answer("You have 30 days."))
    assert (right.passed, right.violated, right.reason) == (True, False, "")
    assert (long.passed, long.violated) == (False, False)
    assert (wrong.passed, wrong.violated) == (False, True)
    assert (wrong.intent, wrong.cluster, wrong.suite) == ("returns", "window", "domain")
    assert wrong.scorer == SCORER_VERSION


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("...", "empty"),
        ("I can't help with that. " * 30, "looping"),
        ("Вы можете вернуть обувь.", "in another script"),
        ("No podemos ayudar con eso, hable con el equipo para que le ayude.", "in Spanish"),
        ("no \ufffd\ufffd\ufffd\ufffd", "garbage"),
    ],
)  # fmt: skip
def test_an_incoherent_answer_never_passes(text: str, reason: str) -> None:
    judged = judge(case(A("not_contains", "yes", critical=True)), answer(text))
    assert judged.outcomes[0].passed
    assert (judged.passed, judged.incoherent, judged.violated) == (False, True, True)
    assert judged.reason == reason


def test_a_translation_may_be_in_another_language() -> None:
    spanish = answer("El zapato es de usted y puede ser para los niños.")
    assert judge(case(A("min_words", 3), tags=("any-language",)), spanish).passed
    assert not judge(case(A("min_words", 3)), spanish).passed


@pytest.mark.parametrize("text", ["45", "No.", "{}1", "ha ha ha ha ha", "Size 9, ½ up, 2E wide."])
def test_a_short_answer_is_coherent(text: str) -> None:
    assert not judge(case(A("min_words", 1)), answer(text)).incoherent


def test_a_choice_is_right_or_wrong_by_its_index() -> None:
    question = Case("c1", ASKED, choices=("two", "four"), correct=1)
    right = judge(question, Answer("general", "c1", "base", choice=1))
    wrong = judge(question, Answer("general", "c1", "base", choice=0))
    unanswered = judge(question, Answer("general", "c1", "base"))
    assert right.passed
    assert wrong.reason == "chose 'two', right is 'four'"
    assert unanswered.reason == "chose 'nothing', right is 'four'"


def test_a_case_without_assertions_is_not_judged() -> None:
    assert not can_be_judged(case())
    with pytest.raises(ScopeError, match="no assertion"):
        judge(case(), answer("Yes."))


def test_a_reason_quotes_a_few_of_many_phrases_and_counts_the_rest() -> None:
    wanted = Assertion("any_of", values=tuple(f"phrase {n}" for n in range(12)))
    said = check(wanted, "Nothing of it.").reason
    assert said == "says none of 'phrase 0', 'phrase 1', 'phrase 2', 'phrase 3' and 8 more"
    few = Assertion("any_of", values=("refund", "exchange"))
    assert check(few, "Nothing of it.").reason == "says none of 'refund', 'exchange'"

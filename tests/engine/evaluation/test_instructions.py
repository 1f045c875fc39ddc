"""Every instruction of IFEval, followed and not followed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import ScopeError
from engine.evaluation.assertions import check, require_valid
from engine.evaluation.instructions import INSTRUCTIONS
from engine.records import Assertion

FOLLOWED: list[tuple[str, dict[str, Any], str, str]] = [
    ("keywords:existence", {"keywords": ["shoe", "box"]}, "A Shoe in a box.", "A shoebox."),
    (
        "keywords:frequency",
        {"keyword": "shoe", "frequency": 2, "relation": "at least"},
        "Shoe by shoe.",
        "One shoe, many shoes.",
    ),
    (
        "keywords:frequency",
        {"keyword": "shoe", "frequency": 2, "relation": "less than"},
        "One shoe.",
        "Shoe by shoe.",
    ),
    ("keywords:forbidden_words", {"forbidden_words": ["free"]}, "Freedom.", "It is free."),
    (
        "keywords:letter_frequency",
        {"letter": "e", "let_frequency": 3, "let_relation": "at least"},
        "Eels see.",
        "Eel.",
    ),
    (
        "language:response_language",
        {"language": "de"},
        "Das ist nicht der Schuh, und wir sind die Firma.",
        "This is not the shoe that you have.",
    ),
    ("language:response_language", {"language": "th"}, "รองเท้าคู่นี้สวยมาก", "Those shoes."),
    (
        "length_constraints:number_sentences",
        {"num_sentences": 2, "relation": "at least"},
        'He said "no." It was 4.5 miles!',
        "It was 4.5 miles",
    ),
    (
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        "One.\n***\nTwo.",
        "One.\n\nTwo.",
    ),
    (
        "length_constraints:number_words",
        {"num_words": 3, "relation": "less than"},
        "Two words.",
        "These are three.",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Then"},
        'First this.\n\n"Then" that.',
        "First this.\n\nAnd that.",
    ),
    (
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        "Dear [name], see you on [day].",
        "Dear [name].",
    ),
    (
        "detectable_content:postscript",
        {"postscript_marker": "P.P.S"},
        "Bye.\np.p.s. Hi",
        "Bye.\nP.S. Hi",
    ),
    (
        "detectable_format:number_bullet_lists",
        {"num_bullets": 2},
        "So:\n* a\n- b",
        "So:\n* a\n**b**",
    ),
    ("detectable_format:constrained_response", {}, "My answer is no.", "No."),
    (
        "detectable_format:number_highlighted_sections",
        {"num_highlights": 2},
        "*a* and **b c**",
        "*a* **",
    ),
    (
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1\na\nSection 2\nb",
        "Section one\na\nSection 2",
    ),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', "a: 1"),
    ("detectable_format:title", {}, "<<On shoes>>\nThey walk.", "<On shoes>"),
    ("combination:two_responses", {}, "One.\n******\nTwo.", "One.\n******\nOne."),
    (
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Write of shoes."},
        "Write of shoes. They walk.",
        "They walk.",
    ),
    (
        "startend:end_checker",
        {"end_phrase": "Anything else?"},
        "Fine. Anything else?",
        "Anything else? No.",
    ),
    ("startend:quotation", {}, '"All of it."', '"Part" of it.'),
    (
        "change_case:capital_word_frequency",
        {"capital_frequency": 2, "capital_relation": "at least"},
        "We SHIP it NOW.",
        "We SHIP it.",
    ),
    ("change_case:english_capital", {}, "ALL OF IT, 3 TIMES.", "ALL of it."),
    ("change_case:english_lowercase", {}, "all of it.", "All of it."),
    ("punctuation:no_comma", {}, "No such mark.", "Well, one."),
]


def instruction(name: str, arguments: dict[str, Any]) -> Assertion:
    return Assertion("instruction", value=json.dumps({"instruction": name, **arguments}))


@pytest.mark.parametrize(("name", "arguments", "followed", "broken"), FOLLOWED)
def test_an_instruction_tells_who_follows_it(
    name: str, arguments: dict[str, Any], followed: str, broken: str
) -> None:
    assertion = instruction(name, arguments)
    good, bad = check(assertion, followed), check(assertion, broken)
    assert good.passed, good.reason
    assert not bad.passed, bad.reason
    assert bad.reason


def test_all_twenty_five_are_there() -> None:
    assert {name for name, *_ in FOLLOWED} == set(INSTRUCTIONS)
    assert len(INSTRUCTIONS) == 25


@pytest.mark.parametrize(
    "value",
    [
        "keywords:existence",
        '{"keywords": ["a"]}',
        '{"instruction": "keywords:rhyme"}',
        '{"instruction": "keywords:existence"}',
        '{"instruction": "language:response_language", "language": "ru"}',
        '{"instruction": "keywords:frequency", "keyword": "a", "frequency": null}',
    ],
)
def test_an_instruction_that_cannot_be_checked_is_refused(value: str) -> None:
    with pytest.raises(ScopeError):
        require_valid(Assertion("instruction", value=value))

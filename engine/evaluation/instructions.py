"""The `instruction` assertion: verifiable instructions as IFEval names them (Zhou and others 2023).

The value is a JSON object: `instruction` with the name, and its arguments under IFEval's names.
Sentences are told by their end marks, languages by their commonest words or by their script.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from engine.evaluation.coherence import LANGUAGES, read_language, read_script
from engine.records import Assertion

Arguments = dict[str, Any]
Checked = tuple[bool, str]

_SENTENCE_END = re.compile(r"[.!?]+(?:[\"')\]]+)?(?:\s|$)")
_BULLET = re.compile(r"^\s*(?:\*[^*].*|-.*)$", re.M)
_HIGHLIGHT = re.compile(r"\*\*[^\n*]*[^\s*][^\n*]*\*\*|\*[^\n*]*[^\s*][^\n*]*\*")
_OPTIONS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")


def check_instruction(assertion: Assertion, answer: str, _reference: str) -> Checked:
    """Whether an answer follows one instruction, and the reason in words."""
    asked: Arguments = json.loads(str(assertion.value))
    return _CHECKS[asked["instruction"]][0](asked, answer.strip())


def instruction_problem(value: object) -> str | None:
    """Why an instruction cannot be checked, as the end of a sentence, or None."""
    try:
        asked = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or "instruction" not in asked:
        return "needs a JSON object with `instruction` as its value"
    name = asked["instruction"]
    if name not in _CHECKS:
        return f"names the instruction {name!r}, which strop does not know"
    missing = [argument for argument in _CHECKS[name][1] if asked.get(argument) is None]
    if missing:
        return f"needs {missing[0]!r} for {name}"
    if name == "language:response_language" and asked["language"] not in LANGUAGES:
        return f"asks for the language {asked['language']!r}, which strop cannot tell"
    return None


def _compared(count: int, asked: Arguments, relation: str, number: str, what: str) -> Checked:
    """A count against `at least` or `less than` a number."""
    wanted = int(asked[number])
    if asked.get(relation) == "less than":
        return count < wanted, f"{count} {what}, fewer than {wanted} asked"
    return count >= wanted, f"{count} {what}, at least {wanted} asked"


def _words_in(text: str, phrase: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.I))


def _existence(asked: Arguments, text: str) -> Checked:
    missing = [word for word in asked["keywords"] if not _words_in(text, word)]
    return not missing, f"does not say {missing}" if missing else "says every keyword"


def _forbidden(asked: Arguments, text: str) -> Checked:
    found = [word for word in asked["forbidden_words"] if _words_in(text, word)]
    return not found, f"says {found}, which it must not" if found else "says none of them"


def _frequency(asked: Arguments, text: str) -> Checked:
    word = asked["keyword"]
    return _compared(_words_in(text, word), asked, "relation", "frequency", f"times {word!r}")


def _letters(asked: Arguments, text: str) -> Checked:
    letter = str(asked["letter"]).lower()
    count = text.lower().count(letter)
    return _compared(count, asked, "let_relation", "let_frequency", f"times the letter {letter!r}")


def _language(asked: Arguments, text: str) -> Checked:
    wanted = LANGUAGES[asked["language"]]
    found = read_script(text) or read_language(text) or "no language that can be told"
    return found == wanted, f"is in {found}, {wanted} asked"


def _sentences(asked: Arguments, text: str) -> Checked:
    count = len(_SENTENCE_END.findall(text)) or int(bool(text))
    return _compared(count, asked, "relation", "num_sentences", "sentences")


def _words(asked: Arguments, text: str) -> Checked:
    return _compared(len(re.findall(r"\w+", text)), asked, "relation", "num_words", "words")


def _paragraphs(asked: Arguments, text: str) -> Checked:
    parts = [part for part in re.split(r"\s?\*\*\*\s?", text) if part.strip()]
    wanted = int(asked["num_paragraphs"])
    return len(parts) == wanted, f"{len(parts)} paragraphs parted by ***, {wanted} asked"


def _nth_paragraph(asked: Arguments, text: str) -> Checked:
    parts = [part.strip() for part in re.split(r"\n\n", text) if part.strip()]
    wanted, nth = int(asked["num_paragraphs"]), int(asked["nth_paragraph"])
    if len(parts) != wanted or nth > len(parts):
        return False, f"{len(parts)} paragraphs, {wanted} asked"
    first = re.sub(r"\W", "", parts[nth - 1].split()[0].lower())
    right = str(asked["first_word"]).lower()
    return first == right, f"paragraph {nth} begins with {first!r}, {right!r} asked"


def _placeholders(asked: Arguments, text: str) -> Checked:
    count, wanted = len(re.findall(r"\[.*?\]", text)), int(asked["num_placeholders"])
    return count >= wanted, f"{count} placeholders in brackets, at least {wanted} asked"


def _postscript(asked: Arguments, text: str) -> Checked:
    marker = str(asked["postscript_marker"])
    found = re.search(r"\s*".join(map(re.escape, marker.replace(" ", ""))), text, re.I)
    return found is not None, f"has {'a' if found else 'no'} postscript {marker}"


def _bullets(asked: Arguments, text: str) -> Checked:
    count, wanted = len(_BULLET.findall(text)), int(asked["num_bullets"])
    return count == wanted, f"{count} bullets, {wanted} asked"


def _constrained(_: Arguments, text: str) -> Checked:
    held = any(option in text for option in _OPTIONS)
    return held, "gives one of the answers" if held else f"gives none of {list(_OPTIONS)}"


def _highlights(asked: Arguments, text: str) -> Checked:
    count, wanted = len(_HIGHLIGHT.findall(text)), int(asked["num_highlights"])
    return count >= wanted, f"{count} highlighted sections, at least {wanted} asked"


def _sections(asked: Arguments, text: str) -> Checked:
    marker, wanted = str(asked["section_spliter"]), int(asked["num_sections"])
    count = len(re.findall(rf"\s?{re.escape(marker)}\s?\d+", text))
    return count >= wanted, f"{count} sections named {marker}, at least {wanted} asked"


def _json(_: Arguments, text: str) -> Checked:
    body = re.sub(r"^```(?:json)?\s*|\s*```$", "", text, flags=re.I)
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False, "is not valid JSON"
    return True, "is valid JSON"


def _title(_: Arguments, text: str) -> Checked:
    held = re.search(r"<<[^\n<>]*\S[^\n<>]*>>", text) is not None
    return held, f"has {'a' if held else 'no'} title in << >>"


def _two_responses(_: Arguments, text: str) -> Checked:
    parts = [part.strip() for part in text.split("******")]
    kept = [part for part in parts if part]
    held = len(kept) == 2 and kept[0] != kept[1] and "" not in parts[1:-1]
    return held, f"{len(kept)} responses parted by ******, 2 different ones asked"


def _repeats_prompt(asked: Arguments, text: str) -> Checked:
    held = text.lower().startswith(str(asked["prompt_to_repeat"]).strip().lower())
    return held, f"{'repeats' if held else 'does not repeat'} the request first"


def _ends(asked: Arguments, text: str) -> Checked:
    phrase = str(asked["end_phrase"]).strip()
    held = text.strip('"').lower().endswith(phrase.lower())
    return held, f"{'ends' if held else 'does not end'} with {phrase!r}"


def _quoted(_: Arguments, text: str) -> Checked:
    held = len(text) > 1 and text[0] == text[-1] == '"'
    return held, f"is {'' if held else 'not '}wrapped in double quotes"


def _capital_words(asked: Arguments, text: str) -> Checked:
    count = sum(word.isupper() for word in re.findall(r"[^\W\d_][\w'-]*", text))
    return _compared(
        count, asked, "capital_relation", "capital_frequency", "words in capital letters"
    )


def _upper(_: Arguments, text: str) -> Checked:
    return text.isupper(), f"is {'' if text.isupper() else 'not '}all in capital letters"


def _lower(_: Arguments, text: str) -> Checked:
    return text.islower(), f"is {'' if text.islower() else 'not '}all in small letters"


def _no_comma(_: Arguments, text: str) -> Checked:
    count = text.count(",")
    return not count, f"{count} commas, none asked"


_CHECKS: dict[str, tuple[Callable[[Arguments, str], Checked], tuple[str, ...]]] = {
    "keywords:existence": (_existence, ("keywords",)),
    "keywords:frequency": (_frequency, ("keyword", "frequency")),
    "keywords:forbidden_words": (_forbidden, ("forbidden_words",)),
    "keywords:letter_frequency": (_letters, ("letter", "let_frequency")),
    "language:response_language": (_language, ("language",)),
    "length_constraints:number_sentences": (_sentences, ("num_sentences",)),
    "length_constraints:number_paragraphs": (_paragraphs, ("num_paragraphs",)),
    "length_constraints:number_words": (_words, ("num_words",)),
    "length_constraints:nth_paragraph_first_word": (
        _nth_paragraph,
        ("num_paragraphs", "nth_paragraph", "first_word"),
    ),
    "detectable_content:number_placeholders": (_placeholders, ("num_placeholders",)),
    "detectable_content:postscript": (_postscript, ("postscript_marker",)),
    "detectable_format:number_bullet_lists": (_bullets, ("num_bullets",)),
    "detectable_format:constrained_response": (_constrained, ()),
    "detectable_format:number_highlighted_sections": (_highlights, ("num_highlights",)),
    "detectable_format:multiple_sections": (_sections, ("section_spliter", "num_sections")),
    "detectable_format:json_format": (_json, ()),
    "detectable_format:title": (_title, ()),
    "combination:two_responses": (_two_responses, ()),
    "combination:repeat_prompt": (_repeats_prompt, ("prompt_to_repeat",)),
    "startend:end_checker": (_ends, ("end_phrase",)),
    "startend:quotation": (_quoted, ()),
    "change_case:capital_word_frequency": (_capital_words, ("capital_frequency",)),
    "change_case:english_capital": (_upper, ()),
    "change_case:english_lowercase": (_lower, ()),
    "punctuation:no_comma": (_no_comma, ()),
}
INSTRUCTIONS = tuple(_CHECKS)

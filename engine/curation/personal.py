"""Personal data in English text: where it stands and of which kind it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

Kind = Literal[
    "e-mail", "phone", "card", "IBAN", "SSN", "address", "name", "order id", "spelled-out digits"
]


class PersonalSpan(msgspec.Struct, frozen=True):
    """One place of personal data; `start` and `end` are character offsets."""

    start: int
    end: int
    kind: Kind
    text: str


_DIGIT_WORD = r"(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine)"
_SPELLED = re.compile(
    rf"\b(?:(?:double|triple)[ -])?{_DIGIT_WORD}(?:[ ,.\-]+(?:(?:double|triple)[ -])?{_DIGIT_WORD})"
    r"{3,}\b",
    re.I,
)
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b")
_SPELLED_EMAIL = re.compile(
    r"(?<![\w.-])[a-z0-9_]{1,40}"
    r"(?:[ .]{1,2}(?:dot|underscore|dash|hyphen)[ .]{1,2}[a-z0-9_]{1,40}|[._-][a-z0-9_]{1,40}){0,4}"
    r" ?(?:\(at\)|\[at\]| at ) ?[a-z0-9-]{1,63}"
    r"(?:(?: ?(?:\(dot\)|\[dot\]| dot ) ?|\.)[a-z0-9-]{1,63}){0,3}"
    r"(?: ?(?:\(dot\)|\[dot\]| dot ) ?|\.)"
    r"(?:com|net|org|co|io|edu|gov|example|me|us|uk|de|info|test)\b",
    re.I,
)
_CARD = re.compile(r"(?<![\w-])[3-6](?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}[- ](?!00)\d{2}[- ](?!0000)\d{4}(?![\w-])")
_PHONE = re.compile(
    r"(?<![\w#$.-])(?:"
    r"\+\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){1,4}"
    r"|(?:1[ .-]?)?\(\d{3}\)[ .-]?\d{3}[ .-]?\d{4}"
    r"|(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}"
    r"|\d{3}[.-]\d{4}"
    r"|0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,4}"
    r")(?![\w-])"
)
_STREET = (
    r"Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Boulevard|Blvd|Way|Court|Ct|Place|Pl|Square"
    r"|Terrace|Parkway|Pkwy|Highway|Hwy|Crescent|Close|Row|Alley|Circle|Cir|Trail"
)
_PART = (
    r"(?:(?!(?:days?|hours?|weeks?|months?|minutes?|pairs?|percent|dollars?|of|to|in|the|a|an)\b)"
    r"[\w'.]+ )"
)
_ADDRESS = re.compile(
    rf"\b\d{{1,5}}[A-Za-z]? {_PART}{{1,3}}(?:{_STREET})\b\.?"
    r"(?:,? *(?:Apt|Apartment|Suite|Unit|Flat|No)\.? *#?\w{1,6})?"
    r"(?:,? [A-Z][A-Za-z]+(?: [A-Z][A-Za-z]+)?,? [A-Z]{2} \d{5}(?:-\d{4})?)?",
    re.I,
)
_ZIP = re.compile(
    r"\b(?:zip|postal|post)(?: ?code)?(?: is| number is)?[ :]+([A-Z0-9]{5}(?:-\d{4})?)\b", re.I
)
_ORDER = re.compile(
    r"\b(?:order|purchase|invoice|tracking|ticket|case|reference|ref|account|customer|booking|parcel)"
    r"(?: ?(?:id|no|number|nr|code|ref))?(?: is| was)?\.?[ :]*(#? ?(?=[A-Za-z-]*\d{2})"
    r"[A-Za-z]{0,4}-?\d[\dA-Za-z-]{3,})\b",
    re.I,
)
_HASH = re.compile(r"(?<![\w&])#[A-Za-z]{0,4}-?\d{4,}\b")
_BARE_ORDER = re.compile(r"\b[A-Z]{2,4}-\d{4,}(?:-\d+)*\b|(?<![\w.$-])\d{9,}(?![\w.-])")
_UPPER, _LOWER = r"[A-Z\u00c0-\u00de]", r"[a-z\u00df-\u024f]"
_NAME_WORD = (
    rf"{_UPPER}(?:['\u2019]{_UPPER})?{_LOWER}+"
    rf"(?:['\u2019-]{_UPPER}?{_LOWER}+|{_UPPER}{_LOWER}+)*"
)
_NAME = re.compile(
    r"\b(?:[Mm]y (?:full )?name(?: is|'s)|[Tt]he name(?: is|'s)|[Nn]ame ?:|[Mm]y name:"
    r"|[Uu]nder the name(?: of)?|[Ii]n the name of|I am called|(?:Mr|Mrs|Ms|Miss)\.?)"
    rf" +({_NAME_WORD}(?: {_NAME_WORD}){{0,2}})"
)
_LOWER_NAME = re.compile(r"\bmy (?:full )?name(?: is|'s) +([a-z]+(?: [a-z]+)?)\b")
_CALLER = re.compile(
    rf"\b(?:[Tt]his is|I am|I'm|[Ii]t's|[Ii]ts) ({_NAME_WORD}(?: {_NAME_WORD}){{0,2}})"
    r"(?= (?:here|speaking|calling)\b)"
)
_GREETED = re.compile(
    r"\b(?:Hi|Hello|Hey|Dear|Thanks|Thank you|Sorry),? "
    r"(?!There|Team|All|Everyone|Support|Sir|Madam|Folks|Again|So|For|And|Customer|Agent|I\b)"
    rf"({_NAME_WORD}(?: {_NAME_WORD})?)(?=[,.!])"
)
_SIGNED = re.compile(
    r"(?:[Rr]egards|[Ss]incerely|[Cc]heers|[Bb]est|[Tt]hanks),?\n+"
    rf"({_NAME_WORD}(?: {_NAME_WORD})?)\s*\Z"
)
_NOT_NAMES = {
    "not",
    "on",
    "in",
    "the",
    "a",
    "for",
    "under",
    "your",
    "my",
    "correct",
    "right",
    "what",
}
_NOT_NAMES |= {"how", "that", "and"}


def find_personal_data(text: str) -> tuple[PersonalSpan, ...]:
    """Personal data in a text, in order, none overlapping. Linear in the length of the text."""
    taken: list[PersonalSpan] = []
    low = text.lower()
    digits = 0 if _DIGIT.search(text) is None else 4 if _FOUR_DIGITS.search(text) else 1
    for recogniser in _RECOGNISERS:
        cues = recogniser.cues
        if recogniser.digits > digits or (cues and not any(map(low.__contains__, cues))):
            continue
        pattern = recogniser.pattern
        for found in pattern.finditer(text):
            start, end = found.span(1 if pattern.groups else 0)
            clear = all(end <= t.start or start >= t.end for t in taken)
            if clear and recogniser.holds(text[start:end]):
                taken.append(PersonalSpan(start, end, recogniser.kind, text[start:end]))
    return tuple(sorted(taken, key=lambda span: span.start))


def passes_luhn(digits: str) -> bool:
    """The check sum of card numbers (ISO/IEC 7812-1), over a string of digits."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def passes_iban(text: str) -> bool:
    """The check digits of an IBAN (ISO 13616): the rearranged number is 1 modulo 97."""
    plain = text.replace(" ", "").upper()
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return 13 <= len(digits) <= 19 and passes_luhn(digits)


def _is_phone(text: str) -> bool:
    return 7 <= sum(c.isdigit() for c in text) <= 15


def _is_name(text: str) -> bool:
    return text.split(maxsplit=1)[0].lower() not in _NOT_NAMES


def _any(text: str) -> bool:
    return True


class _Recogniser(msgspec.Struct, frozen=True):
    """One kind of personal data; the cues tell at once where looking closer is in vain."""

    kind: Kind
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = _any
    digits: int = 0
    """Digits close together that a text must hold: none, one or four."""
    cues: tuple[str, ...] = ()
    """One of these must stand in the text, in lower case."""


_DIGIT = re.compile(r"\d")
_FOUR_DIGITS = re.compile(r"\d(?:\D{0,3}\d){3}")
_NUMBERED = ("order", "purchase", "invoice", "tracking", "ticket", "case", "ref")
_NUMBER_WORDS = ("zero", "oh", "nought", "one", "two", "three", "four", "five", "six", "seven")
_RECOGNISERS = (
    _Recogniser("e-mail", _EMAIL, cues=("@",)),
    _Recogniser("e-mail", _SPELLED_EMAIL, cues=(" at ", "(at)", "[at]")),
    _Recogniser("IBAN", _IBAN, passes_iban, digits=4),
    _Recogniser("card", _CARD, _is_card, digits=4),
    _Recogniser("SSN", _SSN, digits=4),
    _Recogniser("phone", _PHONE, _is_phone, digits=4),
    _Recogniser("address", _ADDRESS, digits=1),
    _Recogniser("address", _ZIP, digits=1, cues=("zip", "post")),
    _Recogniser(
        "order id",
        _ORDER,
        digits=1,
        cues=(*_NUMBERED, "account", "customer", "booking", "parcel"),
    ),
    _Recogniser("order id", _HASH, digits=4, cues=("#",)),
    _Recogniser("order id", _BARE_ORDER, digits=4),
    _Recogniser(
        "spelled-out digits",
        _SPELLED,
        cues=(*_NUMBER_WORDS, "eight", "nine"),
    ),
    _Recogniser("name", _NAME, _is_name, cues=("name", "called", "mr", "ms", "miss")),
    _Recogniser("name", _LOWER_NAME, _is_name, cues=("my name", "my full name")),
    _Recogniser("name", _CALLER, _is_name, cues=(" here", " speaking", " calling")),
    _Recogniser("name", _GREETED, _is_name),
    _Recogniser("name", _SIGNED, _is_name, cues=("\n",)),
)

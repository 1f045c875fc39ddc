"""Amounts as people write them: 1,250.50, 1 1/2, a half sign, forty-five, two hundred and six."""

from __future__ import annotations

import re

_ONES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9,
}  # fmt: skip
_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_SMALL: dict[str, int] = {**_ONES, **_TEENS, **_TENS, "zero": 0, "a": 1, "an": 1}
_SIGNS = {"½": 0.5, "¼": 0.25, "¾": 0.75}

_ones = "|".join(_ONES)
_sub100 = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{_ones})\b)?|{'|'.join(_TEENS)}|{_ones})\b"
_sub1000 = rf"(?:(?:{_sub100}|an?)\s+hundred\b(?:\s+(?:and\s+)?{_sub100})?|{_sub100})"
_words = rf"(?:(?:{_sub1000}|an?)\s+thousand\b(?:,?\s+(?:and\s+)?{_sub1000})?|{_sub1000})"
_dozen = rf"(?:(?:half\s+)?an?|{_sub100})\s+dozen\b"

WORDS = rf"(?:{_dozen}|{_words}|zero\b)(?:\s+and\s+a\s+half\b)?"
"""Number words up to the thousands; "and a half" belongs to them."""

DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
FIGURES = rf"(?:{DIGITS}(?:\s?[½¼¾]|\s[13]/[248](?![0-9/]))?|[½¼¾])(?:\s+and\s+a\s+half\b)?"
FRACTION = r"[1-9]/[2-9](?![0-9/])"
STARTS = "|".join(["half", "zero", *_TENS, *_TEENS, *_ONES])
"""Words that can begin an amount, for the scanner; `a` and `an` are met separately."""

_FRACTION_PARTS = re.compile(r"(?:([0-9.,]+)\s+)?([0-9]+)/([0-9]+)\Z")


def read_amount(written: str) -> float:
    """The value of an amount matched by WORDS, FIGURES or FRACTION (lower case)."""
    body = written.strip()
    extra = 0.0
    if body.endswith("and a half"):
        body, extra = body.removesuffix("and a half").strip(), 0.5
    if body[0] in _SIGNS or body[0].isdigit():
        return _read_figures(body) + extra
    return _read_words(body) + extra


def _read_figures(body: str) -> float:
    if parts := _FRACTION_PARTS.match(body):
        whole, top, bottom = parts.groups()
        divided = int(top) / int(bottom) if int(bottom) else 0.0
        return (float(whole.replace(",", "")) if whole else 0.0) + divided
    if body[-1] in _SIGNS:
        rest = body[:-1].strip().replace(",", "")
        return (float(rest) if rest else 0.0) + _SIGNS[body[-1]]
    return float(body.replace(",", ""))


def _read_words(body: str) -> float:
    total, current = 0.0, 0.0
    for word in body.replace("-", " ").replace(",", " ").split():
        if word == "half":
            current = 0.5
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word == "thousand":
            total, current = total + max(current, 1) * 1000, 0.0
        elif word == "dozen":
            current = max(current, 0.5) * 12
        elif word != "and":
            current = current * _SMALL[word] if current == 0.5 else current + _SMALL[word]
    return total + current

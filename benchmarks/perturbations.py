"""Faults put into clean answers, drawn afresh: other numbers and units, denials, promises."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from benchmarks.domains import Clean
from engine.curation.ruled import typed_facts
from engine.facts import Fact, find_facts, same_fact
from engine.scope import Rule

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {
    "working days": ("days", "weeks", "hours"),
    "business days": ("days", "weeks", "months"),
    "days": ("weeks", "months", "hours"),
    "weeks": ("days", "months"),
    "months": ("days", "weeks", "years"),
    "hours": ("days", "minutes"),
    "minutes": ("hours", "days"),
    "mm": ("cm",),
    "percent": ("dollars",),
}
_PROMISES = (
    "I promise that {}.",
    "We guarantee {}.",
    "You can count on it: {}, for sure.",
    "It is guaranteed that {}.",
)
_INSTEAD = (
    "That should sort itself out, please try again next week.",
    "Thanks for letting us know, have a nice day.",
    "It was most likely your own mistake.",
)

Perturbation = Callable[[str, Rule, Random], str | None]


def spelled(number: int) -> str:
    """A whole number below a thousand in words."""
    if number >= 100:
        rest = number % 100
        return f"{_ONES[number // 100]} hundred" + (f" and {spelled(rest)}" if rest else "")
    if number < 20:
        return _ONES[number]
    return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")


def _stated(answer: str, rule: Rule) -> list[Fact]:
    """Claims of the answer that are the rule's facts, written in figures."""
    facts = typed_facts(rule)
    claims = [c for c in find_facts(answer) if any(c.amount == f.amount for f in facts)]
    return [c for c in claims if re.search(r"\d", c.text)]


def _put(answer: str, fact: Fact, figure: Callable[[str], str]) -> str:
    """The answer with the figure of one fact rewritten."""
    text = re.sub(r"\d+(?:[.,:]\d+)?", lambda m: figure(m[0]), fact.text, count=1)
    return answer[: fact.start] + text + answer[fact.end :]


def _another(written: str, rule: Rule, draw: Random) -> str:
    amount = float(written.replace(",", "").replace(":", "."))
    avoided = {f.amount for f in typed_facts(rule)} | {amount}
    while True:
        if "." in written:
            other = round(draw.choice((0.5, 0.75, 1.5, 2, 3)) * amount + draw.randint(1, 4), 2)
            text = f"{other:.2f}"
        else:
            other = float(draw.randint(2, int(amount) * 3 + 5))
            text = f"{other:.0f}"
        if other not in avoided:
            return text


def other_number(answer: str, rule: Rule, draw: Random) -> str | None:
    """45 days becomes 60 days."""
    facts = [f for f in _stated(answer, rule) if f.unit not in ("o'clock", "date")]
    return _put(answer, facts[0], lambda w: _another(w, rule, draw)) if facts else None


def other_number_in_words(answer: str, rule: Rule, draw: Random) -> str | None:
    """45 days becomes sixty-one days."""
    kinds = ("duration", "percent", "number")
    facts = [
        f
        for f in _stated(answer, rule)
        if f.kind in kinds and f.unit not in ("o'clock", "") and f.amount == int(f.amount)
    ]
    if not facts or "." in facts[0].text:
        return None
    return _put(answer, facts[0], lambda w: spelled(int(_another(w, rule, draw)) % 999))


def other_unit(answer: str, rule: Rule, draw: Random) -> str | None:
    """45 days becomes 45 weeks, $5 becomes 5 euros."""
    for fact in _stated(answer, rule):
        if fact.text.startswith("$"):
            return answer[: fact.start] + "\u20ac" + answer[fact.start + 1 :]
        for unit, others in _UNITS.items():
            if fact.text.endswith(f" {unit}"):
                changed = fact.text.removesuffix(unit) + draw.choice(others)
                return answer[: fact.start] + changed + answer[fact.end :]
    return None


def denied(answer: str, rule: Rule, draw: Random) -> str | None:
    """What the rule grants is denied, what it denies is granted."""
    if re.search(r"\b(?:cannot|can't|not) be\b", rule.text):
        changed = re.sub(r"\b(?:cannot|can't|can not) be\b", "can be", answer)
        return None if changed == answer else re.sub(r"^No, ", "Yes, ", changed)
    if not re.search(r"\bcan be\b", rule.text) or re.search(r"\bonly\b", rule.text + answer):
        return None
    never = draw.choice(("cannot be", "can't be", "can never be"))
    changed = re.sub(r"\bcan be\b", never, answer)
    return None if changed == answer else re.sub(r"^Yes, ", "No, ", changed)


def opposite(answer: str, rule: Rule, draw: Random) -> str | None:
    """Yes for no, with the clause behind it turned as well where it can be."""
    if not any(f.kind == "yes_no" for f in typed_facts(rule)):
        return None
    lead = re.match(r"(Yes|No)\b", answer)
    if lead is None:
        return None
    other = "No" if lead[1] == "Yes" else "Yes"
    rest = answer[lead.end() :]
    rest = re.sub(r"\bcannot\b", "can", rest) if other == "Yes" else rest
    rest = re.sub(r"\b(we) do not\b", r"\1", rest) if other == "Yes" else rest
    return other + rest


def promised(forbidden: tuple[str, ...]) -> Perturbation:
    """A promise of what the rule forbids, in place of the answer or behind it."""

    def perturb(answer: str, rule: Rule, draw: Random) -> str | None:
        if rule.kind != "forbidden_promise" or not forbidden:
            return None
        promise = draw.choice(_PROMISES).format(draw.choice(forbidden))
        return promise if draw.random() < 0.5 else f"{answer} {promise}"

    return perturb


def dropped(answer: str, rule: Rule, draw: Random) -> str | None:
    """The hand-off, or the refusal, is gone."""
    if rule.kind not in ("hand_off", "refusal"):
        return None
    return draw.choice(_INSTEAD)


def _amount_of_another(rules: Sequence[Rule]) -> Perturbation:
    """An amount that stands in the rules, but in another one."""

    def perturb(answer: str, rule: Rule, draw: Random) -> str | None:
        facts = [f for f in _stated(answer, rule) if f.kind in ("money", "duration")]
        others = [
            o
            for r in rules
            if r.id != rule.id
            for o in typed_facts(r)
            if facts and (o.kind, o.unit) == (facts[0].kind, facts[0].unit)
        ]
        own = {f.amount for f in typed_facts(rule)}
        others = [o for o in others if o.amount not in own]
        if not others:
            return None
        amount = draw.choice(others).amount
        return _put(answer, facts[0], lambda w: f"{amount:.2f}" if "." in w else f"{amount:g}")

    return perturb


def faults_of(clean: Clean, rules: Sequence[Rule], draw: Random) -> Iterator[tuple[str, str]]:
    """Every fault that an answer can be given, by name; none repeats what the customer said."""
    answer, rule, forbidden = clean.example.answer, clean.rule, clean.forbidden
    said = find_facts(clean.example.prompt)
    for name, perturb in (
        ("other number", other_number),
        ("other number in words", other_number_in_words),
        ("amount of another rule", _amount_of_another(rules)),
        ("other unit", other_unit),
        ("denied", denied),
        ("opposite", opposite),
        ("promised", promised(forbidden)),
        ("dropped", dropped),
    ):
        changed = perturb(answer, rule, draw)
        if changed is None or changed == answer:
            continue
        if any(same_fact(c, s) for c in find_facts(changed) for s in said):
            continue
        yield name, changed

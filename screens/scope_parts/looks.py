"""What a typed value means, in a few words, said while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.facts import find_facts, yes_or_no
from engine.records import Assertion
from engine.scope import Intent, Person, Rule, Trigger
from engine.steps.advice import FEW_TARGET, PERIODS, sentences_of

TRIGGERS_WANTED = 2


def task(text: str) -> str:
    """How long it is, and whether it is one."""
    number = len(sentences_of(text))
    words = f"{count(number, 'sentence')}, {count(len(text.split()), 'word')}"
    return f"{words}: that may be several tasks" if number > 2 else words


def words(text: str) -> str:
    """How long it is."""
    return count(len(text.split()), "word")


def intents(read: Sequence[Intent]) -> str:
    """How many, how many examples, and which one is thin."""
    total = f"{count(len(read), 'intent')}, {count(sum(i.target for i in read), 'example')} wanted"
    thin = next((i.name for i in read if 0 < i.target < FEW_TARGET), "")
    return f"{total}; {thin}: fewer than {FEW_TARGET} teach little" if thin else total


def target(number: int) -> str:
    """Whether that is enough."""
    if not number:
        return "none in particular"
    return "too few to learn from" if number < FEW_TARGET else count(number, "accepted example")


def many(noun: str) -> Callable[[Sequence[object]], str]:
    """`3 topics`."""
    return lambda read: count(len(read), noun)


def rule_text(text: str) -> str:
    """The facts in it, as they will be compared."""
    facts = [fact.text.strip() for fact in find_facts(text) if fact.unit]
    if facts:
        return f"facts in it: {', '.join(dict.fromkeys(facts))}"
    answer = yes_or_no(text)
    return "no number in it" if answer is None else f"it says {'yes' if answer else 'no'}"


def facts(read: Sequence[str]) -> str:
    """Which of them can be compared."""
    plain = [t for t in read if not any(f.unit for f in find_facts(t)) and yes_or_no(t) is None]
    if plain:
        return f"{plain[0]} is kept as words and not compared"
    return f"{count(len(read), 'fact')}, compared with every answer"


def changes(often: str) -> str:
    """What that asks of the cadence."""
    days = PERIODS.get(often)
    return f"learned facts are old after {days} days" if days else ""


def assertions(read: Sequence[Assertion]) -> str:
    """How many, and how many weigh more."""
    critical = sum(a.critical for a in read)
    return count(len(read), "assertion") + (f", {critical} critical" if critical else "")


def capability(margin: float) -> str:
    """What the margin costs in cases."""
    from engine.evaluation.statistics import cases_to_allow

    none, one = cases_to_allow(0, margin), cases_to_allow(1, margin)
    return f"takes {none} cases at least, {one} with one regression" if none and one else ""


def ceiling(share: float) -> str:
    """What the ceiling costs in cases."""
    from engine.evaluation.statistics import more_to_bound

    most = more_to_bound(0, 0, share)
    return f"takes {most} cases without a violation" if most else ""


def reduction(share: float) -> str:
    """The fall as an example."""
    if not share:
        return "any fall that is significant"
    return f"from 20 % to {20 * (1 - share):g} % of errors, or less"


def triggers(read: Sequence[Trigger]) -> str:
    """Whether there are enough."""
    missing = "" if len(read) >= TRIGGERS_WANTED else ": the verdict asks for two"
    return f"{count(len(read), 'trigger')}{missing}"


def interval(days: int) -> str:
    """In months."""
    return f"about {count(round(days / 30.4), 'month')}" if days > 45 else count(days, "day")


def people(read: Sequence[Person]) -> str:
    """How many."""
    return count(len(read), "person", "people")


def rule_id(taken: Sequence[Rule]) -> Callable[[str], str]:
    """Whether the id is free."""
    known = {rule.id for rule in taken}
    return lambda text: "taken already" if text in known else "free"


def count(number: int, noun: str, nouns: str = "") -> str:
    """`1 rule`, `2 rules`."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"

"""Should you train at all? What the scope, the examples and the prompted arm say against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations
from typing import Literal

import msgspec

from engine.errors import ScopeError
from engine.facts import Fact, parse_fact, same_fact
from engine.scope import Rule, Scope

Topic = Literal[
    "changing_facts",
    "unknown_changes",
    "one_rule",
    "no_examples",
    "few_examples",
    "no_assertions",
    "contradictory_rules",
    "several_tasks",
    "intent_without_rule",
    "thin_targets",
    "prompt_suffices",
]
Weight = Literal["stop", "think"]

FEW_EXAMPLES = 50
"""What the embedded model learned ten return and fit questions from; a larger one needs fewer."""
FEW_TARGET = 8
"""Examples of an intent below which `balance` warns, too."""
LONG_TASK = 2
"""Sentences that still are one task."""
USUAL_INTERVAL = 90
PERIODS = {"weekly": 7, "monthly": 30, "yearly": 365}
"""Days after which facts have changed, by what a rule says of itself."""

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*")


class Advice(msgspec.Struct, frozen=True):
    """One reason to think twice before training."""

    topic: Topic
    weight: Weight
    """stop: something else is the remedy; think: it can be right, but has to be meant."""
    what: str
    why: str
    instead: str
    rules: tuple[str, ...] = ()
    """Ids of the rules it is about."""


class PromptedResult(msgspec.Struct, frozen=True):
    """How base with the rules in its system prompt did against base alone, on held-out cases."""

    run: int
    cases: int
    base_errors: float
    prompted_errors: float
    """Shares of 1."""
    passes: bool
    """Whether it meets the scope's criterion for domain errors."""
    tuned_errors: float | None = None
    """Of the cases that the tuned arm answered, too; None when it answered none."""
    tuned_is_better: bool = False
    """Whether tuned makes significantly fewer errors than prompted (mid-p < 5 %)."""


def advise(
    scope: Scope, examples: int, prompted: PromptedResult | None = None
) -> tuple[Advice, ...]:
    """Everything that speaks against training, the weightiest first. Pure.

    examples: rows of the session that are not rejected.
    """
    found = [
        *_prompt_suffices(prompted),
        *_changing_facts(scope),
        *_contradictions(scope),
        *_rules(scope),
        *_task(scope),
        *_intents(scope),
        *_examples(examples),
    ]
    return tuple(sorted(found, key=lambda a: a.weight != "stop"))


def _prompt_suffices(found: PromptedResult | None) -> Iterator[Advice]:
    if found is None or not found.passes or found.tuned_is_better:
        return
    fall = f"from {found.base_errors * 100:.0f} % to {found.prompted_errors * 100:.0f} %"
    against = (
        ""
        if found.tuned_errors is None
        else f" The tuned model makes {found.tuned_errors * 100:.0f} % errors, which is not"
        " significantly fewer."
    )
    yield Advice(
        "prompt_suffices",
        "stop",
        f"A prompt does it: the rules in the system turn take errors {fall} of {found.cases}"
        f" cases (run {found.run}).",
        f"That alone meets the criterion for domain errors.{against}",
        "Serve base with the rules in its system prompt. Train only for what that costs you:"
        " longer prompts, slower answers, rules that leak.",
    )


def _changing_facts(scope: Scope) -> Iterator[Advice]:
    interval = scope.cadence.interval_days or USUAL_INTERVAL
    stating = [rule for rule in scope.rules if rule.facts]
    early = [r for r in stating if PERIODS.get(r.changes, interval) < interval]
    if early:
        often = " or ".join(dict.fromkeys(r.changes for r in early))
        yield Advice(
            "changing_facts",
            "stop" if any(r.changes == "weekly" for r in early) else "think",
            f"The facts of {_names(early)} change {often}, training comes every {interval} days.",
            "A fact in the weights changes with the next training, not sooner: until then the model"
            " says the old one, fluently.",
            "Look these facts up and put them into the prompt (retrieval), and train only how to"
            " answer with them; or train as often as they change.",
            _ids(early),
        )
    elif stating and not any(r.changes for r in stating):
        yield Advice(
            "unknown_changes",
            "think",
            "Nobody has said how often the facts of the rules change.",
            "A fact that changes faster than you train belongs into a prompt, not into weights.",
            "Ask whoever owns the rules, and fill in `changes`: rarely, yearly, monthly, weekly.",
        )


def _contradictions(scope: Scope) -> Iterator[Advice]:
    for first, second in combinations(scope.rules, 2):
        clash = _same_case(first, second) and _clash(first, second)
        if clash:
            about = f"{first.entity}, {first.condition}" if first.condition else first.entity
            yield Advice(
                "contradictory_rules",
                "stop",
                f"{first.id} says {clash[0].text.strip()}, {second.id} says"
                f" {clash[1].text.strip()}, both of {about}.",
                "No answer can hold both: whatever the model learns, half the cases call it wrong.",
                "Find out which one holds, or write down the condition that tells them apart.",
                (first.id, second.id),
            )


def _same_case(first: Rule, second: Rule) -> bool:
    here, there = (
        (r.intent, r.entity.strip().lower(), r.condition.strip().lower()) for r in (first, second)
    )
    return bool(here[1]) and here == there


def _clash(first: Rule, second: Rule) -> tuple[Fact, Fact] | None:
    """Two facts of one unit, where none of the one rule is a fact of the other."""
    ours, theirs = _typed(first), _typed(second)
    for fact in ours:
        alike = [other for other in theirs if (other.kind, other.unit) == (fact.kind, fact.unit)]
        if alike and not any(same_fact(a, b) for a in ours for b in alike):
            return fact, alike[0]
    return None


def _typed(rule: Rule) -> tuple[Fact, ...]:
    """The facts that can be compared; those in plain words are left out."""
    found: list[Fact] = []
    for text in rule.facts:
        with suppress(ScopeError):
            found.append(parse_fact(text))
    return tuple(found)


def _rules(scope: Scope) -> Iterator[Advice]:
    if len(scope.rules) == 1:
        yield Advice(
            "one_rule",
            "think",
            f"There is one rule only, {scope.rules[0].id}.",
            "One fact fits into a sentence of the system prompt, where it can be changed today.",
            "Put it into the prompt and measure that first: `strop answer --arm prompted`.",
            _ids(scope.rules),
        )
    if scope.rules and not any(rule.assertions for rule in scope.rules):
        yield Advice(
            "no_assertions",
            "stop",
            "No rule has an assertion.",
            "Whether an answer is right could not be said: no verdict would mean anything.",
            "Give the rules what an answer must hold; the guide proposes it from their facts.",
        )


def _task(scope: Scope) -> Iterator[Advice]:
    sentences = sentences_of(scope.task)
    if len(sentences) > LONG_TASK:
        yield Advice(
            "several_tasks",
            "think",
            f"The task takes {len(sentences)} sentences.",
            "What does not fit into one is often several tasks, and then one verdict speaks of"
            " none of them.",
            "Say it in one sentence; make a session of its own of what is left over.",
        )


def sentences_of(text: str) -> list[str]:
    """The sentences or lines of a text; a point inside a number ends none."""
    return [s for s in _SENTENCE.findall(text) if s.strip(" -*\t")]


def _intents(scope: Scope) -> Iterator[Advice]:
    ruled = {rule.intent for rule in scope.rules}
    bare = [i.name for i in scope.intents if i.name not in ruled]
    if scope.rules and bare and "" not in ruled:
        yield Advice(
            "intent_without_rule",
            "think",
            f"No business rule belongs to {', '.join(bare)}.",
            "Where nobody wrote down what is right, the loudest transcript decides it.",
            "Write the rules of it, or leave the intent out of the scope.",
        )
    thin = [i.name for i in scope.intents if 0 < i.target < FEW_TARGET]
    if thin:
        yield Advice(
            "thin_targets",
            "think",
            f"Fewer than {FEW_TARGET} examples are wanted of {', '.join(thin)}.",
            "So few teach a phrase, not what it means; the rest of the data drowns them.",
            "Ask for 40 to 80 of each intent, or hand that intent to a person.",
        )


def _examples(examples: int) -> Iterator[Advice]:
    if not examples:
        yield Advice(
            "no_examples",
            "think",
            "There is no example yet.",
            "Training learns from answers. Rules without answers are a prompt.",
            "Bring transcripts to step 2. If there are none, put the rules into the system prompt"
            " and measure that.",
        )
    elif examples < FEW_EXAMPLES:
        yield Advice(
            "few_examples",
            "think",
            f"There are {examples} examples.",
            "From so few a model learns their words by heart sooner than what they have in common.",
            f"Bring {FEW_EXAMPLES} good ones at least, or show a few of them in the prompt.",
        )


def _ids(rules: tuple[Rule, ...] | list[Rule]) -> tuple[str, ...]:
    return tuple(rule.id for rule in rules)


def _names(rules: list[Rule]) -> str:
    """`R01, R02 and 3 more`."""
    ids = _ids(rules)
    shown = ", ".join(ids[:3])
    return f"{shown} and {len(ids) - 3} more" if len(ids) > 3 else shown


def advice_line(advice: tuple[Advice, ...]) -> str:
    """All of it on one line: how many reasons, and the first."""
    if not advice:
        return "nothing in the scope speaks against training"
    stops = sum(a.weight == "stop" for a in advice)
    number = f"{len(advice)} reason{'' if len(advice) == 1 else 's'} to think twice"
    heavy = f", {stops} of them heavy" if stops else ""
    return f"{number}{heavy}. {advice[0].what}"

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.records import Answer, Suite
from engine.scope import Cadence, Changes, Intent, Rule, Scope
from engine.steps import sessions as sessions_step
from engine.steps import train
from engine.steps.advice import Advice, PromptedResult, advice_line, advise
from engine.steps.advising import advise_session, read_prompted
from engine.store import cases, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run, small_scope


def sound() -> Scope:
    """A scope that nothing speaks against."""
    scope = small_scope()
    first = replace(scope.rules[0], changes="rarely", entity="shoes", condition="unworn")
    other = replace(
        first, id="R02", text="A refund takes 7 days.", entity="refund", facts=("7 days",)
    )
    return replace(scope, rules=(first, other))


def topics(scope: Scope, examples: int = 400, prompted: PromptedResult | None = None) -> list[str]:
    return [advice.topic for advice in advise(scope, examples, prompted)]


def found(scope: Scope, topic: str) -> Advice:
    return next(a for a in advise(scope, 400) if a.topic == topic)


def test_nothing_speaks_against_a_sound_scope() -> None:
    assert topics(sound()) == []
    assert advice_line(()) == "nothing in the scope speaks against training"


@pytest.mark.parametrize(
    ("changes", "interval", "weight"),
    [("weekly", 90, "stop"), ("monthly", 90, "think"), ("weekly", 0, "stop"), ("monthly", 14, None),
     ("yearly", 90, None), ("rarely", 3650, None), ("yearly", 400, "think")],
)  # fmt: skip
def test_facts_that_change_sooner_than_one_trains_belong_into_a_prompt(
    changes: Changes, interval: int, weight: str | None
) -> None:
    scope = sound()
    moving = replace(scope.rules[0], changes=changes)
    scope = replace(
        scope,
        rules=(moving, scope.rules[1]),
        cadence=replace(scope.cadence, interval_days=interval),
    )
    given = [a for a in advise(scope, 400) if a.topic == "changing_facts"]
    assert [a.weight for a in given] == ([weight] if weight else [])
    assert all(a.rules == ("R01",) and "retrieval" in a.instead for a in given)


def test_nobody_having_said_how_often_facts_change_is_asked() -> None:
    rules = tuple(replace(rule, changes="") for rule in sound().rules)
    assert topics(replace(sound(), rules=rules)) == ["unknown_changes"]
    factless = tuple(replace(rule, facts=()) for rule in rules)
    assert topics(replace(sound(), rules=factless)) == []


def test_one_rule_fits_into_a_prompt() -> None:
    assert topics(replace(sound(), rules=sound().rules[:1])) == ["one_rule"]


def test_rules_of_one_thing_that_differ_in_a_fact_contradict_each_other() -> None:
    first = sound().rules[0]
    other = replace(first, id="R07", facts=("30 days",))
    scope = replace(sound(), rules=(first, other))
    clash = found(scope, "contradictory_rules")
    assert clash.rules == ("R01", "R07")
    assert clash.what == "R01 says 45 days, R07 says 30 days, both of shoes, unworn."
    assert clash.weight == "stop"


@pytest.mark.parametrize(
    "other",
    [
        {"condition": "worn"},
        {"entity": "boots"},
        {"intent": ""},
        {"facts": ("45 days", "30 days")},
        {"facts": ("6.95 dollars",)},
        {"facts": ("only with a receipt",)},
    ],
)
def test_another_condition_thing_or_unit_is_no_contradiction(other: dict[str, object]) -> None:
    first = sound().rules[0]
    second = replace(first, id="R07", **{"facts": ("30 days",), **other})
    assert "contradictory_rules" not in topics(replace(sound(), rules=(first, second)))


def test_yes_against_no_is_a_contradiction() -> None:
    first = replace(sound().rules[0], facts=("yes",))
    scope = replace(sound(), rules=(first, replace(first, id="R07", facts=("no",))))
    assert found(scope, "contradictory_rules").rules == ("R01", "R07")


def test_without_any_assertion_nothing_could_be_judged() -> None:
    rules = tuple(replace(rule, assertions=()) for rule in sound().rules)
    assert topics(replace(sound(), rules=rules)) == ["no_assertions"]


def test_a_task_of_several_sentences_is_several_tasks() -> None:
    long = "Answer returns. Write 2.5 mails a day! And summarise calls for the boss."
    assert "takes 3 sentences" in found(replace(sound(), task=long), "several_tasks").what
    assert topics(replace(sound(), task="Answer returns, at $6.95 each. In two sentences.")) == []


def test_an_intent_without_a_rule_or_with_few_examples_is_named() -> None:
    scope = replace(sound(), intents=(*sound().intents, Intent("gifts", 5)))
    assert topics(scope) == ["intent_without_rule", "thin_targets"]
    assert "belongs to gifts" in found(scope, "intent_without_rule").what
    everywhere = replace(scope, rules=(*scope.rules, Rule("R03", "tone", "Be calm.", "tone")))
    assert "intent_without_rule" not in topics(everywhere)


@pytest.mark.parametrize(
    ("examples", "topic"), [(0, ["no_examples"]), (49, ["few_examples"]), (50, [])]
)
def test_few_examples_are_said(examples: int, topic: list[str]) -> None:
    assert topics(sound(), examples) == topic


def test_a_prompt_that_meets_the_criterion_comes_first() -> None:
    result = PromptedResult(3, 120, 0.47, 0.12, passes=True, tuned_errors=0.1)
    one = replace(sound(), rules=sound().rules[:1])
    first, _ = advise(one, 400, result)
    assert (first.topic, first.weight) == ("prompt_suffices", "stop")
    assert "from 47 % to 12 % of 120 cases (run 3)" in first.what
    assert "makes 10 % errors, which is not significantly fewer" in first.why
    assert advice_line(advise(one, 400, result)).startswith(
        "2 reasons to think twice, 1 of them heavy. A prompt does it"
    )


@pytest.mark.parametrize("result", [
    PromptedResult(3, 120, 0.47, 0.40, passes=False),
    PromptedResult(3, 120, 0.47, 0.12, passes=True, tuned_errors=0.02, tuned_is_better=True),
])  # fmt: skip
def test_training_that_does_more_than_the_prompt_stands(result: PromptedResult) -> None:
    assert topics(sound(), prompted=result) == []


def test_the_prompted_arm_is_judged_like_a_training(workspace: Workspace, curated: str) -> None:
    held_out = tuple(cases.every(workspace.store, sessions.get(workspace.store, curated).id))
    suite = Suite("domain", "domain", "1", held_out)

    def answers(right: dict[str, int]) -> list[Answer]:
        return [
            Answer("domain", case.id, arm, f"Within {45 if index < number else 30} days.")
            for arm, number in right.items()
            for index, case in enumerate(held_out)
        ]

    result = read_prompted(4, [suite], answers({"base": 3, "prompted": 27}), small_scope().criteria)
    assert result == PromptedResult(4, 30, 0.9, 0.1, passes=True)
    more = answers({"base": 3, "prompted": 6, "tuned": 28})
    result = read_prompted(4, [suite], more, small_scope().criteria)
    assert result is not None
    assert (result.passes, result.tuned_is_better) == (False, True)
    assert read_prompted(4, [suite], answers({"base": 3}), small_scope().criteria) is None


def test_the_advice_reads_the_prompted_arm_of_the_last_run(
    workspace: Workspace, curated: str
) -> None:
    assert "prompt_suffices" not in [a.topic for a in advise_session(workspace, curated)]
    answered_run(workspace, curated, {"base": 3, "prompted": 27})
    train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    (advice,) = [a for a in advise_session(workspace, curated) if a.topic == "prompt_suffices"]
    assert "from 90 % to 10 % of 30 cases (run 1)" in advice.what


def test_nothing_speaks_against_the_sample_but_what_it_means(workspace: Workspace) -> None:
    session = sessions_step.open_sample(workspace)
    assert advise_session(workspace, session.slug) == ()


def test_a_cadence_unset_is_taken_for_the_usual_one() -> None:
    assert topics(replace(sound(), cadence=Cadence())) == []

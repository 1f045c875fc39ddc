"""The steps of the guide: what each asks, what it is for, and when it has been answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from engine.records import Gate
from engine.scope import Scope
from engine.steps import scope as scope_step
from engine.steps import scope_text as texts
from engine.steps.sessions import read_scope
from engine.steps.suites import available, named_suites
from engine.workspace import Workspace
from screens.scope_parts.describe import assertion_words


class Step(msgspec.Struct, frozen=True):
    """One step. `why` says what it is for and what good looks like."""

    name: str
    title: str
    why: str
    is_done: Callable[[Scope], bool] = lambda _: True


STEPS = (
    Step(
        "task",
        "The task, in one sentence",
        "What to answer, for whom, by which rules, how long. Good: two people of your team would"
        " agree whether an answer does it.",
        lambda scope: bool(scope.task.strip()),
    ),
    Step(
        "intents",
        "What is in scope",
        "What customers ask for that the model should handle, with the examples you want of each."
        " Good: a handful that do not overlap, 40 to 80 examples each.",
        lambda scope: bool(scope.intents),
    ),
    Step(
        "out",
        "What is out of scope, and what goes to a person",
        "What it must not answer, and what it must pass on. Good: everything that would hurt"
        " somebody if it were answered wrong.",
        lambda scope: bool(scope.out_of_scope or scope.hand_off),
    ),
    Step(
        "rules",
        "Business rules",
        "One fact or one behaviour each: answers are judged by them, examples that contradict them"
        " are found. Good: a number with its unit, the thing, the condition. ! lacks an assertion.",
        lambda scope: bool(scope.rules) and all(rule.assertions for rule in scope.rules),
    ),
    Step(
        "tone",
        "How it should sound",
        "The tone is for the people who curate. The system prompt stands before every row and"
        " every domain case. Good: short, without the rules.",
        lambda scope: bool(scope.tone or scope.system_prompt),
    ),
    Step(
        "criteria",
        "Success, in numbers",
        "Agreed on before training, so that nobody moves the goal afterwards. The defaults are"
        " good; what is stricter takes more cases.",
    ),
    Step(
        "suites",
        "What else the verdict asks",
        "Your held-out cases show what got better; suites show what got worse. Good: one each for"
        " compliance, its harmless twins, general tasks and general texts.",
        lambda scope: bool(scope.suites),
    ),
    Step(
        "people",
        "Who has a part",
        "Names that the report shows. Good: who owns the rules, who curates, who signs.",
        lambda scope: bool(scope.people),
    ),
    Step(
        "cadence",
        "When to train again",
        "Without it the verdict cannot be SHIP. Good: an owner, an interval, two numbers that"
        " trigger it earlier, where data comes from, what to go back to.",
        scope_step.has_cadence,
    ),
    Step(
        "checks",
        "Data checks",
        "What is looked for in the examples. The defaults are good to start with; come back when a"
        " check finds too much or too little.",
    ),
    Step("end", "Is it ready?", "F on the scope screen freezes it, and then training can begin."),
)
NAMES = tuple(step.name for step in STEPS)


def step_of(place: str) -> Step:
    """The step that a place belongs to: `proof:R01` to the rules."""
    kind = place.partition(":")[0]
    owner = {"rule": "rules", "proof": "rules", "text": "rules", "check": "checks"}.get(kind, kind)
    return STEPS[NAMES.index(owner)]


def first_gap(scope: Scope) -> str:
    """The first step that was not answered; the first of all when none is open."""
    return next((step.name for step in STEPS if not step.is_done(scope)), NAMES[0])


def after(place: str) -> str:
    """Where ctrl+n leads; empty from the last step."""
    kind, _, name = place.partition(":")
    if kind == "rule":
        return f"proof:{name}" if name else "rules"
    if kind in ("proof", "text", "check"):
        return {"proof": "rules", "text": f"proof:{name}", "check": "checks"}[kind]
    return NAMES[NAMES.index(kind) + 1] if kind != NAMES[-1] else ""


def before(place: str) -> str:
    """Where ctrl+p leads; the first step itself from the first."""
    kind, _, name = place.partition(":")
    if kind in ("rule", "check"):
        return step_of(place).name
    if kind in ("proof", "text"):
        return f"rule:{name}" if kind == "proof" else f"proof:{name}"
    return NAMES[max(NAMES.index(kind) - 1, 0)]


class SuiteLine(msgspec.Struct, frozen=True):
    """A suite that can be asked for."""

    name: str
    gate: Gate
    cases: int


class Material(msgspec.Struct, frozen=True):
    """What the guide shows beside the fields."""

    sample: Scope
    suites: tuple[SuiteLine, ...]


def read_material(workspace: Workspace) -> Material:
    """The sample's scope and the suites there are; raises InputError for a broken suite."""
    from sample_data import FOLDER

    found = named_suites(workspace, available(workspace))
    return Material(
        read_scope(Path(FOLDER) / "awesomeshoes" / "scope.toml"),
        tuple(SuiteLine(suite.name, suite.gate, len(suite.cases)) for suite in found),
    )


def examples(sample: Scope) -> Mapping[str, str]:
    """What the sample says in each field, by the field's name."""
    rule, cadence = sample.rules[0], sample.cadence
    intents = "   ".join(
        f"{i.name} {i.target}: {', '.join(i.keywords[:3])}" for i in sample.intents
    )
    return {
        "task": sample.task,
        "intents": intents,
        "out_of_scope": "; ".join(sample.out_of_scope),
        "hand_off": "; ".join(sample.hand_off),
        "system_prompt": sample.system_prompt,
        "tone": sample.tone,
        "people": "; ".join(texts.write_people(sample.people).splitlines()),
        "owner": cadence.owner,
        "interval_days": str(cadence.interval_days),
        "triggers": texts.write_triggers(cadence.triggers),
        "data_source": cadence.data_source,
        "rollback": cadence.rollback,
        "text": rule.text,
        "title": rule.title,
        "kind": rule.kind,
        "intent": rule.intent,
        "entity": rule.entity,
        "condition": rule.condition,
        "keywords": texts.write_list(rule.keywords),
        "facts": texts.write_list(rule.facts),
        "changes": rule.changes,
        "critical": "yes" if rule.critical else "no",
        "assertions": texts.write_assertions(rule.assertions, rule.id),
        **_percents(sample),
    }


def _percents(sample: Scope) -> Mapping[str, str]:
    shares = msgspec.structs.asdict(sample.criteria)
    loss = shares.pop("forgetting_limit")
    percents = {name: texts.write_percent(share) for name, share in shares.items()}
    return {**percents, "forgetting_limit": f"{loss:g}"}


def example_rules(sample: Scope, kind: str = "") -> str:
    """Some rules of the sample, or one of a kind with what it is checked by."""
    alike = [rule for rule in sample.rules if rule.kind == kind]
    if alike:
        held = "; ".join(assertion_words(a) for a in alike[0].assertions)
        return f"{alike[0].id}  {alike[0].text}\n     {held}"
    picked = list({rule.kind: rule for rule in reversed(sample.rules)}.values())[::-1]
    return "\n".join(f"{r.id}  {r.kind.replace('_', ' ')}: {r.text}" for r in picked[:5])

"""The guide through the scope, with keys only."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from engine.records import Assertion
from engine.scope import Intent, Person, Rule, Scope, Trigger
from engine.steps import scope as scope_step
from engine.steps import sessions as sessions_step
from engine.store import sessions
from engine.workspace import Workspace
from screens.scope import ScopeScreen
from screens.scope_parts.guide import STEPS, after, before, first_gap
from screens.scope_parts.pages import FormPage, Page
from screens.widgets.form_body import FormBody
from tests.engine.steps.conftest import small_scope
from tests.screens.harness import EVERYTHING, is_harmless, screen_lines, screen_text
from tests.screens.opened import opened, press, settle, write
from tests.screens.test_scope import fill

HOSTILE = EVERYTHING.replace("\ud800", "")


def make(workspace: Workspace, scope: Scope | None = None) -> str:
    if scope is None:
        return sessions_step.create(workspace, "Gift cards").slug
    return sessions.create(workspace.store, scope).slug


def stored(workspace: Workspace, slug: str) -> Scope:
    return sessions.get(workspace.store, slug).scope


def heading(app: Any) -> str:
    return next(line for line in screen_lines(app) if "Guide" in line or "Rules" in line)


async def test_a_new_session_is_walked_from_step_to_step(
    workspace: Workspace,
) -> None:
    slug = make(workspace)
    async with opened(workspace, slug) as (app, pilot):
        assert f"Guide 1 of {len(STEPS)}: The task, in one sentence" in screen_text(app)
        assert "AwesomeShoes Co.  Answer return, exchange, refund, fit" in screen_text(app)
        await write(pilot, "Answer gift card questions. Be nice. Sell.")
        assert "3 sentences, 7 words: that may be several tasks" in screen_text(app)
        fill(app, task="Answer gift card questions.")
        await press(pilot, "ctrl+n")
        fill(app, intents="validity 60: valid, expire")
        await settle(pilot)
        assert "1 intent, 60 examples wanted" in screen_text(app)
        await press(pilot, "ctrl+n")
        fill(app, out_of_scope="legal advice", hand_off="fraud goes to the fraud team")
        await press(pilot, "ctrl+n")
        assert "None yet: n makes the first rule." in screen_text(app)
        await press(pilot, "n")
        await write(pilot, "Gift cards are valid for 30 months.")
        assert "facts in it: 30 months" in screen_text(app)
        fill(app, intent="validity", entity="gift card", changes="rarely", critical="yes")
        await press(pilot, "ctrl+n")
        text = screen_text(app)
        assert "What R01 is checked by" in text
        assert "[x] fact: 30 months" in text
        assert "[x] an answer must hold: number 30 months, critical" in text
        await press(pilot, "ctrl+n")
        assert "R01     Gift cards are valid ..." in screen_text(app)
        await press(pilot, "ctrl+n")
        fill(app, tone="Plain.", system_prompt="You answer for the shop.")
        await press(pilot, "ctrl+n")
        fill(app, capability_margin="10")
        await settle(pilot)
        await press(pilot, "ctrl+n", "space", "ctrl+n")
        fill(app, people="Ines: lead")
        await press(pilot, "ctrl+n")
        fill(
            app,
            owner="Ines",
            interval_days="90",
            triggers="errors > 8 % over 50 a week\ncomplaints > 3 over a week",
            data_source="inbox",
            rollback="base",
        )
        await press(pilot, "ctrl+n", "ctrl+n")
        assert "Is it ready?" in heading(app)
        assert "Nothing is missing." in screen_text(app)
        assert "There is one rule only, R01." in screen_text(app)
        await press(pilot, "ctrl+n")
        assert isinstance(app.screen, ScopeScreen)
        assert "Nothing is missing.  F freezes" in screen_text(app)
    scope = stored(workspace, slug)
    assert scope.task == "Answer gift card questions."
    assert scope.intents == (Intent("validity", 60, ("valid", "expire")),)
    assert (scope.out_of_scope, scope.hand_off) == (
        ("legal advice",),
        ("fraud goes to the fraud team",),
    )
    assert scope.rules == (
        Rule(
            "R01",
            "Gift cards are valid ...",
            "Gift cards are valid for 30 months.",
            intent="validity",
            entity="gift card",
            facts=("30 months",),
            assertions=(Assertion("number", 30, unit="month", rule="R01", critical=True),),
            critical=True,
            changes="rarely",
        ),
    )
    assert (scope.tone, scope.criteria.capability_margin) == ("Plain.", 0.1)
    assert scope.suites == ("compliance",)
    assert scope.people == (Person("Ines", "lead"),)
    assert scope.cadence.triggers[1] == Trigger("complaints", 3.0, "a week")


async def test_leaving_loses_nothing_and_the_guide_comes_back_at_the_first_gap(
    workspace: Workspace,
) -> None:
    slug = make(workspace)
    async with opened(workspace, slug) as (app, pilot):
        await write(pilot, "Answer gift card questions.")
        await press(pilot, "escape")
        assert isinstance(app.screen, ScopeScreen)
        assert stored(workspace, slug).task == "Answer gift card questions."
        await press(pilot, "w")
        assert "What is in scope" in heading(app)
    async with opened(workspace, slug) as (app, pilot):
        assert isinstance(app.screen, ScopeScreen), "it opens by itself once only"


async def test_what_cannot_be_read_is_not_lost_without_being_told(workspace: Workspace) -> None:
    slug = make(workspace)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "ctrl+n")
        fill(app, intents=": words")
        await press(pilot, "ctrl+n")
        assert "! Intents: line 1: an intent is a name" in screen_text(app)
        await press(pilot, "escape")
        assert "The same key again goes on without it." in screen_text(app)
        fill(app, intents="fit 40")
        await settle(pilot)
        assert "One a line: a name" in screen_text(app)
        await press(pilot, "ctrl+p")
        assert "The task" in heading(app)
        assert stored(workspace, slug).intents == (Intent("fit", 40),)
        await press(pilot, "ctrl+n")
        fill(app, intents=": words")
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, ScopeScreen)
    assert stored(workspace, slug).intents == (Intent("fit", 40),)


async def test_a_proposal_is_confirmed_dropped_or_written_by_a_key(workspace: Workspace) -> None:
    scope = small_scope()
    blank = replace(scope.rules[0], assertions=(), facts=())
    slug = make(workspace, replace(scope, out_of_scope=("law",), rules=(blank,)))
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "w")
        assert "Business rules" in heading(app)
        await press(pilot, "enter", "ctrl+n", "j", "space")
        assert "[ ] an answer must hold: number 45 days, critical" in screen_text(app)
        await press(pilot, "ctrl+n")
        assert stored(workspace, slug).rules[0].assertions == ()
        assert stored(workspace, slug).rules[0].facts == ("45 days",)
        await press(pilot, "enter", "ctrl+n", "e")
        fill(app, assertions='kind = "contains", value = "45"')
        await press(pilot, "ctrl+n")
        assert "[x] an answer must hold: contains 45" in screen_text(app)
        await press(pilot, "ctrl+p")
        assert "Rule R01" in heading(app)
    (held,) = stored(workspace, slug).rules[0].assertions
    assert (held.kind, held.value, held.rule) == ("contains", "45", "R01")


async def test_an_edit_that_failed_leaves_the_page_open(workspace: Workspace) -> None:
    slug = make(workspace, small_scope())
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "w")
        assert isinstance(app.screen, FormPage)
        fill(app, out_of_scope="legal advice")
        scope_step.freeze(workspace, slug)
        await press(pilot, "ctrl+n")
        assert "The scope was frozen" in screen_text(app)
        await press(pilot, "escape")
        assert app.screen.query_one(FormBody).texts()["out_of_scope"] == "legal advice"
        await press(pilot, "escape", "escape")
        assert isinstance(app.screen, Page), "what was typed cannot be saved: it stays"


async def test_a_frozen_scope_has_no_guide(workspace: Workspace) -> None:
    slug = make(workspace, small_scope())
    scope_step.freeze(workspace, slug)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "w")
        assert "The scope is frozen: e changes one field" in screen_text(app)


async def test_the_example_stands_beside_the_fields_where_there_is_room(
    workspace: Workspace,
) -> None:
    async with opened(workspace, make(workspace), size=(120, 40)) as (app, _):
        line = next(line for line in screen_lines(app) if "AwesomeShoes Co." in line)
        assert line.index("AwesomeShoes Co.") - line.index("Task") > 40


async def test_hostile_words_are_harmless_on_every_page(workspace: Workspace) -> None:
    rule = Rule("R01", HOSTILE, HOSTILE, facts=(HOSTILE,), keywords=(HOSTILE,), entity=HOSTILE)
    bad = replace(
        small_scope(),
        task=HOSTILE,
        intents=(Intent(HOSTILE, 3),),
        rules=(replace(rule, assertions=(Assertion("contains", HOSTILE, rule="R01"),)),),
        people=(Person(HOSTILE, HOSTILE),),
        suites=(),
    )
    slug = make(workspace, bad)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "w")
        for keys in (("ctrl+p",), ("ctrl+p",), *[("ctrl+n",)] * 3, ("enter",), ("ctrl+n",), ("e",)):
            await press(pilot, *keys)
            assert is_harmless(screen_text(app))
        assert "[@click=app.quit]" in screen_text(app)
    assert stored(workspace, slug).task == HOSTILE


def test_the_way_back_is_the_way_there() -> None:
    place, way = "task", ["task"]
    while place := after(place):
        way.append(place)
    assert way == [step.name for step in STEPS]
    assert [before(name) for name in way[1:]] == way[:-1]
    assert before("task") == "task"
    assert [after("rule:R01"), after("proof:R01"), after("check:leak")] == [
        "proof:R01",
        "rules",
        "checks",
    ]


def test_the_first_gap_is_a_rule_without_assertion_before_what_comes_later() -> None:
    scope = replace(small_scope(), out_of_scope=("law",))
    assert first_gap(scope) == "suites"
    unseen = replace(scope.rules[0], assertions=())
    assert first_gap(replace(scope, rules=(unseen,))) == "rules"
    whole = replace(scope, suites=("compliance",), people=(Person("Ines", "lead"),))
    assert first_gap(whole) == "task"

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace
from textual import events
from textual.widgets import Input, TextArea

from engine.evaluation.suites import load_suite, save_suite
from engine.records import Assertion
from engine.scope import Intent, Person, Rule, Scope
from engine.steps import scope as scope_step
from engine.steps import sessions as sessions_step
from engine.store import sessions
from engine.workspace import Workspace
from sample_data import FOLDER
from screens.scope import ScopeScreen
from screens.widgets.form import FormDialog
from tests.engine.steps.conftest import small_scope
from tests.screens.harness import EVERYTHING, SampleStep, is_harmless, screen_lines, screen_text
from tests.screens.opened import opened, press, settle, write

HOSTILE = EVERYTHING.replace("\ud800", "")


def make(workspace: Workspace, scope: Scope | None = None) -> str:
    return sessions.create(workspace.store, scope or small_scope()).slug


def stored(workspace: Workspace, slug: str) -> Scope:
    return sessions.get(workspace.store, slug).scope


def fill(app: Any, **texts: str) -> None:
    """Put texts into the boxes of the form that is open."""
    for name, text in texts.items():
        (box,) = [b for b in app.screen.query("Input, TextArea") if b.name == name]
        if isinstance(box, TextArea):
            box.load_text(text)
        else:
            assert isinstance(box, Input)
            box.value = text


def footer(app: Any) -> str:
    return screen_lines(app)[-1]


async def test_the_scope_stands_in_the_order_of_the_road(workspace: Workspace) -> None:
    async with opened(workspace, make(workspace)) as (app, _):
        lines = screen_lines(app)
        assert "not frozen" in lines[0]
        assert "[1 Scope]" in lines[1]
        labels = [line[3:11].strip() for line in lines[2:14] if line[3:4].strip()]
        assert labels[:4] == ["Task", "In", "Out", "Hand off"]
        assert labels[4:8] == ["Success", "Suites", "People", "Cadence"]
        assert labels[8:] == ["Checks", "Plan", "Train?", "Rules"]
        assert "returns 20" in lines[3]
        text = screen_text(app)
        assert "errors down 25 %; capability within 5 points" in text
        assert "18 checks, all at their defaults" in text
        assert "Rules    1, 1 critical" in text
        assert "R01  return window" in text
        assert "45 days" in text
        assert "assert number 45 days" in text
        assert "Nothing is missing.  F freezes the scope" in text
        assert footer(app).startswith(" e edit   n new rule   w guide   F freeze   tab pane")


async def test_a_new_session_is_led_from_gap_to_gap(workspace: Workspace) -> None:
    slug = sessions_step.create(workspace, "Gift cards").slug
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "escape")
        assert "The task is not described yet.  e describes it, w guides you" in screen_text(app)
        assert "(F freeze)" in footer(app)
        await press(pilot, "e")
        await write(pilot, "Answer gift card questions.")
        await press(pilot, "ctrl+o")
        assert "No intent is in scope yet.  n adds one" in screen_text(app)
        assert "n new intent" in footer(app)
        await press(pilot, "n")
        await write(pilot, "cards\n60\n")
        await press(pilot, "ctrl+o")
        assert "There is no business rule yet: nothing could be judged.  n adds one" in screen_text(
            app
        )
        await press(pilot, "n")
        fill(app, title="Validity", text="Gift cards are valid for 30 months.", facts="30 months")
        await press(pilot, "ctrl+o")
        assert "! R01 has no assertion: the verdict will not see it.  e or w" in screen_text(app)
        await press(pilot, "e")
        fill(app)
        await press(pilot, "ctrl+o")
        assert "The retraining cadence is not complete" in screen_text(app)
    scope = stored(workspace, slug)
    assert scope.task == "Answer gift card questions."
    assert scope.intents == (Intent("cards", 60),)
    proposed = Assertion("number", 30, unit="month", rule="R01")
    assert scope.rules == (
        Rule(
            "R01",
            "Validity",
            "Gift cards are valid for 30 months.",
            facts=("30 months",),
            assertions=(proposed,),
        ),
    )


async def test_every_field_has_a_form_that_saves_it(workspace: Workspace) -> None:
    slug = make(workspace)
    async with opened(workspace, slug) as (app, pilot):
        assert isinstance(app.screen, ScopeScreen)
        answers = {
            "out": {"out_of_scope": "legal advice\nprice match"},
            "hand_off": {"hand_off": "injuries, to the safety team"},
            "criteria": {"min_error_reduction": "30", "forgetting_limit": "0.2"},
            "suites": {"suites": "compliance"},
            "cadence": {"triggers": "errors > 8 % over 50 tickets\nedits > 2", "owner": "Tom"},
            "intents": {"intents": "returns 80: send back\nfit 40"},
            "people": {"people": "Ines: lead\nTom"},
        }
        for field, texts in answers.items():
            app.screen.view.go_to_field(field)
            await press(pilot, "enter")
            fill(app, **texts)
            await press(pilot, "ctrl+o")
    scope = stored(workspace, slug)
    assert scope.out_of_scope == ("legal advice", "price match")
    assert scope.hand_off == ("injuries, to the safety team",)
    assert (scope.criteria.min_error_reduction, scope.criteria.forgetting_limit) == (0.3, 0.2)
    assert scope.criteria.capability_margin == 0.05
    assert scope.suites == ("compliance",)
    assert scope.people == (Person("Ines", "lead"), Person("Tom", ""))
    assert [t.above for t in scope.cadence.triggers] == [0.08, 2.0]
    assert (scope.cadence.owner, scope.cadence.interval_days) == ("Tom", 90)
    assert scope.intents == (Intent("returns", 80, ("send back",)), Intent("fit", 40))


async def test_what_cannot_be_read_is_named_and_nothing_typed_is_lost(
    workspace: Workspace,
) -> None:
    slug = make(workspace)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "e")
        fill(app, title="Window", assertions='kind = "nmber", value = 45', intent="fit")
        await press(pilot, "ctrl+o")
        assert "! Assertions: line 1: kind 'nmber' is none of contains" in screen_text(app)
        fill(app, assertions='kind = "number", value = 46, unit = "days"')
        await press(pilot, "ctrl+o")
        assert "names intent 'fit', which the scope does not list" in screen_text(app)
        assert isinstance(app.screen, FormDialog)
        fill(app, intent="returns")
        await press(pilot, "ctrl+o")
        assert isinstance(app.screen, ScopeScreen)
    (rule,) = stored(workspace, slug).rules
    assert rule.title == "Window"
    assert rule.assertions == (Assertion("number", 46, unit="days", rule="R01"),)


async def test_a_changed_form_is_left_only_when_esc_is_pressed_twice(workspace: Workspace) -> None:
    async with opened(workspace, make(workspace)) as (app, pilot):
        await press(pilot, "e")
        await write(pilot, "x")
        await press(pilot, "escape")
        assert "Changed: esc again drops it" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ScopeScreen)
        await press(pilot, "e", "escape")
        assert isinstance(app.screen, ScopeScreen)
    assert stored(workspace, "small-shop") == small_scope()


async def test_a_freeze_is_asked_in_numbers_and_blocks_nothing_twice(workspace: Workspace) -> None:
    slug = make(workspace)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "F")
        text = screen_text(app)
        assert "1 rules, 1 of them critical; 1 intents; 0 held-out" in text
        assert "Frozen means" in text
        await press(pilot, "enter")
        assert sessions.get(workspace.store, slug).frozen_at is None
        await press(pilot, "y")
        assert "frozen" in screen_lines(app)[0]
        assert "[1 Scope ✓]" in screen_lines(app)[1]
        await press(pilot, "F")
        assert "frozen already" in screen_text(app)
    assert sessions.get(workspace.store, slug).frozen_by == "ines"


async def test_an_empty_scope_says_why_it_cannot_be_frozen(workspace: Workspace) -> None:
    slug = sessions_step.create(workspace, "Gift cards").slug
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "escape", "F")
        assert "The task is not described yet." in screen_text(app)
        assert isinstance(app.screen, ScopeScreen)


async def test_an_edit_after_the_freeze_needs_a_reason_and_shows_in_line_1_and_history(
    workspace: Workspace,
) -> None:
    slug = make(workspace)
    scope_step.freeze(workspace, slug)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "e")
        fill(app, text="Shoes can be returned within 60 days.")
        await press(pilot, "ctrl+o")
        assert "! Reason: say why" in screen_text(app)
        fill(app, reason="the law changed [/x]")
        await press(pilot, "ctrl+o")
        assert ", 1 amendment" in screen_lines(app)[0]
        await press(pilot, "h")
        text = screen_text(app)
        assert "frozen by ines" in text
        assert "ines: the law changed [/x]" in text
        assert "changed rule R01" in text
    (amendment,) = sessions.amendments(workspace.store, 1)
    assert (amendment.reason, amendment.changed) == ("the law changed [/x]", "rule R01")


async def test_d_deletes_a_rule_when_told_twice_and_asks_why_after_the_freeze(
    workspace: Workspace,
) -> None:
    two = scope_step.with_rule(small_scope(), Rule("R02", "label", "Labels are free."))
    slug = make(workspace, two)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "j", "d")
        assert "Delete rule R02?" in screen_text(app)
        assert "1 assertion" not in screen_text(app)
        assert "held-out cases touch" in screen_text(app)
        await press(pilot, "n")
        assert len(stored(workspace, slug).rules) == 2
        await press(pilot, "d", "y")
        assert [rule.id for rule in stored(workspace, slug).rules] == ["R01"]
        scope_step.freeze(workspace, slug)
        await press(pilot, "p", "escape", "d", "y")
        assert "Why this change?" in screen_text(app)
        await write(pilot, "no such promise")
        await press(pilot, "enter")
    assert stored(workspace, slug).rules == ()
    (amendment,) = sessions.amendments(workspace.store, 1)
    assert amendment.reason == "no such promise"


async def test_d_acts_on_rules_only(workspace: Workspace) -> None:
    slug = make(workspace)
    async with opened(workspace, slug) as (app, pilot):
        assert isinstance(app.screen, ScopeScreen)
        app.screen.view.go_to_field("task")
        await press(pilot, "d")
        assert "Go to a rule first (tab)" in screen_text(app)
    assert len(stored(workspace, slug).rules) == 1


async def test_tab_goes_round_the_panes_and_the_right_one_shows_what_is_selected(
    workspace: Workspace,
) -> None:
    async with opened(workspace, make(workspace)) as (app, pilot):
        seen = []
        for _ in range(4):
            assert app.screen.focused is not None
            seen.append(app.screen.focused.id)
            await press(pilot, "tab")
        assert seen == ["rules", "detail", "fields", "rules"]
        await press(pilot, "tab", "G", "k")
        assert "Whether the cases" in screen_text(app)


async def test_the_figures_come_by_themselves_and_p_explains_them(
    workspace: Workspace, curated: str
) -> None:
    async with opened(workspace, curated, size=(120, 40)) as (app, pilot):
        assert "counting accepted examples, 30 held-out cases" in screen_text(app)
        await pilot.press("p")
        await settle(pilot, figures=True)
        text = screen_text(app)
        assert "30 cases are too few: 40 % to 20 % would take 60." in text
        assert "40 %            60 no" in text
        await press(pilot, "escape")
        text = screen_text(app)
        assert "20 accepted examples, 30 held-out cases" in text
        assert "Plan      30 cases are too few" in text


async def test_the_place_is_remembered(workspace: Workspace) -> None:
    two = scope_step.with_rule(small_scope(), Rule("R02", "label", "Labels are free."))
    slug = make(workspace, two)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "j", "escape")
        await press(pilot, "enter")
        assert "R02  fact" in screen_text(app)
        await press(pilot, "2")
        assert "Nothing imported yet" in screen_text(app) or isinstance(app.screen, SampleStep)
    session = sessions.get(workspace.store, slug)
    assert (session.step, session.place["scope_at"]) == (1, "rule R02")


async def test_a_key_that_comes_while_a_form_opens_does_not_open_another(
    workspace: Workspace,
) -> None:
    async with opened(workspace, make(workspace)) as (app, pilot):
        app.screen.post_message(events.Key("n", "n"))
        app.screen.post_message(events.Key("n", "n"))
        await settle(pilot)
        assert sum(isinstance(screen, FormDialog) for screen in app.screen_stack) == 1


async def test_hostile_words_are_shown_as_what_they_are(workspace: Workspace) -> None:
    rule = Rule("R01", HOSTILE, HOSTILE, facts=(HOSTILE,), keywords=(HOSTILE,), entity=HOSTILE)
    bad = replace(
        small_scope(),
        name=f"a {HOSTILE}",
        task=HOSTILE,
        out_of_scope=(HOSTILE,),
        intents=(Intent(HOSTILE, 3),),
        rules=(replace(rule, assertions=(Assertion("contains", HOSTILE, rule="R01"),)),),
    )
    async with opened(workspace, make(workspace, bad), size=(120, 40)) as (app, pilot):
        for keys in ((), ("e",), ("escape", "d"), ("n", "shift+tab", "e")):
            await press(pilot, *keys)
            text = screen_text(app)
            assert is_harmless(text)
            assert "[@click=app.quit]" in text
            assert "<U+001B>" in text
    assert stored(workspace, sessions.every(workspace.store)[0].slug) == bad


async def test_an_untouched_field_keeps_what_cannot_be_shown(workspace: Workspace) -> None:
    scope = small_scope()
    odd = replace(scope, rules=(replace(scope.rules[0], text="a\u200bb\tc"),))
    slug = make(workspace, odd)
    async with opened(workspace, slug) as (app, pilot):
        await press(pilot, "e")
        fill(app, title="Other")
        await press(pilot, "ctrl+o")
    (rule,) = stored(workspace, slug).rules
    assert (rule.title, rule.text) == ("Other", "a\u200bb\tc")


async def test_everything_essential_fits_the_smallest_screen_and_more_fits_a_larger_one(
    workspace: Workspace,
) -> None:
    slug = sessions_step.open_sample(workspace).slug
    async with opened(workspace, slug) as (app, _):
        small = screen_lines(app)
        assert all(len(line) <= 80 for line in small)
        assert "Rules    33, 9 critical" in "\n".join(small)
    async with opened(workspace, slug, size=(120, 40)) as (app, _):
        rows = [line for line in screen_lines(app) if line[5:6] == "R" and line[6:8].isdigit()]
        assert len(rows) > sum(line[5:6] == "R" and line[6:8].isdigit() for line in small)


def test_the_form_of_a_suite_names_those_that_there_are(
    workspace: Workspace, tmp_path: Path
) -> None:
    from engine.steps.suites import available

    own = workspace.home / "suites"
    own.mkdir(parents=True)
    (own / "ours.jsonl").write_text("", encoding="utf-8")
    assert {"ours", "compliance", "harmless"} <= set(available(workspace))


async def test_what_speaks_against_training_is_on_the_screen_and_a_says_why(
    workspace: Workspace,
) -> None:
    weekly = replace(small_scope().rules[0], changes="weekly")
    slug = make(workspace, replace(small_scope(), rules=(weekly,)))
    async with opened(workspace, slug, size=(120, 40)) as (app, pilot):
        assert "Train?    3 reasons to think twice, 1 of them heavy. The facts of R01" in (
            screen_text(app)
        )
        await press(pilot, "a")
        text = screen_text(app)
        assert "! The facts of R01 change weekly, training comes every 90 days." in text
        assert "Instead: Look these facts up and put them into the prompt" in text
        assert "~ There is one rule only, R01." in text
        await press(pilot, "escape", "e")
        fill(app, changes="daily")
        await press(pilot, "ctrl+o")
        assert "! Changes: 'daily' is none of rarely, yearly, monthly, weekly" in screen_text(app)
        fill(app, changes="rarely")
        await press(pilot, "ctrl+o")
        assert "Train?    2 reasons to think twice. There is one rule only" in screen_text(app)


async def test_what_is_typed_is_said_in_words_at_once(workspace: Workspace) -> None:
    async with opened(workspace, make(workspace)) as (app, pilot):
        assert isinstance(app.screen, ScopeScreen)
        app.screen.view.go_to_field("cadence")
        await press(pilot, "enter", "tab", "tab")
        fill(app, triggers="errors > 8 % over 50 tickets")
        await settle(pilot)
        assert "1 trigger: the verdict asks for two" in screen_text(app)
        fill(app, triggers="errors above 8 %")
        await settle(pilot)
        assert "! line 1: a trigger is" in screen_text(app)


async def test_a_check_is_changed_in_a_form_of_its_own_and_shows_what_differs(
    workspace: Workspace,
) -> None:
    slug = make(workspace)
    async with opened(workspace, slug, size=(120, 40)) as (app, pilot):
        assert isinstance(app.screen, ScopeScreen)
        app.screen.view.go_to_field("checks")
        await press(pilot, "enter", *"jjjj", "enter")
        assert "Check: leak" in screen_text(app)
        fill(app, near="0.6", severity="loud")
        await press(pilot, "ctrl+o")
        assert "! Severity: severity: invalid enum value" in screen_text(app)
        fill(app, severity="review")
        await press(pilot, "ctrl+o")
        assert "checks.leak: similar is 0.7, more than near, 0.6" in screen_text(app)
        fill(app, near="0.9")
        await press(pilot, "ctrl+o")
        assert "leak: severity review (default block), near 0.9 (default 0.8)" in screen_text(app)
    checks = stored(workspace, slug).checks
    assert (checks.leak.near, checks.leak.severity) == (0.9, "review")
    assert checks.running() == small_scope().checks.running()


async def test_a_suite_changed_after_the_freeze_is_named_and_f_takes_a_reason(
    workspace: Workspace,
) -> None:
    path = workspace.home / "suites" / "ours.jsonl"
    path.parent.mkdir(parents=True)
    suite = load_suite(FOLDER / "suites" / "harmless.jsonl")
    save_suite(replace(suite, name="ours"), path)
    slug = make(workspace, replace(small_scope(), suites=("ours",)))
    scope_step.freeze(workspace, slug)
    save_suite(replace(suite, name="ours", cases=suite.cases[:9]), path)
    async with opened(workspace, slug, size=(120, 40)) as (app, pilot):
        assert "! Suite ours is not the one that was frozen" in screen_lines(app)[-2]
        await press(pilot, "F")
        assert "Why did the suites change?" in screen_text(app)
        await write(pilot, "one was wrong")
        await press(pilot, "enter")
        assert ", 1 amendment" in screen_lines(app)[0]
        assert "Frozen: an edit asks for a reason" in screen_lines(app)[-2]
        await press(pilot, "h")
        text = screen_text(app)
        assert "ours: 151 cases, hash" in text
        assert "changed suite ours" in text

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from msgspec.structs import replace

from engine.runs.folder import RunFolder, State, held_lock, write_atomically
from engine.scope import Rule, Scope
from engine.steps import curate, intake, overview, train, verdict
from engine.steps import scope as scope_step
from engine.steps import sessions as sessions_step
from engine.steps.days import in_days, short_day, when
from engine.store import sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import answered_run, chat_file, small_scope


def note(workspace: Workspace, slug: str, step: int = 0) -> str:
    if step:
        sessions_step.remember_place(workspace, slug, step)
    return next(line.note for line in sessions_step.every(workspace) if line.slug == slug)


def put_state(folder: RunFolder, state: State) -> None:
    import msgspec

    write_atomically(folder.state_file, msgspec.json.encode(state))


def with_text(scope: Scope, text: str) -> Scope:
    rule = scope.rule("R01")
    assert rule is not None
    return scope_step.with_rule(scope, replace(rule, text=text))


def test_a_new_session_is_led_to_its_task(workspace: Workspace) -> None:
    slug = sessions_step.create(workspace, "Gift cards").slug
    assert note(workspace, slug) == "no rule yet"
    assert overview.next_here(workspace, slug).startswith("The task is not described yet.")


def test_rules_that_the_verdict_cannot_see_are_the_first_thing_to_mend(
    workspace: Workspace,
) -> None:
    scope = scope_step.with_rule(small_scope(), Rule("R02", "label", "Labels are free."))
    slug = sessions.create(workspace.store, scope).slug
    assert note(workspace, slug) == "1 rule without assertion"
    said = overview.next_here(workspace, slug)
    assert said.startswith("R02 has no assertion: the verdict will not see it. Mend that, then")


def test_examples_count_before_and_after_the_decisions(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    assert note(workspace, slug, 2) == "nothing imported yet"
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl"))
    scope_step.freeze(workspace, slug)
    ids = curate.order_queue(workspace, slug)
    curate.accept(workspace, slug, ids[:18])
    curate.reject(workspace, slug, ids[18:19], "tone")
    assert note(workspace, slug) == "19 of 20 decided"
    assert overview.next_here(workspace, slug).startswith("1 example waits for a decision")
    curate.accept(workspace, slug, ids[19:])
    assert overview.next_here(workspace, slug).startswith("Everything is decided. Split")


def test_a_run_is_followed_from_start_to_signature(workspace: Workspace, curated: str) -> None:
    assert note(workspace, curated, 3) == "not trained yet"
    assert "Train on step 3" in overview.next_here(workspace, curated)
    folder = train.prepare(workspace, curated, train.plan(workspace, curated).recipe)
    put_state(folder, State("training", 84, 200, eta_s=372))
    with held_lock(folder.lock_file):
        assert note(workspace, curated) == "run 1, step 84 of 200"
        assert overview.next_here(workspace, curated) == (
            "Run 1, step 84 of 200, 6 min left. It goes on without you."
        )
    put_state(folder, State("paused", 84, 200))
    assert note(workspace, curated) == "run 1 paused, 84 of 200"
    assert "Resume it" in overview.next_here(workspace, curated)
    answered_run(workspace, curated, {"base": 10, "tuned": 28})
    assert "then sign on step 5" in overview.next_here(workspace, curated)
    assert note(workspace, curated, 5) == "run 2, not signed"
    signed = verdict.sign(workspace, curated, 2, "lead")
    due = date.today() + timedelta(days=90)
    assert note(workspace, curated).endswith(f"{short_day(date.today())}, due in 90 days")
    assert overview.next_here(workspace, curated).endswith(f"by {short_day(due)}.")
    assert signed.who in overview.next_here(workspace, curated)


def test_a_rule_that_changed_after_the_run_asks_for_another_training(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 10, "tuned": 28})
    workspace.store.db.execute("UPDATE runs SET created = '2026-01-01T00:00:00+00:00'")
    workspace.store.db.conn.commit()
    edit = "Shoes can be returned within 60 days."
    scope_step.revise(workspace, curated, lambda s: with_text(s, edit), reason="the law")
    said = overview.next_here(workspace, curated)
    number = folder.job().run
    assert said.startswith(f"Rule R01 changed on {short_day(date.today())}, after run {number}")
    assert "30 held-out cases touch it." in said


def test_days_are_said_as_people_say_them() -> None:
    today = date(2026, 11, 9)
    assert short_day(date(2026, 11, 3), today) == "3 Nov"
    assert short_day(date(2025, 12, 31), today) == "31 Dec 2025"
    assert when("2026-11-09T12:00:00+00:00", today) == "today"
    assert [in_days(n) for n in (0, 1, 12, -3)] == ["today", "in 1 day", "in 12 days", "3 days ago"]

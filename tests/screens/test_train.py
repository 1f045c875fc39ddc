from __future__ import annotations

import time
from contextlib import ExitStack

import pytest
from textual.pilot import Pilot

from engine.runs.folder import Event, Metric, PreflightLine, RunFolder, State
from engine.steps import scope as scope_step
from engine.steps import status, train
from engine.store import runs, sessions
from engine.workspace import Workspace
from screens.widgets.footer import Footer
from tests.engine.steps.conftest import answered_run, small_scope
from tests.screens.harness import in_the_dialog, is_harmless, screen_lines, screen_text
from tests.screens.train_runs import (
    HOSTILE_WORDS,
    NOON,
    OtherStep,
    append,
    look_again,
    on_train,
    prepared,
    press,
    put_look,
    put_preflight,
    put_state,
    put_training,
    worker_of,
)
from tests.tui.conftest import settle
from tui.app import StropApp
from tui.terminal import TerminalFacts


def footer_of(app: StropApp) -> str:
    return app.screen.query_one(Footer).lines[0].plain


# The plan


async def test_without_a_run_the_plan_gives_every_number_its_reason(
    workspace: Workspace, curated: str
) -> None:
    async with on_train(workspace, curated) as (app, _):
        text = screen_text(app)
        plan = train.plan(workspace, curated)
        for name in plan.reasons:
            assert f" {name} " in text
        assert f"{plan.rows} training rows" in text
        assert "[standard]" in text
        assert "enter preflight" in footer_of(app)
        assert "(r runs)" in footer_of(app)


async def test_what_blocks_stands_first_and_the_preflight_says_it(workspace: Workspace) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    async with on_train(workspace, slug) as (app, pilot):
        text = screen_text(app)
        assert text.index("not frozen") < text.index("rank")
        assert "no split yet" in text
        assert "(enter preflight)" in footer_of(app)
        await press(pilot, "enter")
        assert "The scope is not frozen" in screen_text(app)
    assert runs.every(workspace.store) == []


async def test_presets_turn_both_ways_and_settings_can_be_taken_back(
    workspace: Workspace, curated: str
) -> None:
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "tab")
        assert "[thorough]" in screen_text(app)
        await press(pilot, "[", "[")
        assert "[quick]" in screen_text(app)
        assert "v vary" in footer_of(app)
        assert "u undo" not in footer_of(app)
        await press(pilot, "e", *"rank=4", "enter")
        assert any("rank" in li and "4" in li and "set by you" in li for li in screen_lines(app))
        assert "u undo" in footer_of(app)
        await press(pilot, "u")
        assert "set by you" not in screen_text(app)
        assert "u undo" not in footer_of(app)


async def test_a_setting_that_is_none_is_refused_and_forgotten(
    workspace: Workspace, curated: str
) -> None:
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "e", *"rnak=4", "enter")
        assert "rnak" in screen_text(app)
        await press(pilot, "escape", "tab")
        assert "[thorough]" in screen_text(app)
        assert "rnak" not in screen_text(app)


async def test_more_than_one_difference_from_the_last_run_is_a_warning(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "n")
        assert "Everything is as in run 1, the last that trained." in screen_text(app)
        await press(pilot, "e", *"seed=11", "enter")
        assert "Differs from run 1: seed 7 to 11" in screen_text(app)
        assert "will not tell" not in screen_text(app)
        await press(pilot, "e", *"rank=4", "enter")
        assert "2 things differ: the comparison will not tell which mattered." in screen_text(app)


async def test_a_missing_model_is_said_and_the_key_works_again(
    workspace: Workspace, curated: str
) -> None:
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "e", *"model=nothing-here", "enter", "enter")
        assert "no model here" in screen_text(app)
        await press(pilot, "escape")
        assert "enter preflight" in footer_of(app)
        assert "(enter preflight)" not in footer_of(app)


# Preflight


async def test_the_preflight_page_says_what_was_checked_and_how_long_it_takes(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    warning = PreflightLine("log-out", "warn", "logging out kills it", "Enable lingering.")
    put_preflight(folder, PreflightLine("length", "ok", "right in all rows"), warning)
    put_state(folder, State("ready"))
    async with on_train(workspace, curated) as (app, pilot):
        text = screen_text(app)
        assert text.index("warn   log-out") < text.index("ok     length")
        assert "Enable lingering." in text
        assert "About 11 minutes, 5.1 GB, 240 MB of disk: measured on one real step." in text
        assert "row 1 of 2" in text
        await press(pilot, "n")
        assert "row 2 of 2" in screen_text(app)
        assert "The 45th." in screen_text(app)
        assert "b by token" in footer_of(app)
        await press(pilot, "n", "b")
        assert "How long?│Within 45 days.│<|end|>" in screen_text(app)


async def test_trained_tokens_stand_in_brackets_where_there_are_no_colours(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_preflight(folder)
    put_state(folder, State("ready"))
    facts = TerminalFacts(colours="none")
    async with on_train(workspace, curated, facts=facts) as (app, _):
        assert "How long?[Within 45 days.<|end|>]" in screen_text(app)
    async with on_train(workspace, curated) as (app, _):
        assert "How long?Within 45 days.<|end|>" in screen_text(app)


async def test_a_blocked_preflight_does_not_start_and_says_why(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_preflight(folder, PreflightLine("length", "BLOCK", "3 rows are cut.", "Raise max_length."))
    put_state(folder, State("blocked", message="length: 3 rows are cut. Raise max_length."))
    async with on_train(workspace, curated) as (app, pilot):
        assert "BLOCK" in screen_text(app)
        assert "(enter start training)" in footer_of(app)
        await press(pilot, "t")
        assert "Preflight blocks it: length: 3 rows are cut." in screen_text(app)
    assert not folder.is_alive()


async def test_back_from_a_preflight_the_plan_keeps_the_settings_of_its_run(
    workspace: Workspace, curated: str
) -> None:
    recipe = train.plan(workspace, curated, preset="quick", settings=["rank=4"]).recipe
    folder = train.prepare(workspace, curated, recipe)
    put_preflight(folder)
    put_state(folder, State("ready"))
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "e")
        assert "[quick]" in screen_text(app)
        assert "set by you" in screen_text(app)
        assert "No run has trained yet." in screen_text(app)


# Live


async def test_the_general_chart_shows_loss_and_divergence_from_the_base_under_their_limit(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    append(folder.metrics_file, *(Metric(n, NOON, divergence=0.04) for n in range(1, 85)))
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            assert "KL        0.040" in screen_text(app)
            await press(pilot, "m")
            text = screen_text(app)
            for words in ("general loss", "crosses   over the base", "dots      KL to the base"):
                assert words in text
            assert any("━ limit" in line for line in screen_lines(app))
            assert any("╌ base" in line for line in screen_lines(app))


async def test_the_live_view_has_figures_curve_progress_sentence_answer_and_events(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, _):
            text = screen_text(app)
            first, *_ = screen_lines(app)
            assert first.endswith("run 1 ● step 84/200")
            assert "train 0.43 (smoothed 0." in text
            assert "validation 0.63   best 0.63 at 80   base 2.31" in text
            assert "42 %   6 min left (3.1 s a step, last 50)" in text
            assert "tokens/s  1,240" in text
            assert "gradient  0.42" in text
            assert "memory    17.2 GB" in text
            assert "general   +0.03" in text
            assert "Learning well: validation loss fell 0.09 in the last 20 steps." in text
            assert "Answer of step {60}[80]." in text
            assert "Checkpoint 80, verified." in text
            assert "base" in "".join(line for line in screen_lines(app) if "╌" in line)
            assert len(footer_of(app)) <= 80
            for word in ("p pause", "s stop", "c checkpoint", "m charts", "l log", "r runs"):
                assert word in footer_of(app)


async def test_a_look_without_news_paints_nothing(
    workspace: Workspace, curated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            painted: list[object] = []
            monkeypatch.setattr(app, "_display", lambda _, update: painted.append(update))
            await look_again(app, pilot)
            await look_again(app, pilot)
            assert painted == []
            put_look(folder, 84, "News.")
            await look_again(app, pilot)
            assert painted


async def test_new_lines_show_at_the_next_look(workspace: Workspace, curated: str) -> None:
    folder = prepared(workspace, curated)
    put_training(folder, steps=60)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            put_state(folder, State("training", 61, 200, eta_s=300.0, basis="3.0 s a step"))
            put_look(folder, 61, "A new answer.")
            await look_again(app, pilot)
            assert "step 61/200" in screen_lines(app)[0]
            assert "5 min left" in screen_text(app)
            assert "{Answer of step 60}[A new answer]." in screen_text(app)


async def test_pinned_answers_can_be_followed_back_and_by_question(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    put_look(folder, 80, "Another answer.", question="Which day?")
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            await press(pilot, "<")
            assert "Answer of step {40}[60]." in screen_text(app)
            assert "at step 60, look 3 of 4" in screen_text(app)
            await press(pilot, "<", "<", "<", "<", ">")
            assert "Answer of step {20}[40]." in screen_text(app)
            await press(pilot, "tab")
            assert "Which day?" in screen_text(app)
            assert "Another answer." in screen_text(app)


async def test_charts_take_turns(workspace: Workspace, curated: str) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            for title in ("general loss", "learning rate", "gradient norm", "loss"):
                await press(pilot, "m")
                assert f"chart     {title}" in screen_text(app)


async def test_pause_and_checkpoint_reach_the_worker_and_show_until_done(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            await press(pilot, "c")
            assert (folder.control / "checkpoint").exists()
            assert "Asked for a checkpoint" in screen_text(app)
            await press(pilot, "p")
            assert (folder.control / "pause").exists()
            assert "Asked to pause" in screen_text(app)
            assert "(p pause)" in footer_of(app)


async def test_stopping_asks_in_numbers_first(workspace: Workspace, curated: str) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            await press(pilot, "s")
            text = in_the_dialog(app)
            assert "116 of 200 steps are left out." in text
            assert "step 80 (validation 0.63)" in text
            await press(pilot, "n")
            assert not (folder.control / "stop").exists()
            await press(pilot, "s", "y")
            assert (folder.control / "stop").exists()


async def test_phases_before_training_count_their_cases(workspace: Workspace, curated: str) -> None:
    folder = prepared(workspace, curated)
    put_preflight(folder)
    put_state(folder, State("baseline", 40, 160, eta_s=120.0, basis="1.00 s an answer"))
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            text = screen_text(app)
            assert "40/160 cases   2 min left (1.00 s an answer)" in text
            assert "the base model answers every case" in text
            assert "run 1 ● baseline 40/160" in text
            await press(pilot, "c")
            assert "Checkpoints are written while it trains." in screen_text(app)
            put_state(folder, State("waiting", message="waits for 0007-train"))
            await look_again(app, pilot)
            assert "In line: it waits for 0007-train." in screen_text(app)


async def test_a_worker_that_has_not_spoken_yet_is_starting_whatever_was_said_before(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_preflight(folder)
    put_state(folder, State("paused", message="Paused by the operator."))
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, _):
            assert "The worker is starting" in screen_text(app)
            assert "run 1 ● starting" in screen_lines(app)[0]


# How it ends


async def until(app: StropApp, pilot: Pilot[None], words: str, limit_s: float) -> float:
    """Seconds until the screen says so."""
    began = time.monotonic()
    while words not in screen_text(app):
        assert time.monotonic() - began < limit_s, screen_text(app)
        await pilot.pause(0.05)
    return time.monotonic() - began


async def test_a_killed_worker_is_seen_within_two_seconds_with_the_end_of_its_log(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    folder.log_file.write_text("".join(f"line {n}\n" for n in range(400)) + "out of memory\n")
    with worker_of(folder) as worker:
        async with on_train(workspace, curated) as (app, pilot):
            worker.kill()
            worker.wait()
            await until(app, pilot, "The worker died", 2.0)
            text = screen_text(app)
            assert "at step 84 of 200" in text
            assert "out of memory" in text
            assert "enter resumes from the checkpoint of step 80" in " ".join(text.split())
            assert "enter resume" in footer_of(app)
            assert "step 84/200" not in screen_lines(app)[0]


async def test_a_failed_run_shows_its_message_and_log_and_l_turns_it_away(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    put_state(folder, State("failed", message="CUDA is gone."))
    folder.log_file.write_text("Traceback\nRuntimeError: CUDA is gone\n")
    async with on_train(workspace, curated) as (app, pilot):
        assert "Failed: CUDA is gone." in screen_text(app)
        assert "RuntimeError" in screen_text(app)
        await press(pilot, "l")
        assert "RuntimeError" not in screen_text(app)
        assert "Answer of step {60}[80]." in screen_text(app)


async def test_a_paused_run_says_where_and_enter_starts_a_worker(
    workspace: Workspace, curated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    put_state(folder, State("paused", message="Paused by the operator; resume goes on from here."))
    started: list[tuple[RunFolder, bool]] = []

    def launched(run: RunFolder, *, preflight_only: bool = False) -> int:
        started.append((run, preflight_only))
        return 1

    # The launch itself is tested with the worker; here it would load a model.
    monkeypatch.setattr("engine.steps.train.launch.launch", launched)
    async with on_train(workspace, curated) as (app, pilot):
        assert "It stands at step 84 of 200: enter resumes." in " ".join(screen_text(app).split())
        assert "enter resume" in footer_of(app)
        assert "pause" not in footer_of(app)
        await press(pilot, "enter")
    assert [(run.path, only) for run, only in started] == [(folder.path, False)]


async def test_a_resumed_run_does_not_pass_old_figures_off_as_new(
    workspace: Workspace, curated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    with ExitStack() as stack:
        # The lock is all that a worker shows of itself while it loads its libraries.
        monkeypatch.setattr(
            "engine.steps.train.launch.launch",
            lambda run, preflight_only: stack.enter_context(worker_of(run)),
        )
        async with on_train(workspace, curated) as (app, pilot):
            assert "The worker died" in screen_text(app)
            await press(pilot, "enter")
            assert "The worker is starting" in screen_text(app)
            assert "min left" not in screen_text(app)
            put_state(folder, State("training", 81, 200, heartbeat=1.0))
            await look_again(app, pilot)
            assert "step 81/200" in screen_lines(app)[0]


async def test_a_finished_run_hands_its_answers_over_and_opens_step_4(
    workspace: Workspace, curated: str
) -> None:
    folder = answered_run(workspace, curated, {"base": 3, "tuned": 20})
    run = folder.job().run
    async with on_train(workspace, curated) as (app, pilot):
        assert "Done: the answers are in. 4 compares" in screen_text(app)
        assert {a.arm for a in runs.answers(workspace.store, run)} == {"base", "tuned"}
        assert "3 Train ✓" in screen_text(app)
        await press(pilot, "4")
        assert isinstance(app.screen, OtherStep)


async def test_answers_of_another_arm_are_asked_for_by_name(
    workspace: Workspace, curated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    monkeypatch.setattr("engine.steps.train.launch.launch", lambda folder, preflight_only: 1)
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "a")
        assert "2 prompted" in footer_of(app)
        await press(pilot, "1")
        assert "no adapter yet" in screen_text(app)
        await press(pilot, "escape", "a", "escape")
        assert "a answers" in footer_of(app)
    assert [run.kind for run in runs.every(workspace.store)] == ["train"]


# Coming back


async def test_coming_back_lands_on_the_newest_run_at_once(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    folder = prepared(workspace, curated)
    put_training(folder)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            await press(pilot, "1")
            assert isinstance(app.screen, OtherStep)
            assert "run 2 ● step 84/200" in screen_lines(app)[0]
            await press(pilot, "3")
            assert "Learning well" in screen_text(app)
        assert sessions.get(workspace.store, curated).step == 3


async def test_the_list_of_runs_leads_to_any_of_them_and_back(
    workspace: Workspace, curated: str
) -> None:
    answered_run(workspace, curated, {"base": 3, "tuned": 20})
    folder = prepared(workspace, curated)
    put_training(folder)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            await press(pilot, "r")
            assert any("2 ●" in line and "84/200" in line for line in screen_lines(app))
            await press(pilot, "escape")
            assert "Learning well" in screen_text(app)
            await press(pilot, "r", "j", "enter")
            assert "Done: the answers are in." in screen_text(app)
            await press(pilot, "r", "n")
            assert "[standard]" in screen_text(app)


async def test_a_run_that_cannot_be_read_for_a_while_is_said_and_shown_again(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    whole = folder.state_file.read_bytes()
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            folder.state_file.write_text("{ half a state")
            await look_again(app, pilot)
            assert "damaged or from another version" in screen_text(app)
            assert "Learning well" in screen_text(app)
            folder.state_file.write_bytes(whole)
            await look_again(app, pilot)
            assert "damaged" not in screen_text(app)


async def test_a_damaged_run_is_named_and_does_not_stop_the_screen(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    folder.state_file.write_text("{ half a state")
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "r")
        assert "damaged" in screen_text(app)
        await press(pilot, "n")
        assert "[standard]" in screen_text(app)
    assert status.run_lines(workspace)[0].phase == "damaged"


# Words from outside


async def test_hostile_words_are_shown_as_what_they_are(workspace: Workspace, curated: str) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    put_preflight(
        folder,
        PreflightLine(HOSTILE_WORDS[:20], "warn", HOSTILE_WORDS, HOSTILE_WORDS),
        text=HOSTILE_WORDS,
    )
    put_look(folder, 82, HOSTILE_WORDS, HOSTILE_WORDS)
    append(folder.events_file, Event(0.0, "warning", HOSTILE_WORDS))
    folder.log_file.write_bytes(b"[/x] \x1b]52;c;AAAA\x07 \xff\xfe [@click=app.quit]x[/]\n")
    async with on_train(workspace, curated) as (app, pilot):
        await press(pilot, "tab")
        for key in ("l", "l", "r", "escape", "m", "?"):
            assert is_harmless(screen_text(app))
            await press(pilot, key)
        await press(pilot, "escape")
    put_state(folder, State("ready", message=HOSTILE_WORDS))
    async with on_train(workspace, curated) as (app, _):
        assert "[@click=app.quit]" in screen_text(app)
        assert is_harmless(screen_text(app))


async def test_a_larger_terminal_gives_the_same_things_more_room(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    heights = []
    with worker_of(folder):
        for size in ((80, 24), (120, 40)):
            async with on_train(workspace, curated, size=size) as (app, _):
                chart = app.screen.query_one("#chart").size
                heights.append((chart.width, chart.height))
                assert "Learning well" in screen_text(app)
                assert "Checkpoint 80" in screen_text(app)
    assert heights[1] > heights[0]
    assert heights[1][1] > heights[0][1]


async def test_a_scope_that_changes_its_limit_changes_what_forgetting_means(
    workspace: Workspace, curated: str
) -> None:
    folder = prepared(workspace, curated)
    put_training(folder)
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, _):
            assert "+0.03 (max 0.10)" in screen_text(app)
    import msgspec

    scope = sessions.get(workspace.store, curated).scope
    criteria = msgspec.structs.replace(scope.criteria, forgetting_limit=0.02)
    changed = msgspec.structs.replace(scope, criteria=criteria)
    scope_step.save(workspace, curated, changed, reason="stricter")
    with worker_of(folder):
        async with on_train(workspace, curated) as (app, pilot):
            await settle(pilot)
            assert "Forgetting: loss on general text is 0.03 above" in screen_text(app)

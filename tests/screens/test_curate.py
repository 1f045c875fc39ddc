from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from engine.steps import curate, intake
from engine.store import decisions, sessions
from engine.workspace import Workspace
from screens.curate import CurateScreen
from screens.widgets.editor import Editor
from tests.engine.steps.conftest import chat_file, small_scope
from tests.screens.curated_rows import by_line, every, make, shown, write_chats, written
from tests.screens.harness import EVERYTHING, in_the_dialog, is_harmless, screen_lines, screen_text
from tests.screens.opened import opened, settle, write

HOSTILE = EVERYTHING.replace("\ud800", "")
ODD = {"space": " ", "escape": None, "enter": "\r"}


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, wait for what they do on screen and in the store."""
    await pilot.press(*keys)
    await written(pilot)


async def burst(pilot: Pilot[None], keys: list[str]) -> None:
    """All keys at once, as a slow line or a fast hand delivers them."""
    for key in keys:
        pilot.app.post_message(events.Key(key, ODD.get(key, key)))
    await written(pilot)


async def show_only(pilot: Pilot[None], words: str) -> None:
    await press(pilot, "slash")
    await write(pilot, words)
    await press(pilot, "enter")


def statuses(workspace: Workspace, slug: str) -> dict[int, str]:
    return {row.id: row.status for row in every(workspace, slug)}


def footer(app: Any) -> str:
    return screen_lines(app)[-1]


def current(app: Any) -> int:
    card = shown(app).dealt.current
    assert card is not None
    return card.id


async def test_a_card_says_who_asked_what_was_found_and_how_far_it_is(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    async with opened(workspace, slug, step="curate") as (app, _):
        lines = screen_lines(app)
        assert lines[0].startswith(" strop · Small shop")
        assert lines[0].endswith("0/19")
        assert "[2 Curate]" in lines[1]
        assert "0/20" in lines[2]
        assert lines[2].startswith(" returns ")
        leak = by_line(workspace, slug, 6)
        assert f"#{leak.id} · faults.jsonl:6" in lines[3]
        assert "until which day does the shop" in lines[4].lower()
        assert "! in the held-out set: asks exactly what held-out case c1 asks" in screen_text(app)
        assert footer(app).startswith(" (a accept)   x reject   e edit   space later")


async def test_accepting_is_written_and_brings_the_next_card(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        first = current(app)
        await press(pilot, "a")
        assert current(app) != first
        assert screen_lines(app)[0].endswith("1/12   accepted 100 %")
        assert statuses(workspace, slug)[first] == "accepted"
        await press(pilot, "a", "a")
        assert "/h" in screen_lines(app)[0]


async def test_a_row_that_is_blocked_cannot_be_accepted_as_it_is(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        blocked = current(app)
        await press(pilot, "a", "a", "a")
        assert screen_text(app).count(f"#{blocked} cannot be accepted as it is") == 1
        assert current(app) == blocked
        assert statuses(workspace, slug)[blocked] == "undecided"


async def test_a_rejection_asks_for_its_reason_and_x_repeats_the_last(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        first = current(app)
        await press(pilot, "x")
        assert "1 wrong fact or policy      4 personal data             7 incomplete" in (
            screen_text(app)
        )
        assert "again" not in footer(app)
        await press(pilot, "5")
        assert "wrong fact or policy" not in screen_text(app)
        second = current(app)
        await press(pilot, "x")
        assert "x tone, again" in footer(app)
        await press(pilot, "x")
        third = current(app)
        await press(pilot, "x", "escape")
        assert "wrong fact or policy" not in screen_text(app)
        assert current(app) == third
    for example in (first, second):
        event = decisions.history(workspace.store, example)[-1]
        assert (event.kind, event.reason) == ("reject", "tone")
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "x")
        assert "x tone, again" in footer(app)


async def test_thirty_keys_at_once_each_meet_their_own_card(
    workspace: Workspace, tmp_path: Path
) -> None:
    session = sessions.create(workspace.store, small_scope())
    chats = [
        [("user", f"Question {n} about parcel {n * 37}?"), ("assistant", f"Answer {n * 53}.")]
        for n in range(40)
    ]
    intake.import_file(workspace, session.slug, write_chats(tmp_path / "c.jsonl", chats))
    curate.check(workspace, session.slug)
    queue = curate.order_queue(workspace, session.slug)
    async with opened(workspace, session.slug, step="curate") as (app, pilot):
        keys = [*"aax5axx", "u", *"aaa", "space", *"ax1uua", "U", *"aaaxxaaaaaa"]
        assert len(keys) == 30
        await burst(pilot, keys)
        expected = replayed(queue, keys)
        found = statuses(workspace, session.slug)
        assert {i: s for i, s in found.items() if s != "undecided"} == expected
        in_hand = [i for i in queue if shown(app).dealt.is_known(i)]
        assert len(in_hand) > 20
        assert {i: shown(app).dealt.row(i).status for i in in_hand} == {
            i: found[i] for i in in_hand
        }
        assert shown(app).writer.is_idle


def replayed(queue: list[int], keys: list[str]) -> dict[int, str]:
    """What the keys mean, told by a model of one card after another."""
    order, status, at = list(queue), dict[int, str](), 0
    past: list[tuple[int, str]] = []
    future: list[tuple[int, str]] = []

    def next_card() -> int:
        waits = [i for i in order[at:] if i not in status]
        return order.index(waits[0])

    pending = ""
    for key in keys:
        if pending:
            kind, pending = "rejected", ""
        elif key == "x":
            pending = "x"
            continue
        elif key in "uU":
            source, target = (past, future) if key == "u" else (future, past)
            if source:
                example, kind = source.pop()
                target.append((example, kind))
                at = order.index(example)
                if key == "u":
                    status.pop(example)
                else:
                    status[example] = kind
                    at = next_card()
            continue
        else:
            kind = {"a": "accepted", "space": "later"}[key]
        example = order[at]
        status[example] = kind
        past.append((example, kind))
        future.clear()
        if kind == "later":
            order.append(order.pop(at))
        at = next_card()
    return status


async def test_a_burst_that_opens_a_dialog_types_into_it_and_decides_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await burst(pilot, ["/", *"axa"])
        assert not isinstance(app.screen, CurateScreen)
        assert set(statuses(workspace, slug).values()) == {"undecided"}


async def test_leaving_waits_for_the_last_decision(workspace: Workspace, tmp_path: Path) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        first = current(app)
        screen = shown(app)
        for key in ("a", "escape"):
            app.post_message(events.Key(key, ODD.get(key, key)))
        await settle(pilot)
        await screen.writer.settled()
        await settle(pilot)
        assert not isinstance(app.screen, CurateScreen)
        assert statuses(workspace, slug)[first] == "accepted"
        assert "1 of 12 decided" in screen_text(app)


async def test_undo_shows_what_came_back_and_redo_goes_on(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "u")
        assert "There is nothing to undo." in screen_text(app)
        first = current(app)
        await press(pilot, "a")
        second = current(app)
        await press(pilot, "u")
        assert current(app) == first
        assert statuses(workspace, slug)[first] == "undecided"
        await press(pilot, "U")
        assert current(app) == second
        assert statuses(workspace, slug)[first] == "accepted"


async def test_what_is_put_off_comes_back_behind_all_others(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        first = current(app)
        await press(pilot, "space")
        assert current(app) != first
        await press(pilot, *["a"] * 11)
        assert current(app) == first
        assert "─ answer ─ put off" in screen_text(app)
        await press(pilot, "a")
        assert "All 12 examples are decided: 12 accepted, 0 rejected." in screen_text(app)


async def test_an_edit_keeps_the_original_and_is_checked_at_once(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    wrong = by_line(workspace, slug, 2).id
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await show_only(pilot, f"#{wrong}")
        assert "against a rule: says 30 days, rule R01 says 45 days" in screen_text(app)
        await press(pilot, "e")
        assert footer(app).startswith(" ctrl+o save   esc leave")
        app.screen.query_one(Editor).load_text("Yes, within 45 days.")
        await press(pilot, "ctrl+o")
        text = screen_text(app)
        assert "Yes, within {30}[45] days." in text
        assert "Nothing found by the checks." in text
        row = by_line(workspace, slug, 2)
        assert row.original is not None
        assert (row.original.answer, row.example.answer) == (
            "Yes, within 30 days.",
            "Yes, within 45 days.",
        )
        await press(pilot, "u")
        assert "against a rule: says 30 days" in screen_text(app)
        assert by_line(workspace, slug, 2).original is None


async def test_an_edit_and_a_decision_right_after_it_both_stand(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        first = current(app)
        await press(pilot, "e")
        app.screen.query_one(Editor).load_text("Forty-five days.")
        await burst(pilot, ["ctrl+o"])
        await burst(pilot, ["a"])
        row = next(r for r in every(workspace, slug) if r.id == first)
        assert (row.status, row.example.answer) == ("accepted", "Forty-five days.")
        assert shown(app).dealt.row(first).status == "accepted"


async def test_an_empty_edit_is_refused_and_the_editor_stays(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        before = every(workspace, slug)
        await press(pilot, "e")
        app.screen.query_one(Editor).load_text("  ")
        await press(pilot, "ctrl+o")
        assert "An answer cannot be empty." in screen_text(app)
        assert app.screen.query_one(Editor).display
        await press(pilot, "escape", "escape")
        assert not app.screen.query_one(Editor).display
        assert every(workspace, slug) == before


async def test_of_two_answers_one_is_kept_and_undo_takes_both_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    ours, theirs = by_line(workspace, slug, 1).id, by_line(workspace, slug, 2).id
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await show_only(pilot, f"#{ours}")
        text = screen_text(app)
        assert "─ 1 this answer" in text
        assert f"#{theirs} · faults.jsonl:2" in text
        assert "Yes, within [45 days]." in text
        assert "Yes, within [30 days]." in text
        assert "! 2, against a rule: says 30 days, rule R01 says 45 days" in text
        assert footer(app).startswith(" 1 left   2 right   b both   n neither")
        await press(pilot, "1")
        found = statuses(workspace, slug)
        assert (found[ours], found[theirs]) == ("accepted", "rejected")
        assert decisions.history(workspace.store, theirs)[-1].reason == "contradiction"
        await press(pilot, "u")
        found = statuses(workspace, slug)
        assert (found[ours], found[theirs]) == ("undecided", "undecided")
        await press(pilot, "2")
        found = statuses(workspace, slug)
        assert (found[ours], found[theirs]) == ("rejected", "accepted")
        await press(pilot, "u", "n")
        found = statuses(workspace, slug)
        assert (found[ours], found[theirs]) == ("rejected", "rejected")


async def test_keeping_both_answers_asks_what_tells_them_apart(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    ours = by_line(workspace, slug, 1).id
    async with opened(workspace, slug, step="curate") as (_, pilot):
        await show_only(pilot, f"#{ours}")
        await press(pilot, "b")
        await write(pilot, "worn or not")
        await press(pilot, "enter")
        both = [by_line(workspace, slug, line) for line in (1, 2)]
        assert [row.status for row in both] == ["accepted", "accepted"]
        events_of = [decisions.history(workspace.store, row.id)[-1] for row in both]
        assert {event.reason for event in events_of} == {"worn or not"}
        assert len({event.event for event in events_of}) == 1


async def test_digits_go_to_the_steps_where_no_two_answers_stand(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await pilot.press("1")
        await settle(pilot)
        assert "[1 Scope]" in screen_lines(app)[1]
        assert set(statuses(workspace, slug).values()) == {"undecided"}


async def test_a_cluster_is_decided_as_one_event(workspace: Workspace, tmp_path: Path) -> None:
    slug = make(workspace, tmp_path)
    one, other = by_line(workspace, slug, 4).id, by_line(workspace, slug, 5).id
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await show_only(pilot, f"#{one}")
        assert "A accepts, X rejects all 2 at once" in screen_text(app)
        await press(pilot, "X", "8")
        found = statuses(workspace, slug)
        assert (found[one], found[other]) == ("rejected", "rejected")
        await press(pilot, "u")
        found = statuses(workspace, slug)
        assert (found[one], found[other]) == ("undecided", "undecided")
        await press(pilot, "A")
        found = statuses(workspace, slug)
        assert (found[one], found[other]) == ("accepted", "accepted")
        assert screen_lines(app)[0].count("2/19") == 1


async def test_redacting_replaces_personal_data_and_its_finding_goes(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    row = by_line(workspace, slug, 3).id
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await show_only(pilot, f"#{row}")
        assert "[mara.lind@example.org]" in screen_text(app)
        await press(pilot, "r")
        assert "1 place redacted." in screen_text(app)
        assert by_line(workspace, slug, 3).example.answer.endswith("at [e-mail].")
        assert "personal data:" not in screen_text(app)
        await press(pilot, "r")
        assert "No personal data found." in screen_text(app)


async def test_a_flag_can_be_filtered_for_and_taken_off(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "j", "f")
        assert "─ answer ─ flagged" in screen_text(app)
        flagged = current(app)
        await show_only(pilot, "status:flagged")
        assert "filter: status:flagged   1 of 1   esc takes it off" in screen_text(app)
        assert current(app) == flagged
        await press(pilot, "f", "escape")
        assert not any(row.flagged for row in every(workspace, slug))
        await show_only(pilot, "status:flagged")
        assert "No example passes the filter 'status:flagged'." in screen_text(app)


async def test_a_filter_that_is_none_is_refused_by_name(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        before = current(app)
        await show_only(pilot, "check:nothing")
        assert "check:nothing is not known." in screen_text(app)
        await press(pilot, "escape")
        assert current(app) == before
        assert "filter:" not in screen_text(app)


async def test_the_place_and_the_filter_survive_a_restart(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await show_only(pilot, "return status:waiting")
        await press(pilot, "j", "j")
        left = current(app)
    assert sessions.get(workspace.store, slug).step == 2
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await written(pilot)
        assert current(app) == left
        assert "filter: return status:waiting   3 of" in screen_text(app)


async def test_moving_stops_at_both_ends(workspace: Workspace, tmp_path: Path) -> None:
    slug = make(workspace, tmp_path, faults=False)
    queue = curate.order_queue(workspace, slug)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "k")
        assert current(app) == queue[0]
        await press(pilot, "G")
        assert current(app) == queue[-1]
        await press(pilot, "j")
        assert current(app) == queue[-1]
        await press(pilot, "g")
        assert current(app) == queue[0]


async def test_why_shows_rule_rivals_origin_and_history(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    wrong = by_line(workspace, slug, 2).id
    async with opened(workspace, slug, size=(120, 40), step="curate") as (app, pilot):
        await show_only(pilot, f"#{wrong}")
        await press(pilot, "x", "1", "w")
        text = screen_text(app)
        assert "against a rule (somebody must decide): says 30 days" in text
        assert "R01 return window: Shoes can be returned within 45 days." in text
        assert "asked: Can I still return my hiking boots after the trip?" in text
        assert f"#{wrong}, faults.jsonl, line 2, 2 turns" in text
        assert "ines  reject: wrong fact or policy" in text


async def test_an_empty_session_says_what_to_press(workspace: Workspace) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    async with opened(workspace, slug, step="curate") as (app, pilot):
        assert "No examples yet.  Press i to import." in screen_text(app)
        assert "i import" in footer(app)
        await press(pilot, "a")
        assert "No card is shown" in screen_text(app)


async def test_an_import_shows_real_rows_counts_and_what_was_refused_then_checks(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    path = tmp_path / "shop.jsonl"
    good = [{"frage": f"How long is return {n}?", "antwort": "45 days."} for n in range(12)]
    lines = [*map(json.dumps, good), json.dumps({"frage": "", "antwort": "x"}), "no json [/x]"]
    path.write_text("\n".join(lines), encoding="utf-8")
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "i")
        await write(pilot, str(path))
        await press(pilot, "enter")
        assert "no known format has the columns frage, antwort" in in_the_dialog(app)
        await write(pilot, "prompt=frage answer=antwort")
        await press(pilot, "enter")
        text = screen_text(app)
        assert "Import shop.jsonl?" in text
        assert "pairs: 14 rows = 12 examples + 2 quarantined" in text
        assert "prompt=frage answer=antwort" in text
        assert text.count("customer") == 3
        assert "How long is return 2?" in text
        assert every(workspace, slug) == []
        await press(pilot, "y")
        text = screen_text(app)
        assert "14 rows = 12 examples + 2 quarantined" in text
        assert "13  quarantined  turn 1 (user) is empty" in text
        assert "14  quarantined  the last line is torn" in text
        assert len(every(workspace, slug)) == 12
        await press(pilot, "escape")
        assert screen_lines(app)[0].endswith("0/12")
        assert "nearly a duplicate" in screen_text(app)
    assert curate.progress(workspace, slug).total == 12


async def test_an_import_can_be_left_and_a_missing_file_is_named(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    path = chat_file(tmp_path / "c.jsonl")
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "i")
        await write(pilot, "nowhere.jsonl")
        await press(pilot, "enter")
        assert "nowhere.jsonl: there is no such file." in screen_text(app)
        await press(pilot, "escape", "i")
        await write(pilot, str(path))
        await press(pilot, "enter", "enter")
        assert "Import c.jsonl?" in screen_text(app)
        await press(pilot, "escape")
        assert every(workspace, slug) == []


async def test_held_out_cases_are_known_by_their_form(workspace: Workspace, tmp_path: Path) -> None:
    slug = make(workspace, tmp_path, faults=False)
    path = tmp_path / "more.jsonl"
    path.write_text((tmp_path / "h.jsonl").read_text().replace('"c1"', '"c2"'))
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "i")
        await write(pilot, str(path))
        await press(pilot, "enter")
        assert "held-out cases of strop: 1 row = 1 held-out case" in screen_text(app)
        await press(pilot, "y", "escape")
        assert len(every(workspace, slug)) == 12
        assert shown(app).dealt.deck.cases == 2


async def test_a_first_visit_runs_the_checks_before_any_card_is_shown(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, checked=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await written(pilot)
        assert "findings about" in screen_text(app)
        assert current(app) == by_line(workspace, slug, 6).id


async def test_the_checks_can_be_run_again_and_the_card_stays(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "j", "j", "j")
        before = current(app)
        await press(pilot, "c")
        assert current(app) == before
        assert "findings about" in screen_text(app)


async def test_the_end_names_the_split_and_the_split_the_training(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "s")
        assert "No example is accepted: a split needs at least 10." in screen_text(app)
        await press(pilot, *["a"] * 12)
        text = screen_text(app)
        assert "All 12 examples are decided" in text
        assert "press s to split" in text
        assert "s split" in footer(app)
        assert "a accept" not in footer(app)
        await press(pilot, "s")
        flat = in_the_dialog(app)
        assert "1 held-out case to judge by" in flat
        assert "training never sees them" in flat
        await press(pilot, "n")
        assert sessions.get(workspace.store, slug).sealed_at is None
        await press(pilot, "s", "y")
        assert sessions.get(workspace.store, slug).sealed_at is not None
        assert "Next: 3, Train." in screen_text(app)
        assert "[2 Curate ✓]" in screen_lines(app)[1]
        parts = {row.part for row in every(workspace, slug)}
        assert parts == {"train", "validation"}


async def test_earlier_turns_stand_above_the_question(workspace: Workspace, tmp_path: Path) -> None:
    slug = make(workspace, tmp_path)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await show_only(pilot, f"#{by_line(workspace, slug, 7).id}")
        lines = screen_lines(app)
        at = next(i for i, line in enumerate(lines) if line.startswith(" ─ customer"))
        assert lines[at - 2 : at] == [
            "   customer: Hello there",
            "   assistant: Hello, what can I do for you?",
        ]
        assert lines[at + 1] == "   Which return label do the rain boots need?"


async def test_hostile_words_are_shown_for_what_they_are(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    chats = [[("user", f"{n} {HOSTILE}"), ("assistant", f"{HOSTILE} 45 days")] for n in (1, 2)]
    path = write_chats(tmp_path / "[red]x.jsonl", chats)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await press(pilot, "i")
        await write(pilot, str(path))
        await press(pilot, "enter")
        assert is_harmless(screen_text(app))
        assert "[/x]" in screen_text(app)
        for keys in (["y"], ["escape"], ["w"], ["escape"], ["e"], ["escape"], ["x", "1"]):
            await press(pilot, *keys)
            assert is_harmless(screen_text(app))
        await show_only(pilot, "[/x] #1 status:rejected")
        text = screen_text(app)
        assert "filter: [/x] #1 status:rejected" in text
        assert "[@click=app.quit]x[/]" in text
        assert is_harmless(text)


async def test_a_store_that_fails_says_so_and_the_screen_shows_what_it_holds(
    workspace: Workspace, tmp_path: Path
) -> None:
    slug = make(workspace, tmp_path, faults=False)
    async with opened(workspace, slug, step="curate") as (app, pilot):
        first = current(app)
        workspace.store.db.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON decisions BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        screen = shown(app)
        await burst(pilot, ["a"])
        assert "full" in screen_text(app)
        assert screen.dealt.row(first).status == "undecided"
        workspace.store.db.execute("DROP TRIGGER broken")
        await press(pilot, "escape", "g", "a")
        assert statuses(workspace, slug)[first] == "accepted"
        app._exception = None

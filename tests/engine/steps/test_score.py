"""Scoring a session: what goes into a run, and what of it is used afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from engine.errors import InputError, NotFoundError, StateError
from engine.records import Scored
from engine.runs import scoring
from engine.runs.folder import RunFolder, State, held_lock, write_atomically, write_lines
from engine.runs.scoring import ScoreRow
from engine.steps import curate, follow, intake, score
from engine.steps.score import Wish
from engine.store import examples, scores, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import chat_file, small_scope


@pytest.fixture
def slug(workspace: Workspace, tmp_path: Path) -> str:
    """A session of twelve examples, checked."""
    made = sessions.create(workspace.store, small_scope()).slug
    intake.import_file(workspace, made, chat_file(tmp_path / "chats.jsonl", 12))
    curate.check(workspace, made)
    return made


def rows_of(folder: RunFolder) -> list[ScoreRow]:
    return list(scoring.rows(folder))


def computed(folder: RunFolder, answered: Iterable[int] = ()) -> RunFolder:
    """The folder as a worker leaves it: the loss of an example is a tenth of its number."""
    rows = rows_of(folder)
    lines = [
        Scored(r.id, r.fingerprint, loss=r.id / 10, tokens=5) for r in rows if not r.is_measured
    ]
    wanted = set(answered)
    lines += [
        Scored(r.id, r.fingerprint, answer=f"answer {r.id}", answer_tokens=2, finished=False)
        for r in rows
        if r.id in wanted
    ]
    write_lines(scoring.scores_file(folder), lines)
    write_atomically(folder.state_file, msgspec.json.encode(State("done")))
    return folder


def session_id(workspace: Workspace, slug: str) -> int:
    return sessions.get(workspace.store, slug).id


def test_a_run_holds_the_examples_in_the_order_of_the_queue_but_no_rejected_ones(
    workspace: Workspace, slug: str
) -> None:
    first, second, *rest = curate.order_queue(workspace, slug)
    curate.reject(workspace, slug, [first], "tone")
    curate.accept(workspace, slug, [second])
    folder = score.prepare(workspace, slug, Wish(answers=3))
    rows = rows_of(folder)
    assert [r.id for r in rows] == [*curate.order_queue(workspace, slug), second]
    assert len(rows) == len(rest) + 1
    assert [r.place for r in rows if r.id == second] == ["none"]
    job = folder.job()
    assert (job.kind, job.answers, job.session) == ("score", 3, slug)
    assert job.system_prompt == small_scope().system_prompt
    assert score.newest(workspace, slug) is not None


def test_what_a_finding_brings_to_the_front_is_urgent(workspace: Workspace, tmp_path: Path) -> None:
    slug = sessions.create(workspace.store, small_scope()).slug
    intake.import_file(workspace, slug, chat_file(tmp_path / "chats.jsonl", 12))
    path = chat_file(tmp_path / "more.jsonl", 12)
    path.write_text(path.read_text().splitlines()[4].replace("45 days", "30 days") + "\n")
    intake.import_file(workspace, slug, path)
    curate.check(workspace, slug)
    rows = rows_of(score.prepare(workspace, slug, Wish()))
    assert [r.place for r in rows][:3] == ["urgent", "urgent", "turn"]
    assert {examples.get(workspace.store, r.id).file for r in rows[:2]} == {
        "chats.jsonl",
        "more.jsonl",
    }


def test_taking_over_brings_losses_and_answers_once(workspace: Workspace, slug: str) -> None:
    queue = curate.order_queue(workspace, slug)
    folder = computed(score.prepare(workspace, slug, Wish()), queue[:2])
    assert score.take_over(workspace, slug) == 14
    assert score.take_over(workspace, slug) == 0
    assert scores.losses(workspace.store, session_id(workspace, slug)) == {
        i: pytest.approx(i / 10) for i in queue
    }
    known = scores.of(workspace.store, queue[0])
    assert known is not None
    assert (known.answer, known.finished, known.tokens) == (f"answer {queue[0]}", False, 5)
    assert known.model == folder.job().model
    other = scores.of(workspace.store, queue[3])
    assert other is not None
    assert (other.answer, other.loss) == (None, queue[3] / 10)
    counts = score.progress(workspace, slug)
    assert (counts.total, counts.measured, counts.answered) == (12, 12, 2)


def test_an_edited_example_has_no_score_until_the_edit_is_undone(
    workspace: Workspace, slug: str
) -> None:
    example = curate.order_queue(workspace, slug)[0]
    computed(score.prepare(workspace, slug, Wish()))
    score.take_over(workspace, slug)
    before = scores.of(workspace.store, example)
    curate.edit(workspace, slug, example, "Within 45 days, in the box.")
    assert scores.of(workspace.store, example) is None
    assert example not in scores.losses(workspace.store, session_id(workspace, slug))
    assert score.progress(workspace, slug).measured == 11
    again = score.prepare(workspace, slug, Wish())
    assert [r.id for r in rows_of(again)] == [example]
    curate.undo(workspace, slug)
    assert scores.of(workspace.store, example) == before


def test_a_score_of_the_new_wording_counts_while_it_stands(workspace: Workspace, slug: str) -> None:
    example = curate.order_queue(workspace, slug)[0]
    curate.edit(workspace, slug, example, "Within 45 days, in the box.")
    computed(score.prepare(workspace, slug, Wish()))
    score.take_over(workspace, slug)
    assert scores.of(workspace.store, example) is not None
    curate.undo(workspace, slug)
    assert scores.of(workspace.store, example) is None


def test_a_new_import_is_scored_and_nothing_else(
    workspace: Workspace, slug: str, tmp_path: Path
) -> None:
    computed(score.prepare(workspace, slug, Wish()))
    with pytest.raises(StateError, match="has its score"):
        score.prepare(workspace, slug, Wish())
    known = set(curate.order_queue(workspace, slug))
    intake.import_file(workspace, slug, chat_file(tmp_path / "more.jsonl", 15))
    rows = rows_of(score.prepare(workspace, slug, Wish()))
    assert len(rows) == 15
    assert known.isdisjoint(r.id for r in rows)


def test_answers_are_asked_for_where_the_losses_are_known(workspace: Workspace, slug: str) -> None:
    queue = curate.order_queue(workspace, slug)
    computed(score.prepare(workspace, slug, Wish()), queue[:1])
    rows = rows_of(score.prepare(workspace, slug, Wish(answers=2, examples=(queue[7],))))
    assert [(r.id, r.is_measured, r.is_answered, r.is_asked) for r in rows] == [
        (queue[0], True, True, False),
        (queue[1], True, False, False),
        (queue[7], True, False, True),
    ]
    assert [r.loss for r in rows] == [queue[i] / 10 for i in (0, 1, 7)]


def test_an_answer_stays_when_the_loss_comes_later_under_the_same_conditions(
    workspace: Workspace, slug: str
) -> None:
    queue = curate.order_queue(workspace, slug)
    first = score.prepare(workspace, slug, Wish(answers=1))
    mark = rows_of(first)[0].fingerprint
    write_lines(scoring.scores_file(first), [Scored(queue[0], mark, answer="yes")])
    score.take_over(workspace, slug)
    computed(score.prepare(workspace, slug, Wish()))
    score.take_over(workspace, slug)
    known = scores.of(workspace.store, queue[0])
    assert known is not None
    assert (known.answer, known.loss) == ("yes", queue[0] / 10)


def test_another_system_prompt_makes_all_scores_old_and_new_ones_replace_them(
    workspace: Workspace, slug: str
) -> None:
    queue = curate.order_queue(workspace, slug)
    computed(score.prepare(workspace, slug, Wish()), queue)
    score.take_over(workspace, slug)
    changed = msgspec.structs.replace(small_scope(), system_prompt="You answer for nobody.")
    sessions.save_scope(workspace.store, session_id(workspace, slug), changed)
    assert score.progress(workspace, slug).measured == 0
    folder = score.prepare(workspace, slug, Wish())
    assert len(rows_of(folder)) == 12
    write_lines(
        scoring.scores_file(folder),
        [Scored(r.id, r.fingerprint, loss=9.0, tokens=1) for r in rows_of(folder)[:1]],
    )
    score.take_over(workspace, slug)
    known = scores.of(workspace.store, queue[0])
    assert known is not None
    assert (known.loss, known.answer) == (9.0, None)


def test_a_limit_takes_the_first_of_the_queue(workspace: Workspace, slug: str) -> None:
    rows = rows_of(score.prepare(workspace, slug, Wish(limit=4)))
    assert [r.id for r in rows] == curate.order_queue(workspace, slug)[:4]
    with pytest.raises(InputError, match="negative"):
        score.prepare(workspace, slug, Wish(limit=-1))


def test_an_example_without_a_trained_token_is_not_scored_again_and_again(
    workspace: Workspace, slug: str
) -> None:
    folder = score.prepare(workspace, slug, Wish())
    lines = [Scored(r.id, r.fingerprint) for r in rows_of(folder)]
    write_lines(scoring.scores_file(folder), lines)
    assert score.take_over(workspace, slug) == 12
    assert scores.losses(workspace.store, session_id(workspace, slug)) == {}
    with pytest.raises(StateError, match="has its score"):
        score.prepare(workspace, slug, Wish())


def test_a_session_is_scored_by_one_run_at_a_time(workspace: Workspace, slug: str) -> None:
    folder = score.prepare(workspace, slug, Wish())
    with (
        held_lock(folder.lock_file),
        pytest.raises(StateError, match=f"Run {folder.job().run} is scoring"),
    ):
        score.prepare(workspace, slug, Wish())


def test_only_one_of_two_readers_takes_a_line_over(workspace: Workspace, slug: str) -> None:
    folder = computed(score.prepare(workspace, slug, Wish()))
    (reading,) = scores.readings(workspace.store, session_id(workspace, slug))
    found, place = scoring.read_from(folder, reading.place, 5)
    assert scores.add(workspace.store, reading, found, place)
    assert not scores.add(workspace.store, reading, found, place)
    assert score.take_over(workspace, slug) == 7


def test_an_example_of_another_session_cannot_be_asked_for(workspace: Workspace, slug: str) -> None:
    other = sessions.create(workspace.store, small_scope("Other")).slug
    wanted = curate.order_queue(workspace, slug)[0]
    with pytest.raises(NotFoundError, match=f"#{wanted}"):
        score.prepare(workspace, other, Wish(examples=(wanted,)))


def test_whoever_follows_a_run_on_screen_takes_its_scores_over(
    workspace: Workspace, slug: str
) -> None:
    folder = computed(score.prepare(workspace, slug, Wish()))
    assert follow.arrive(workspace, slug).run is None
    follow.Follower(workspace, folder.job().run).look()
    assert len(scores.losses(workspace.store, session_id(workspace, slug))) == 12

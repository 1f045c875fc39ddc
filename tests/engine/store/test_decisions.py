from __future__ import annotations

import itertools
import multiprocessing
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import StateError
from engine.scope import Scope
from engine.store import decisions, examples, sessions, sources
from engine.store.connection import Store
from engine.store.decisions import Change
from engine.store.sessions import Session
from tests.engine.store.conftest import make_example

ACCEPT, REJECT = Change(status="accepted"), Change(status="rejected")


def statuses(store: Store, session: int) -> list[tuple[str, str, bool, tuple[str, ...], int]]:
    return [
        (s.status, s.example.answer, s.flagged, s.tags, s.put_off)
        for s in examples.every(store, session)
    ]


def test_undo_puts_back_what_a_decision_found(
    store: Store, session: Session, three: list[int]
) -> None:
    decisions.decide(store, session.id, "mara", "accept", [(three[0], ACCEPT)])
    decisions.decide(store, session.id, "mara", "reject", [(three[0], REJECT)], "tone")
    assert decisions.undo(store, session.id, "mara") == [three[0]]
    assert examples.get(store, three[0]).status == "accepted"
    assert decisions.undo(store, session.id, "mara") == [three[0]]
    assert examples.get(store, three[0]).status == "undecided"
    assert decisions.undo(store, session.id, "mara") == []


def test_a_cluster_is_one_event(store: Store, session: Session, three: list[int]) -> None:
    decisions.decide(store, session.id, "mara", "accept", [(i, ACCEPT) for i in three])
    assert sorted(decisions.undo(store, session.id, "mara")) == three
    assert {s for s, *_ in statuses(store, session.id)} == {"undecided"}
    assert sorted(decisions.redo(store, session.id, "mara")) == three
    assert {s for s, *_ in statuses(store, session.id)} == {"accepted"}


def test_an_edit_keeps_the_original_through_undo_and_redo(
    store: Store, session: Session, three: list[int]
) -> None:
    edited = Change(body=make_example("question 1", "a better answer"))
    decisions.decide(store, session.id, "mara", "edit", [(three[0], edited)])
    stored = examples.get(store, three[0])
    assert stored.example.answer == "a better answer"
    assert stored.original is not None
    assert stored.original.answer == "answer 1"
    decisions.undo(store, session.id, "mara")
    assert examples.get(store, three[0]).original is None


def test_everybody_undoes_their_own_and_never_over_somebody_else(
    store: Store, session: Session, three: list[int]
) -> None:
    decisions.decide(store, session.id, "mara", "accept", [(three[0], ACCEPT)])
    decisions.decide(store, session.id, "jo", "reject", [(three[0], REJECT)], "tone")
    with pytest.raises(StateError, match="changed by somebody else"):
        decisions.undo(store, session.id, "mara")
    assert examples.get(store, three[0]).status == "rejected"
    assert decisions.undo(store, session.id, "jo") == [three[0]]
    assert decisions.undo(store, session.id, "mara") == [three[0]]


def test_a_new_decision_ends_redo(store: Store, session: Session, three: list[int]) -> None:
    decisions.decide(store, session.id, "mara", "accept", [(three[0], ACCEPT)])
    decisions.undo(store, session.id, "mara")
    decisions.decide(store, session.id, "mara", "accept", [(three[1], ACCEPT)])
    assert decisions.redo(store, session.id, "mara") == []


KINDS = ("accept", "reject", "later", "flag", "edit", "tag", "repeat_accept", "cluster")
STEP = st.tuples(st.integers(0, 2), st.sampled_from(KINDS))


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEP, min_size=1, max_size=12))
def test_undo_to_the_first_and_redo_to_the_last_restore_the_same_state_across_restarts(
    steps: list[tuple[int, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "strop.db"
        store = Store(path)
        session = sessions.create(store, Scope(name="Undo"))
        source = sources.add(store, session.id, "f", "chat", "", False)
        rows = [(n, make_example(f"q{n}", f"a{n}")) for n in range(3)]
        examples.add(store, session.id, source, "f", rows)
        ids = [s.id for s in examples.every(store, session.id)]
        states = [statuses(store, session.id)]
        for number, (index, kind) in enumerate(steps):
            _act(store, session.id, ids if kind == "cluster" else [ids[index]], kind, number)
            states.append(statuses(store, session.id))
        for expected in reversed(states[:-1]):
            store.close()
            store = Store(path)
            decisions.undo(store, session.id, "mara")
            assert statuses(store, session.id) == expected
        for expected in states[1:]:
            decisions.redo(store, session.id, "mara")
            assert statuses(store, session.id) == expected
        store.close()


def _act(store: Store, session: int, ids: list[int], kind: str, number: int) -> None:
    change = {
        "accept": ACCEPT,
        "cluster": REJECT,
        "reject": REJECT,
        "later": Change(status="later"),
        "flag": Change(flagged=not examples.get(store, ids[0]).flagged),
        "edit": Change(body=make_example("q", f"edited {number}")),
        "tag": Change(tags=(f"tag-{number}",)),
        "repeat_accept": Change(),
    }[kind]
    called = "reject" if kind == "cluster" else kind
    decisions.decide(store, session, "mara", called, [(i, change) for i in ids])  # type: ignore[arg-type]


def _decide_until_killed(path: Path, session: int, ids: list[int]) -> None:
    store = Store(path)
    for number in itertools.count():
        chosen = [ids[number % len(ids)]]
        _act(store, session, chosen, KINDS[number % len(KINDS)], number)


def test_undo_and_redo_lead_to_the_same_state_after_a_kill_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "strop.db"
    store = Store(path)
    session = sessions.create(store, Scope(name="Killed"))
    source = sources.add(store, session.id, "f", "chat", "", False)
    examples.add(
        store, session.id, source, "f", [(n, make_example(f"q{n}", "a")) for n in range(5)]
    )
    ids = [s.id for s in examples.every(store, session.id)]
    first = statuses(store, session.id)
    spawn = multiprocessing.get_context("spawn")
    person = spawn.Process(target=_decide_until_killed, args=(path, session.id, ids))
    person.start()
    while store.value("SELECT count(*) FROM decisions") < 40:
        person.join(0.01)
    person.kill()
    person.join()
    last = statuses(store, session.id)
    events = store.value("SELECT count(DISTINCT event) FROM decisions")
    undone = sum(bool(decisions.undo(store, session.id, "mara")) for _ in range(events + 1))
    assert (undone, statuses(store, session.id)) == (events, first)
    redone = sum(bool(decisions.redo(store, session.id, "mara")) for _ in range(events + 1))
    assert (redone, statuses(store, session.id)) == (events, last)
    store.close()


def _decide_many(path: Path, session: int, who: str, ids: list[int]) -> None:
    store = Store(path)
    for example in ids:
        decisions.decide(store, session, who, "accept", [(example, ACCEPT)])
    store.close()


def test_two_processes_deciding_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "strop.db"
    store = Store(path)
    session = sessions.create(store, Scope(name="Two"))
    source = sources.add(store, session.id, "f", "chat", "", False)
    rows = [(n, make_example(f"q{n}", f"a{n}")) for n in range(200)]
    examples.add(store, session.id, source, "f", rows)
    ids = [s.id for s in examples.every(store, session.id)]
    spawn = multiprocessing.get_context("spawn")
    people = [
        spawn.Process(target=_decide_many, args=(path, session.id, who, part))
        for who, part in (("mara", ids[::2]), ("jo", ids[1::2]))
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert examples.counts(store, session.id)["accepted"] == 200
    assert store.value("SELECT count(DISTINCT event) FROM decisions") == 200
    store.close()

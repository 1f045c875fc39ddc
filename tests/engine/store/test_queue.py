from __future__ import annotations

import random

from engine.store import claims, decisions, examples, queue, sources
from engine.store.connection import Store
from engine.store.decisions import Change
from engine.store.examples import Key
from engine.store.queue import Way
from engine.store.sessions import Session
from engine.store.sieve import Sieve
from tests.engine.store.conftest import make_example

INTENTS = ("fit", "returns", "")
ME, YOU = "mara\n1", "tom\n2"


def fill(store: Store, session: Session, rows: int) -> list[int]:
    source = sources.add(store, session.id, "chats.jsonl", "chat", "0" * 64, False)
    made = [
        (n, make_example(f"question {n}", f"answer {n}", INTENTS[n % 3]))
        for n in range(1, rows + 1)
    ]
    examples.add(store, session.id, source, "chats.jsonl", made)
    return [s.id for s in examples.every(store, session.id)]


def walk(store: Store, session: Session, sieve: Sieve, way: Way, size: int) -> list[int]:
    """All pages, one after the other."""
    found: list[int] = []
    start: Key | None = None
    while rows := queue.page(store, session.id, sieve, start, way, size):
        found += [row.id for row in rows]
        start = rows[-1].key
    return found


def put_off(store: Store, session: Session, ids: list[int]) -> None:
    for example in ids:
        change = Change(status="later")
        decisions.decide(store, session.id, "mara", "later", [(example, change)])


def test_what_is_urgent_stands_first_and_the_rest_in_turn_over_the_intents(
    store: Store, session: Session
) -> None:
    ids = fill(store, session, 9)
    queue.rank(store, session.id, [ids[4], ids[7]])
    intents = [examples.get(store, i).example.intent for i in queue.waiting_ids(store, session.id)]
    assert queue.waiting_ids(store, session.id)[:2] == [ids[4], ids[7]]
    assert intents[2:] == ["", "fit", "returns", "fit", "returns", "fit", "returns"]
    queue.rank(store, session.id, [])
    assert sorted(queue.waiting_ids(store, session.id)) == ids


def test_a_row_without_a_rank_stands_behind_those_that_have_one(
    store: Store, session: Session
) -> None:
    ids = fill(store, session, 4)
    queue.rank(store, session.id, [])
    (late,) = [i for i in fill_more(store, session) if i not in ids]
    assert queue.waiting_ids(store, session.id)[-1] == late


def fill_more(store: Store, session: Session) -> list[int]:
    source = sources.add(store, session.id, "more.jsonl", "chat", "1" * 64, False)
    examples.add(store, session.id, source, "more.jsonl", [(1, make_example("late?", "yes"))])
    return [s.id for s in examples.every(store, session.id)]


def test_pages_of_any_size_both_ways_are_the_whole_queue(store: Store, session: Session) -> None:
    ids = fill(store, session, 37)
    queue.rank(store, session.id, random.Random(3).sample(ids, 11))
    put_off(store, session, [ids[20], ids[3]])
    whole = walk(store, session, Sieve(), "forward", 37)
    assert sorted(whole) == ids
    assert whole[-2:] == [ids[20], ids[3]]
    for size in (1, 5, 12):
        assert walk(store, session, Sieve(), "forward", size) == whole
        assert walk(store, session, Sieve(), "backward", size) == whole[::-1]


def test_what_was_put_off_is_served_last_and_comes_back_when_that_is_undone(
    store: Store, session: Session
) -> None:
    ids = fill(store, session, 5)
    put_off(store, session, [ids[0], ids[1]])
    served = queue.serve(store, session.id, ME, None, "forward", 9)
    assert [row.id for row in served] == [*ids[2:], ids[0], ids[1]]
    decisions.undo(store, session.id, "mara")
    served = queue.serve(store, session.id, ME, None, "forward", 9)
    assert [row.id for row in served] == [*ids[1:], ids[0]]
    backward = queue.serve(store, session.id, ME, None, "backward", 2)
    assert [row.id for row in backward] == [ids[0], ids[4]]


def test_two_curators_are_never_served_the_same_example(store: Store, session: Session) -> None:
    ids = fill(store, session, 10)
    mine = [row.id for row in queue.serve(store, session.id, ME, None, "forward", 4)]
    yours = [row.id for row in queue.serve(store, session.id, YOU, None, "forward", 4)]
    assert (mine, yours) == (ids[:4], ids[4:8])
    assert claims.others(store, session.id, ME) == ["tom"]
    # Asked again, one's own are still there; what the other one has is not.
    again = [row.id for row in queue.serve(store, session.id, ME, None, "forward", 9)]
    assert again == [*ids[:4], *ids[8:]]
    claims.release(store, session.id, YOU)
    assert len(queue.serve(store, session.id, ME, None, "forward", 99)) == 10


def test_a_claim_ends_with_the_decision_and_with_its_holders_silence(
    store: Store, session: Session
) -> None:
    ids = fill(store, session, 3)
    queue.serve(store, session.id, YOU, None, "forward", 3)
    accepted = Change(status="accepted")
    decisions.decide(store, session.id, "tom", "accept", [(ids[0], accepted)])
    assert store.value("SELECT count(*) FROM claims") == 2
    with store.transaction() as db:
        db.execute("UPDATE claims SET at = at - ?", [claims.LIFETIME_S + 1])
    assert claims.others(store, session.id, ME) == []
    served = [row.id for row in queue.serve(store, session.id, ME, None, "forward", 9)]
    assert served == ids[1:]


def test_sealed_examples_are_never_served_nor_found(store: Store, session: Session) -> None:
    ids = fill(store, session, 3)
    examples.set_parts(store, session.id, {"held_out": ids[:1]})
    assert [r.id for r in queue.serve(store, session.id, ME, None, "forward", 9)] == ids[1:]
    assert walk(store, session, Sieve(words=("question",)), "forward", 9) == []
    assert examples.tally(store, session.id).sealed == 1

from __future__ import annotations

from engine.recipe import Recipe
from engine.records import Answer, Case, Finding, Message
from engine.store import cases, examples, findings, runs, sources
from engine.store.connection import Store
from engine.store.sessions import Session
from tests.engine.store.conftest import make_example


def test_importing_a_file_twice_adds_nothing_and_a_grown_one_only_the_new_rows(
    store: Store, session: Session
) -> None:
    rows = [(1, make_example("q", "a")), (2, make_example("q", "a")), (3, make_example("r", "b"))]
    source = sources.add(store, session.id, "log.jsonl", "chat", "", False)
    assert examples.add(store, session.id, source, "log.jsonl", rows) == (3, 0)
    assert examples.add(store, session.id, source, "log.jsonl", rows) == (0, 3)
    grown = [*rows, (4, make_example("q", "a"))]
    assert examples.add(store, session.id, source, "log.jsonl", grown) == (1, 3)


def test_findings_are_found_from_every_row_they_concern(
    store: Store, session: Session, three: list[int]
) -> None:
    found = Finding("conflict", "decide", (three[0], three[1]), "45 days against 30 days")
    findings.replace(store, session.id, [found])
    assert findings.about(store, three[1]) == [found]
    assert findings.about(store, three[2]) == []
    findings.replace(store, session.id, [])
    assert findings.every(store, session.id) == []


def test_the_digest_of_cases_does_not_depend_on_their_order(store: Store, session: Session) -> None:
    some = [Case(id=f"c{n}", messages=(Message("user", f"q{n}"),)) for n in range(3)]
    assert cases.add(store, session.id, "held.jsonl", some) == (3, 0)
    assert cases.digest(some) == cases.digest(reversed(cases.every(store, session.id)))


def test_runs_are_numbered_and_keep_their_answers(store: Store, session: Session) -> None:
    run = runs.add(store, session.id, "train", "mara", Recipe(rank=8), "hash")
    assert (run.folder, run.recipe.rank) == ("0001-train", 8)
    answer = Answer("domain", "c1", "base", text="45 days", tokens=3)
    runs.add_answers(store, run.id, [answer])
    runs.add_answers(store, run.id, [Answer("domain", "c1", "base", text="changed")])
    assert runs.answers(store, run.id) == [answer]


def test_remembered_answers_come_back_under_their_key(store: Store, session: Session) -> None:
    answer = Answer("domain", "c1", "base", text="45 days")
    runs.remember_answers(store, [("key", answer)])
    assert runs.remembered_answers(store, ["key", "other"]) == {"key": answer}

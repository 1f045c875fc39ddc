"""The checks over a store: what a later run skips makes no difference to what is found."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.check_settings import Checks, Conflict, Leak, NearDuplicate, Schema
from engine.curation import run as running
from engine.curation.run import run_checks
from engine.records import Case, Example, Finding, Message, NumberedExample
from engine.scope import Scope
from engine.steps import checking
from engine.store import cases, examples, findings, sessions, signatures, sources
from engine.store.connection import Store
from tests.engine.curation.rows import SCOPE

QUESTIONS = (
    "How long do I have to send the unworn shoes back to you",
    "how long do i have to send the unworn shoes back to you please",
    "How long do I have to send the worn shoes back to you",
    "What does standard shipping cost these days for one pair",
    "what does the standard shipping cost these days for a pair",
    "Do you sell gift cards in the shop on Mill Road at all",
)
ANSWERS = (
    "Unworn shoes can be returned within 45 days of delivery, free of charge.",
    "Unworn shoes can be returned within 45 days of delivery, free of any charge.",
    "Unworn shoes can be returned within 30 days of delivery, free of charge.",
    "Yes, you can.",
    "No, you cannot <U+001B>.",
    "Write to ann@mail.example and she will send the form to you.",
)
SCOPES = (
    SCOPE,
    msgspec.structs.replace(SCOPE, rules=SCOPE.rules[1:]),
    msgspec.structs.replace(SCOPE, checks=Checks(schema=Schema(on=False))),
    msgspec.structs.replace(SCOPE, checks=Checks(conflict=Conflict(similar=0.9))),
    msgspec.structs.replace(SCOPE, checks=Checks(near_duplicate=NearDuplicate(near=0.95))),
    msgspec.structs.replace(SCOPE, checks=Checks(leak=Leak(severity="review", similar=0.6))),
)
ROWS = st.tuples(st.sampled_from(QUESTIONS), st.sampled_from(ANSWERS))
STEPS = st.one_of(
    st.tuples(st.just("import"), st.lists(ROWS, min_size=1, max_size=4)),
    st.tuples(st.just("edit"), st.integers(0, 9), st.sampled_from(ANSWERS)),
    st.tuples(st.just("seal"), st.integers(0, 9)),
    st.tuples(st.just("case"), st.sampled_from(QUESTIONS)),
    st.tuples(st.just("scope"), st.sampled_from(SCOPES)),
    st.tuples(st.just("check"), st.just(0)),
)


class Session:
    """A session whose rows, cases and scope change; no screen, no files."""

    def __init__(self, store: Store) -> None:
        self.store = store
        name = f"shoes {store.value('SELECT count(*) FROM sessions')}"
        self.id = sessions.create(store, msgspec.structs.replace(SCOPE, name=name)).id
        self.source = sources.add(store, self.id, "a.jsonl", "jsonl", "0", held_out=False)
        self.scope: Scope = SCOPE
        self.lines = 0

    def change(self, step: tuple[str, *tuple[object, ...]]) -> None:
        match step:
            case ("import", list(rows)):
                self.add([_example(*row) for row in rows])
            case ("edit", int(place), str(answer)):
                if ids := self.ids():
                    self.edit(ids[place % len(ids)], answer)
            case ("seal", int(place)):
                if ids := self.ids():
                    sealed = ids[place % len(ids)]
                    sql = "UPDATE examples SET part = 'held_out' WHERE id = ?"
                    with self.store.transaction() as db:
                        db.execute(sql, [sealed])
            case ("case", str(question)):
                held_out = Case(f"c{question}", (Message("user", question),))
                cases.add(self.store, self.id, "cases", [held_out])
            case ("scope", Scope() as scope):
                self.scope = scope
            case _:
                self.check()

    def add(self, rows: list[Example]) -> None:
        numbered = enumerate(rows, self.lines)
        self.lines += len(rows)
        examples.add(self.store, self.id, self.source, f"{self.lines}.jsonl", numbered)

    def edit(self, example: int, answer: str) -> None:
        body = _example(examples.get(self.store, example).example.prompt, answer)
        with self.store.transaction() as db:
            db.execute(
                "UPDATE examples SET body = ? WHERE id = ?",
                [msgspec.json.encode(body).decode(), example],
            )

    def ids(self) -> list[int]:
        return [s.id for s in examples.every(self.store, self.id) if s.part != "held_out"]

    def check(self) -> list[Finding]:
        held_out = cases.every(self.store, self.id)
        checking.check(self.store, self.id, self.scope, held_out)
        return findings.every(self.store, self.id)

    def check_everything(self) -> list[Finding]:
        """What a run finds that knows nothing of earlier ones."""
        rows = examples.numbered(examples.get(self.store, i) for i in self.ids())
        found = run_checks(rows, cases.every(self.store, self.id), self.scope)
        return sorted(found, key=lambda f: (f.check, f.examples, f.detail, f.case))


def _example(question: str, answer: str) -> Example:
    return Example((Message("user", question), Message("assistant", answer)), intent="returns")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(tmp_path_factory.mktemp("checking") / "strop.db")
    opened.db.execute("PRAGMA synchronous=OFF")
    yield opened
    opened.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=10))
def test_what_is_skipped_makes_no_difference(store: Store, steps: list[tuple[str, object]]) -> None:
    session = Session(store)
    for step in steps:
        session.change(step)
    found = session.check()
    assert found == session.check_everything()
    assert session.check() == found


class Counting:
    """A check that counts the rows it is shown."""

    def __init__(self) -> None:
        self.rows = 0

    def __call__(self, rows: list[object], held_out: object, scope: object) -> list[Finding]:
        self.rows += len(rows)
        return []


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counting]:
    counters = {name: Counting() for name in ("schema", "contradiction", "balance")}
    for name, counter in counters.items():
        monkeypatch.setitem(running.CHECKS, name, counter)
    return counters


def seen(counters: dict[str, Counting]) -> tuple[int, ...]:
    """Rows shown to schema, contradiction and balance since the last time."""
    counts = tuple(counter.rows for counter in counters.values())
    for counter in counters.values():
        counter.rows = 0
    return counts


def test_only_what_changed_is_checked_again(store: Store, counting: dict[str, Counting]) -> None:
    session = Session(store)
    session.add([_example(question, ANSWERS[0]) for question in QUESTIONS])
    session.check()
    assert seen(counting) == (6, 6, 6)
    session.check()
    assert seen(counting) == (0, 0, 0)
    session.add([_example(QUESTIONS[0], ANSWERS[2])])
    session.check()
    assert seen(counting) == (1, 1, 7)
    session.edit(session.ids()[0], ANSWERS[3])
    session.check()
    assert seen(counting) == (1, 1, 7)
    session.scope = SCOPES[1]
    session.check()
    assert seen(counting) == (0, 7, 7)
    session.scope = msgspec.structs.replace(
        session.scope, checks=Checks(schema=Schema(severity="review"))
    )
    session.check()
    assert seen(counting) == (7, 0, 0)


def test_pairs_that_were_compared_are_not_compared_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    fetch = signatures.rows

    def noted(store: Store, ids: Sequence[int]) -> list[NumberedExample]:
        read.extend(ids)
        return fetch(store, ids)

    monkeypatch.setattr(signatures, "rows", noted)
    session = Session(store)
    session.add([_example(q, a) for q in QUESTIONS[:2] for a in ANSWERS[:3]])
    session.check()
    assert read
    read.clear()
    session.add([_example("Is there parking near the shop?", "Behind the house.")])
    session.check()
    assert read == []
    session.add([_example(QUESTIONS[0] + " today", ANSWERS[2])])
    session.check()
    assert session.ids()[-1] in read


def test_named_checks_alone_leave_the_others_to_the_next_run(store: Store) -> None:
    session = Session(store)
    session.add([_example(QUESTIONS[0], ANSWERS[0]), _example(QUESTIONS[1], ANSWERS[4])])
    checking.check(store, session.id, session.scope, [], ["schema"])
    assert {f.check for f in findings.every(store, session.id)} == {"schema"}
    assert session.check() == session.check_everything()


def test_rows_that_ask_alike_are_known_after_a_run(store: Store) -> None:
    session = Session(store)
    session.add([_example(q, ANSWERS[0]) for q in (*QUESTIONS[:2], QUESTIONS[5], QUESTIONS[0])])
    first, second, other, copy = session.ids()
    session.check()
    rivals = [row.id for row in checking.rivals(store, session.id, second)]
    assert rivals == [first, copy]
    assert [row.id for row in checking.rivals(store, session.id, copy)] == [first, second]
    assert checking.rivals(store, session.id, other) == []


def test_a_store_of_the_version_before_is_brought_up_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "strop.db"
    Store(path).close()
    older = Store(path)
    session = Session(older)
    session.add([_example(QUESTIONS[0], ANSWERS[4])])
    for statement in ("DROP TABLE signatures", "DROP TABLE check_states"):
        older.db.execute(statement)
    older.db.execute("DROP TRIGGER IF EXISTS signatures_outdated")
    older.db.execute("DELETE FROM _sqlite_migrations WHERE name = '0003_signatures'")
    older.close()
    session.store = Store(path)
    assert [f.check for f in session.check() if f.severity == "block"] == ["schema"]
    session.store.close()

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.records import Example, Message
from engine.scope import Intent, Scope
from engine.store import examples, sessions, sources
from engine.store.connection import Store
from engine.store.sessions import Session


def make_example(question: str, answer: str, intent: str = "returns") -> Example:
    return Example((Message("user", question), Message("assistant", answer)), intent=intent)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "strop.db")
    yield opened
    opened.close()


@pytest.fixture
def session(store: Store) -> Session:
    return sessions.create(store, Scope(name="Shoes", intents=(Intent("returns", 5),)))


@pytest.fixture
def three(store: Store, session: Session) -> list[int]:
    """Ids of three undecided examples."""
    source = sources.add(store, session.id, "chats.jsonl", "chat", "0" * 64, False)
    rows = [(n, make_example(f"question {n}", f"answer {n}")) for n in (1, 2, 3)]
    examples.add(store, session.id, source, "chats.jsonl", rows)
    return [s.id for s in examples.every(store, session.id)]

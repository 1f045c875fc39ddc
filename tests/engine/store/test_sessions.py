from __future__ import annotations

import pytest

from engine.errors import InputError, NotFoundError
from engine.scope import Scope
from engine.store import sessions
from engine.store.connection import Store
from engine.store.sessions import Session


def test_a_session_is_found_by_slug_and_by_name(store: Store, session: Session) -> None:
    assert sessions.get(store, "shoes") == session == sessions.get(store, "Shoes")


def test_a_name_that_is_taken_is_refused(store: Store, session: Session) -> None:
    with pytest.raises(InputError, match="shoes is there already"):
        sessions.create(store, Scope(name="  Shoes!"))


def test_a_missing_session_names_those_that_are_there(store: Store, session: Session) -> None:
    with pytest.raises(NotFoundError, match=r"boots.*There are: shoes"):
        sessions.get(store, "boots")


def test_the_place_comes_back_as_it_was_left(store: Store, session: Session) -> None:
    sessions.remember_place(store, session.id, 2, {"example": 17, "filter": "fit"})
    left = sessions.get(store, "shoes")
    assert (left.step, left.place) == (2, {"example": 17, "filter": "fit"})


def test_looks_at_the_sealed_set_are_counted(store: Store, session: Session) -> None:
    assert sessions.looks(store, session.id) == 0
    sessions.add_look(store, session.id, "mara", "case 12")
    assert sessions.looks(store, session.id) == 1

"""The short way for rows that need no tidying gives what the long way gives."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.intake.conversation import Settled, settle
from engine.intake.outcomes import Mapping
from engine.intake.shapes import draft_of
from engine.intake.straight import take_straight
from engine.records import Message

WORDS = st.sampled_from(
    ["q", " a ", "", "  ", "x\x1b", "\u200b", "a\r\nb", "<U+001B>", "é", None, 7]
)
ROLES = st.sampled_from(["user", "assistant", "system", "tool", "User", "human", None])
TURN = st.fixed_dictionaries({"role": ROLES, "content": WORDS})
STRAIGHT = st.lists(
    st.fixed_dictionaries({"q": st.text(max_size=4), "a": st.text(max_size=4)}), max_size=3
).map(
    lambda pairs: [
        {"role": role, "content": pair[key]}
        for pair in pairs
        for role, key in (("user", "q"), ("assistant", "a"))
    ]
)
EXTRA = st.fixed_dictionaries(
    {}, optional={"system": st.just("s"), "intent": WORDS, "conversation_id": WORDS}
)
MAPPING = Mapping(text="messages", intent="intent", conversation="conversation_id")


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.lists(TURN, max_size=5), STRAIGHT, st.just("no list")), EXTRA)
def test_a_row_taken_straight_is_the_same_as_by_the_long_way(turns: Any, extra: Any) -> None:
    fields = {"messages": turns, **extra}
    straight = take_straight(fields, MAPPING, "a.jsonl:1")
    if straight is None:
        return
    draft = draft_of("chat", fields, MAPPING, 1)
    assert settle(draft, "a.jsonl:1") == Settled(straight, ())  # type: ignore[arg-type]


def test_an_ordinary_row_is_taken_straight() -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": " a\x07 "}]
    taken = take_straight({"messages": turns}, MAPPING, "a.jsonl:1")
    assert taken is not None
    assert taken.messages == (Message("user", "q"), Message("assistant", "a<U+0007>"))

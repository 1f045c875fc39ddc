from __future__ import annotations

from engine.records import Example, Finding, Message
from engine.scope import Scope
from engine.steps.cards import Deck
from engine.steps.sieve import parse
from engine.store.examples import Part, Status, StoredExample
from engine.store.sessions import Session
from screens.curate_parts.cards import Cards

SESSION = Session(1, "s", "S", "", "", 2, {}, Scope(name="S"), None, None, None, None, None)


def row(number: int, status: Status = "undecided", part: Part = "") -> StoredExample:
    said = (Message("user", f"question {number}"), Message("assistant", "answer"))
    return StoredExample(number, "f", number, Example(said, "fit"), None, status, False, part)


def cards(*rows: StoredExample, findings: tuple[Finding, ...] = ()) -> Cards:
    queue = tuple(r.id for r in rows if r.status in ("undecided", "later"))
    return Cards(Deck(SESSION, rows, findings, queue, 0, None))


def current(dealt: Cards) -> int | None:
    return dealt.current.id if dealt.current else None


def test_deciding_skips_what_is_decided_and_wraps_to_what_was_passed_over() -> None:
    dealt = cards(*(row(n) for n in (1, 2, 3, 4)))
    dealt.move_to(1)
    dealt.set_status([2, 3], "accepted")
    dealt.advance()
    assert current(dealt) == 4
    dealt.set_status([4], "rejected")
    dealt.advance()
    assert current(dealt) == 1
    dealt.set_status([1], "accepted")
    dealt.advance()
    assert current(dealt) is None
    assert (dealt.decided, dealt.waiting, dealt.accepted["fit"]) == (4, 0, 3)


def test_what_was_put_off_waits_until_nothing_else_does() -> None:
    dealt = cards(*(row(n) for n in (1, 2, 3)))
    dealt.move_to(1)
    dealt.put_off(2)
    dealt.advance(dealt.at)
    assert current(dealt) == 3
    dealt.set_status([3], "accepted")
    dealt.advance()
    assert current(dealt) == 1
    dealt.set_status([1], "accepted")
    dealt.advance()
    assert current(dealt) == 2
    assert dealt.order == [1, 3, 2]


def test_sealed_rows_are_counted_and_never_shown() -> None:
    dealt = cards(row(1), row(2, "accepted", "held_out"))
    dealt.filter(parse("status:accepted"))
    assert dealt.order == []
    assert (dealt.total, dealt.hidden, dealt.decided) == (2, 1, 1)


def test_a_filter_keeps_the_card_that_passes_it() -> None:
    dealt = cards(row(1), row(2), row(3, "accepted"))
    dealt.move_to(1)
    dealt.filter(parse("question"))
    assert (dealt.order, current(dealt)) == ([1, 2, 3], 2)
    dealt.filter(parse("#3"))
    assert current(dealt) == 3
    dealt.filter(parse(""))
    assert (dealt.order, current(dealt)) == ([1, 2], 1)


def test_under_a_filter_of_decided_rows_the_next_one_follows() -> None:
    dealt = cards(*(row(n, "accepted") for n in (1, 2)))
    dealt.filter(parse("status:accepted"))
    dealt.set_status([1], "rejected")
    dealt.advance()
    assert current(dealt) == 2
    dealt.set_status([2], "rejected")
    dealt.advance()
    assert current(dealt) == 2


def test_a_rival_is_another_answer_that_is_still_in_the_running() -> None:
    pairs = tuple(Finding("conflict", "decide", (1, n), "d") for n in (2, 3))
    dealt = cards(row(1), row(2), row(3), findings=pairs)
    assert dealt.rival(dealt.row(1)) == dealt.row(2)
    dealt.set_status([2], "rejected")
    assert dealt.rival(dealt.row(1)) == dealt.row(3)
    assert dealt.rival(dealt.row(2)) is None
    dealt.set_status([3], "rejected")
    assert dealt.rival(dealt.row(1)) is None


def test_a_cluster_leaves_out_what_is_only_similar() -> None:
    found = (
        Finding("near_duplicate", "mark", (1, 2), "2 rows are nearly the same (J 0.9)"),
        Finding("near_duplicate", "mark", (1, 3), "similar to #3 (J 0.7)"),
        Finding("exact_duplicate", "mark", (4, 1), "2 rows say exactly the same"),
    )
    dealt = cards(*(row(n) for n in (1, 2, 3, 4)), findings=found)
    assert dealt.cluster(dealt.row(1)) == [1, 2, 4]
    assert dealt.cluster(dealt.row(3)) == [3]


def test_a_review_replaces_all_that_was_found_about_a_row() -> None:
    conflict = Finding("conflict", "decide", (1, 2), "d")
    secret = Finding("secret", "review", (1,), "d")
    dealt = cards(row(1), row(2), findings=(conflict,))
    dealt.review([row(1)], [secret])
    assert dealt.found(1) == [secret]
    assert dealt.found(2) == []


def test_dealt_anew_the_card_stays_and_the_rest_comes_in_its_new_order() -> None:
    earlier = cards(*(row(n) for n in (1, 2, 3, 4)))
    earlier.set_status([1], "accepted")
    earlier.advance()
    fresh = Cards(
        Deck(
            SESSION, (row(1, "accepted"), row(2), row(3), row(4), row(5)), (), (5, 4, 3, 2), 0, None
        )
    )
    fresh.take_over(earlier)
    assert current(fresh) == 2
    assert fresh.order == [1, 2, 5, 4, 3]

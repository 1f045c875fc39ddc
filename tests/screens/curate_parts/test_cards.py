from __future__ import annotations

from engine.records import Example, Finding, Message
from engine.scope import Scope
from engine.steps.cards import Card, Deck, Page
from engine.steps.sieve import parse
from engine.store.examples import Part, Status, StoredExample, Tally
from engine.store.sessions import Session
from screens.curate_parts import stretch as module
from screens.curate_parts.cards import Cards

SESSION = Session(1, "s", "S", "", "", 2, {}, Scope(name="S"), None, None, None, None, None)


def row(number: int, status: Status = "undecided", part: Part = "") -> StoredExample:
    said = (Message("user", f"question {number}"), Message("assistant", "answer"))
    return StoredExample(
        number, "f", number, Example(said, "fit"), None, status, False, part, rank=number
    )


def card(stored: StoredExample, *others: StoredExample, found: tuple[Finding, ...] = ()) -> Card:
    return Card(stored, found, others)


def page(*given: Card, is_last: bool = True) -> Page:
    return Page(given, given[-1].stored.key if given else None, is_last)


def dealt(*given: Card, is_last: bool = True, total: int | None = None) -> Cards:
    rows = [c.stored for c in given]
    statuses: dict[Status, int] = {
        status: sum(r.status == status for r in rows)
        for status in ("undecided", "accepted", "rejected", "later")
    }
    statuses["undecided"] += 0 if total is None else total - len(rows)
    cards = Cards(Deck(SESSION, Tally(statuses, {}, 0, 0), (), True, 0, None, ()))
    cards.add(page(*given, is_last=is_last), "forward")
    return cards


def plain(*numbers: int, is_last: bool = True) -> Cards:
    return dealt(*(card(row(n)) for n in numbers), is_last=is_last)


def current(cards: Cards) -> int | None:
    return cards.current.id if cards.current else None


def test_deciding_skips_what_is_decided_and_wraps_to_what_was_passed_over() -> None:
    cards = plain(1, 2, 3, 4)
    cards.move_to(1)
    cards.set_status([2, 3], "accepted")
    assert cards.advance()
    assert current(cards) == 4
    cards.set_status([4], "rejected")
    assert cards.advance()
    assert current(cards) == 1
    cards.set_status([1], "accepted")
    assert not cards.advance()
    assert current(cards) is None
    counts = cards.counts
    assert (counts.decided, counts.waiting, counts.accepted["fit"], counts.unsplit) == (4, 0, 3, 3)


def test_while_more_lies_ahead_nothing_that_was_passed_over_comes_first() -> None:
    cards = plain(1, 2, is_last=False)
    cards.move_to(1)
    cards.set_status([2], "accepted")
    assert not cards.advance()
    cards.add(page(card(row(3))), "forward")
    assert cards.advance(cards.at)
    assert current(cards) == 3
    cards.set_status([3], "accepted")
    assert cards.advance()
    assert current(cards) == 1


def test_what_was_put_off_waits_until_nothing_else_does() -> None:
    cards = plain(1, 2, 3)
    cards.move_to(1)
    cards.put_off(2)
    assert cards.advance(cards.at)
    assert current(cards) == 3
    cards.set_status([3], "accepted")
    assert cards.advance()
    assert current(cards) == 1
    cards.set_status([1], "accepted")
    assert cards.advance()
    assert current(cards) == 2
    assert cards.order == [1, 3, 2]


def test_what_was_put_off_before_the_last_page_comes_back_with_it() -> None:
    cards = plain(1, 2, is_last=False)
    cards.put_off(1)
    assert cards.order == [2]
    later = row(1, "later")
    cards.add(page(card(row(3)), card(later)), "forward")
    assert cards.order == [2, 3, 1]
    assert cards.counts.statuses["later"] == 1


def test_a_page_that_overlaps_brings_each_card_once_and_nothing_older() -> None:
    cards = plain(1, 2, is_last=False)
    cards.set_status([1], "accepted")
    cards.add(page(card(row(1)), card(row(2)), card(row(3))), "forward")
    assert cards.order == [1, 2, 3]
    assert cards.row(1).status == "accepted"


def test_more_is_wanted_before_the_operator_gets_there() -> None:
    cards = plain(*range(1, 13), is_last=False)
    assert cards.wants is None
    cards.move_to(12 - module.AHEAD)
    assert cards.wants == "forward"
    cards.add(page(*(card(row(n)) for n in range(13, 16))), "forward")
    assert cards.wants is None


def test_of_many_cards_those_farthest_behind_are_let_go_and_can_be_fetched_again() -> None:
    cards = plain(*range(1, 11), is_last=False)
    cards.move_to(9)
    last = module.MOST + 20
    for start in range(11, last, 10):
        cards.move_to(len(cards.order) - 1)
        new = (card(row(n)) for n in range(start, start + 10))
        cards.add(page(*new, is_last=False), "forward")
    assert len(cards.order) == module.MOST
    assert not cards.is_end("backward")
    first = cards.order[0]
    assert cards.edge("backward") == row(first).key
    assert cards.before == first - 1
    cards.move_to(0)
    assert cards.wants == "backward"
    shown = current(cards)
    cards.add(page(*(card(row(n)) for n in range(first - 5, first)), is_last=False), "backward")
    assert current(cards) == shown
    assert cards.order[0] == first - 5
    assert len(cards.order) == module.MOST
    assert not cards.is_end("forward")


def test_under_a_filter_of_decided_rows_the_next_one_follows() -> None:
    cards = dealt(*(card(row(n, "accepted")) for n in (1, 2)))
    cards.sieve = parse("status:accepted")
    cards.set_status([1], "rejected")
    assert cards.advance()
    assert current(cards) == 2
    cards.set_status([2], "rejected")
    assert cards.advance()
    assert current(cards) == 2


def test_a_rival_is_another_answer_that_is_still_in_the_running() -> None:
    pairs = tuple(Finding("conflict", "decide", (1, n), "d") for n in (2, 3))
    one, two, three = (row(n) for n in (1, 2, 3))
    cards = dealt(
        card(one, two, three, found=pairs),
        card(two, one, found=pairs[:1]),
        card(three, one, found=pairs[1:]),
    )
    assert cards.rival(cards.row(1)) == cards.row(2)
    cards.set_status([2], "rejected")
    assert cards.rival(cards.row(1)) == cards.row(3)
    assert cards.rival(cards.row(2)) is None
    cards.set_status([3], "rejected")
    assert cards.rival(cards.row(1)) is None


def test_a_rival_that_is_not_in_hand_is_known_from_the_card_beside_it() -> None:
    pair = Finding("conflict", "decide", (1, 2), "d")
    cards = dealt(card(row(1), row(2), found=(pair,)), total=2)
    assert cards.rival(cards.row(1)) == row(2)
    cards.set_status([1], "accepted")
    cards.set_status([2], "rejected")
    assert cards.rival(cards.row(1)) is None
    assert (cards.counts.decided, cards.counts.waiting) == (2, 0)


def test_a_cluster_leaves_out_what_is_only_similar_and_what_is_sealed() -> None:
    found = (
        Finding("near_duplicate", "mark", (1, 2), "2 rows are nearly the same (J 0.9)"),
        Finding("near_duplicate", "mark", (1, 3), "similar to #3 (J 0.7)"),
        Finding("exact_duplicate", "mark", (4, 1, 5), "3 rows say exactly the same"),
    )
    cards = dealt(card(row(1), row(2), row(5, "accepted", "held_out"), found=found))
    assert cards.cluster(cards.row(1)) == [1, 2, 4]


def test_rows_of_a_cluster_that_are_not_in_hand_are_decided_all_the_same() -> None:
    cards = dealt(card(row(1)), is_last=False, total=40)
    cards.set_status([1, 30], "accepted")
    assert (cards.counts.decided, cards.counts.waiting) == (2, 38)
    cards.add(page(card(row(30))), "forward")
    assert cards.row(30).status == "accepted"


def test_a_review_replaces_all_that_was_found_about_a_row() -> None:
    conflict = Finding("conflict", "decide", (1, 2), "d")
    secret = Finding("secret", "review", (1,), "d")
    cards = dealt(card(row(1), row(2), found=(conflict,)), card(row(2), row(1), found=(conflict,)))
    cards.review([card(row(1, "accepted"), found=(secret,))])
    assert cards.found(1) == (secret,)
    assert cards.counts.statuses["accepted"] == 1


def test_a_card_that_comes_again_is_told_from_the_example_itself_and_leaves_when_judged() -> None:
    again = Card(row(1), is_repeat=True)
    cards = dealt(card(row(1, "accepted")), card(row(2)), again, card(row(3)))
    cards.move_to(2)
    assert cards.card == again
    assert cards.has_repeat
    cards.forget(-1)
    assert cards.order == [1, 2, 3]
    assert cards.advance(cards.at)
    assert current(cards) == 3
    assert cards.row(1).status == "accepted"

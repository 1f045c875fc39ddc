import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.curation.personal import find_personal_data, passes_iban, passes_luhn
from engine.curation.redact import redact_example, redact_text
from engine.records import Example, Message


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("write to ann.lee+x@mail.example.org now", "e-mail", "ann.lee+x@mail.example.org"),
        ("it's john dot doe at gmail dot com ok", "e-mail", "john dot doe at gmail dot com"),
        ("call (977) 625-2661 please", "phone", "(977) 625-2661"),
        ("call +44 20 7946 0958", "phone", "+44 20 7946 0958"),
        ("card 4111 1111 1111 1111 thanks", "card", "4111 1111 1111 1111"),
        ("iban DE89 3704 0044 0532 0130 00.", "IBAN", "DE89 3704 0044 0532 0130 00"),
        ("ssn 123-45-6789", "SSN", "123-45-6789"),
        ("I live at 710 Sunset Drive, Suite 176", "address", "710 Sunset Drive, Suite 176"),
        ("my zip code is 19122", "address", "19122"),
        ("order #W4923227 is late", "order id", "#W4923227"),
        ("purchase 113542617735902 please", "order id", "113542617735902"),
        ("My name is Crystal Minh and", "name", "Crystal Minh"),
        ("this is Yusuf Rossi speaking", "name", "Yusuf Rossi"),
        ("Hi Marta, your parcel", "name", "Marta"),
        (
            "it is four one five, five five five oh one",
            "spelled-out digits",
            "four one five, five five five oh one",
        ),
    ],
)
def test_each_kind_is_found_where_it_stands(text: str, kind: str, found: str) -> None:
    (span,) = find_personal_data(text)
    assert (span.kind, span.text) == (kind, found)
    assert text[span.start : span.end] == found


@pytest.mark.parametrize(
    "text",
    [
        "Returns are free within 45 days, refunds take 7 working days.",
        "It costs $6.95 or 85 dollars; size 42, EU 9.5, 2E.",
        "Choose one or two pairs, three at most.",
        "Hi there, we open 9 to 5 and the sale ends in 2026.",
        "You have 30 days the other way round.",
        "Please order 2 pairs and your order is on its way.",
        "My name is not on the list.",
    ],
)
def test_ordinary_words_and_amounts_are_not_personal(text: str) -> None:
    assert find_personal_data(text) == ()


def test_check_sums_tell_real_numbers_from_digits() -> None:
    assert passes_luhn("4111111111111111")
    assert not passes_luhn("4111111111111112")
    assert passes_iban("GB82 WEST 1234 5698 7654 32")
    assert not passes_iban("GB82 WEST 1234 5698 7654 33")


def test_redaction_puts_labels_in_every_turn_and_leaves_nothing_to_find() -> None:
    example = Example(
        (
            Message("system", "Be kind."),
            Message("user", "my name is Ann Lee, ann@mail.example"),
            Message("assistant", "Thanks, we call (977) 625-2661 about #W4923227."),
        )
    )
    redacted, places = redact_example(example)
    assert places == 4
    assert redacted.messages[1].content == "my name is [name], [e-mail]"
    assert redacted.messages[2].content == "Thanks, we call [phone] about [order id]."
    assert redact_example(redacted) == (redacted, 0)


@given(st.text())
def test_redacting_takes_exactly_the_spans_out(text: str) -> None:
    spans = find_personal_data(text)
    assert list(spans) == sorted(spans, key=lambda s: s.start)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert redact_text(text)[1] == len(spans)


@pytest.mark.parametrize("unit", ["a.", "a-", "a@", "1 a ", "a dot ", "one ", "4-", "#1"])
def test_hostile_text_takes_time_in_proportion_to_its_length(unit: str) -> None:
    def seconds(times: int) -> float:
        begin = time.process_time()
        find_personal_data(unit * times)
        return time.process_time() - begin

    assert seconds(16_000) < 40 * max(seconds(2_000), 0.005)

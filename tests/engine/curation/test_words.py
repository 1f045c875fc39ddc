from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from engine.curation.text import KnownStems, stems, words_of

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


@given(st.text(alphabet=st.sampled_from("aZé9'\u2019 -_\n\u0130\u0130ß\U0001f45f.?"), max_size=30))
def test_words_are_those_of_the_pattern_with_and_without_apostrophes(text: str) -> None:
    assert words_of(text) == WORD.findall(text.lower().replace("\u2019", "'"))


def test_words_that_differ_in_their_ending_have_one_stem() -> None:
    assert stems("Returning, returns; RETURNED - don't") == stems("return don't")


@given(st.lists(st.text(st.sampled_from("abeigknrstuy'0 2-é\u2019,K"), max_size=12), max_size=6))
def test_the_stems_of_a_vocabulary_are_those_that_stemming_finds(texts: list[str]) -> None:
    vocabulary = stems("returning shoes, tests and 20 rings")
    known = KnownStems(vocabulary)
    for text in (*texts, *texts, "Returns of 2 rings: testing", "It's a ring's return"):
        assert known.among(text) == stems(text) & vocabulary

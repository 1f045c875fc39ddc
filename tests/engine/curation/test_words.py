from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from engine.curation.text import stems, words_of

WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


@given(st.text(alphabet=st.sampled_from("aZé9'\u2019 -_\n\u0130\u0130ß\U0001f45f.?"), max_size=30))
def test_words_are_those_of_the_pattern_with_and_without_apostrophes(text: str) -> None:
    assert words_of(text) == WORD.findall(text.lower().replace("\u2019", "'"))


def test_words_that_differ_in_their_ending_have_one_stem() -> None:
    assert stems("Returning, returns; RETURNED - don't") == stems("return don't")

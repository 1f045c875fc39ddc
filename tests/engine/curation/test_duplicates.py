import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.curation import minhash
from engine.curation.duplicates import (
    Pair,
    clusters,
    cross_pairs,
    groups_of,
    join,
    shingles,
    similar_pairs,
)
from engine.curation.index import Index
from engine.curation.text import fingerprint, normalise, stem
from engine.scope import Scope
from tests.engine.curation.rows import row

SENTENCE = (
    "how long can i take to send the shoes back after delivery when they do not fit my feet and "
    "what does the parcel cost from here please tell me more about sizes of boots sandals"
)
WORDS = SENTENCE.split()


def jaccard(a: str, b: str) -> float:
    ours, theirs = shingles(a), shingles(b)
    return len(ours & theirs) / len(ours | theirs)


def varied(seed: int, count: int) -> list[str]:
    """Sentences of which many are a word or two away from another."""
    rng = np.random.default_rng(seed)
    texts: list[str] = []
    for _ in range(count):
        words = [WORDS[i] for i in rng.integers(0, len(WORDS), 14)]
        texts.append(" ".join(words))
        words[int(rng.integers(14))] = "zebra"
        texts.append(" ".join(words))
    return texts


def brute(texts: list[str], floor: float) -> set[tuple[int, int]]:
    sets = [shingles(t) for t in texts]
    return {
        (i, j)
        for i in range(len(texts))
        for j in range(i + 1, len(texts))
        if len(sets[i] & sets[j]) >= floor * len(sets[i] | sets[j])
    }


def test_normal_form_ignores_case_punctuation_width_and_hidden_characters() -> None:
    assert normalise("  \uff28ello,\tWORLD!! <U+200B>") == "hello world"


def test_endings_meet_in_one_stem() -> None:
    assert len({stem(w) for w in ("return", "returns", "returned", "returning")}) == 1
    assert len({stem(w) for w in ("fit", "fits", "fitted", "fitting")}) == 1


def test_pairs_are_those_of_an_exhaustive_comparison() -> None:
    texts = varied(3, 150)
    found = {(p.first, p.second) for p in similar_pairs(texts, 0.7) if p.jaccard >= 0.8}
    expected = brute(texts, 0.8)
    assert len(expected) > 20
    assert found == expected


def test_pairs_at_the_lower_floor_are_nearly_all_found_and_never_wrong() -> None:
    texts = varied(5, 300)
    found = {(p.first, p.second) for p in similar_pairs(texts, 0.7)}
    expected = brute(texts, 0.7)
    assert found <= expected
    assert len(found) >= 0.97 * len(expected)


def test_across_two_lists_only_pairs_of_both_are_found() -> None:
    texts = varied(8, 100)
    left, right = texts[::2], texts[1::2]
    found = {(p.first, p.second) for p in cross_pairs(left, right, 0.7) if p.jaccard >= 0.8}
    expected = {
        (i, j) for i, a in enumerate(left) for j, b in enumerate(right) if jaccard(a, b) >= 0.8
    }
    assert len(expected) > 10
    assert found == expected


def test_equal_texts_are_linked_to_the_first_and_found_across_lists() -> None:
    assert similar_pairs(["same words here"] * 3) == [
        Pair(0, 1, 1.0, 100.0),
        Pair(0, 2, 1.0, 100.0),
    ]
    pairs = cross_pairs(["a b c d", "x"], ["a b c d"])
    assert [(p.first, p.second, p.jaccard) for p in pairs] == [(0, 0, 1.0)]


def test_empty_and_single_texts_have_no_pairs() -> None:
    assert similar_pairs([]) == []
    assert similar_pairs(["", "", "one"]) == []
    assert cross_pairs([], ["one"]) == []
    assert cross_pairs(["", "one"], [""]) == []


def test_a_crowd_of_look_alikes_stays_one_cluster_without_all_pairs() -> None:
    crowd = [f"please tell me how long a return of my shoes may take {i:04d}" for i in range(1500)]
    pairs = similar_pairs(crowd, 0.8)
    assert len(pairs) < 200 * len(crowd)
    roots = join(len(crowd), [p.first for p in pairs], [p.second for p in pairs])
    assert set(roots.tolist()) == {0}


def test_signatures_do_not_depend_on_the_company_a_text_keeps() -> None:
    texts = [*varied(1, 20), "", "abc"]
    together = minhash.sign(texts, 0.7)
    alone = np.concatenate([minhash.sign([text], 0.7) for text in texts])
    assert (together == alone).all()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=30), max_size=12))
def test_any_text_can_be_compared(texts: list[str]) -> None:
    found = {(p.first, p.second) for p in similar_pairs([normalise(t) for t in texts], 0.8)}
    assert all(a < b for a, b in found)


def test_union_find_gives_the_smallest_member() -> None:
    assert join(5, [3, 1], [4, 3]).tolist() == [0, 1, 2, 1, 1]
    assert [group.tolist() for group in groups_of(join(5, [4], [0]))] == [[0, 4]]


def test_the_fingerprint_ignores_case_but_not_who_spoke() -> None:
    rows = [row(1, "Hi there", "Yes."), row(2, "hi, there!", "yes"), row(3, "Yes", "hi there")]
    assert fingerprint(rows[0].example) == fingerprint(rows[1].example)
    assert fingerprint(rows[0].example) != fingerprint(rows[2].example)


def test_clusters_keep_near_same_questions_together_whatever_the_answer() -> None:
    rows = [
        row(7, "How long do I have to return unworn shoes to you?", "45 days."),
        row(3, "how long do i have to return unworn shoes to you", "No idea whatsoever, sorry."),
        row(5, "Do you ship abroad?", "No."),
    ]
    assert clusters(Index.of(rows, Scope("x"))) == [(3, 7)]

from hypothesis import given
from hypothesis import strategies as st

from engine.curation.queue import order
from engine.records import Finding
from tests.engine.curation.rows import row

ROWS = [row(i, f"q{i}", "a", intent="odd" if i % 2 else "even") for i in range(1, 11)]


def test_blockers_then_conflicts_then_clusters_then_intents_in_turn() -> None:
    findings = [
        Finding("near_duplicate", "mark", (4, 9), ""),
        Finding("conflict", "decide", (3, 8), ""),
        Finding("conflict", "decide", (2, 8), ""),
        Finding("leak", "block", (7,), ""),
        Finding("personal_data", "review", (1,), ""),
    ]
    loss = {1: 0.5, 5: 2.0, 6: 1.0, 10: 3.0}
    assert order(ROWS, findings, (), (), loss) == [7, 3, 8, 2, 4, 9, 5, 10, 1, 6]


def test_what_is_decided_is_gone_and_what_was_put_off_comes_last_in_order() -> None:
    found = order(ROWS, [Finding("leak", "block", (6,), "")], {1, 2, 3}, [6, 4], {})
    assert found[-2:] == [6, 4]
    assert sorted(found) == [4, 5, 6, 7, 8, 9, 10]


@given(
    st.sets(st.integers(1, 12)),
    st.lists(st.integers(1, 12)),
    st.lists(
        st.builds(
            Finding,
            st.sampled_from(["conflict", "near_duplicate", "leak"]),
            st.sampled_from(["block", "decide", "mark"]),
            st.lists(st.integers(1, 12), max_size=3).map(tuple),
            st.just(""),
        ),
        max_size=8,
    ),
)
def test_every_undecided_row_comes_exactly_once(
    decided: set[int], later: list[int], findings: list[Finding]
) -> None:
    found = order(ROWS, findings, decided, later, {})
    assert sorted(found) == sorted({r.id for r in ROWS} - decided)

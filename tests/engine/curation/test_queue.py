from hypothesis import given
from hypothesis import strategies as st

from engine.curation.queue import urgent
from engine.records import Finding


def test_blockers_come_first_then_conflicts_side_by_side_then_clusters() -> None:
    findings = [
        Finding("near_duplicate", "mark", (4, 9), ""),
        Finding("conflict", "decide", (3, 8), ""),
        Finding("conflict", "decide", (2, 8), ""),
        Finding("leak", "block", (7,), ""),
        Finding("personal_data", "review", (1,), ""),
    ]
    assert urgent(findings) == [7, 3, 8, 2, 4, 9]


@given(
    st.lists(
        st.builds(
            Finding,
            st.sampled_from(["conflict", "near_duplicate", "leak"]),
            st.sampled_from(["block", "decide", "mark", "review"]),
            st.lists(st.integers(1, 12), max_size=3).map(tuple),
            st.just(""),
        ),
        max_size=8,
    ),
)
def test_every_row_that_is_urgent_comes_exactly_once(findings: list[Finding]) -> None:
    grave = {
        i
        for f in findings
        for i in f.examples
        if f.severity == "block" or (f.check, f.severity) in WAITED_FOR
    }
    found = urgent(findings)
    assert sorted(found) == sorted(grave)


WAITED_FOR = {("conflict", "decide"), ("near_duplicate", "mark")}

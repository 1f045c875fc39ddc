from __future__ import annotations

import pytest

from engine.curation.agreement import Opinions, agreements, cohens_kappa


def test_kappa_of_a_table_that_is_known() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed .70, by chance .50.
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert cohens_kappa(pairs) == pytest.approx(0.4)


def test_kappa_is_one_for_full_agreement_and_nought_for_chance() -> None:
    assert cohens_kappa([(True, True), (False, False)]) == 1
    assert cohens_kappa([(a, b) for a in (True, False) for b in (True, False)]) == 0


def test_kappa_is_not_defined_where_nobody_ever_says_the_other_word() -> None:
    assert cohens_kappa([]) is None
    assert cohens_kappa([(True, True)] * 9) is None


def test_each_pair_of_people_is_told_once_whoever_was_first() -> None:
    found = agreements(
        [
            Opinions("tom", "mara", True, False),
            Opinions("mara", "tom", True, True),
            Opinions("mara", "mara", False, False),
        ]
    )
    assert [(a.people, a.n, a.agreed) for a in found] == [
        (("mara", "tom"), 2, 1),
        (("mara", "mara"), 1, 1),
    ]
    assert found[0].share == 0.5

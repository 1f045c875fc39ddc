"""The scope, the raw rows, the planted faults and the decisions agree with one another."""

from __future__ import annotations

from itertools import combinations

import pytest

from engine.facts import find_facts, parse_fact, same_fact
from engine.records import Case
from engine.scope import Rule, from_toml, to_toml
from engine.visible import find_marks
from sample_data import FOLDER
from tests.sample_data.awesomeshoes import (
    FILES,
    HOME,
    NEAR,
    cases,
    clean,
    decisions,
    failed,
    imported,
    learned,
    likeness,
    planted,
    quarantined,
    the_scope,
)


def test_the_scope_holds_at_least_25_rules_and_each_has_assertions() -> None:
    rules = the_scope().rules
    assert len(rules) >= 25
    assert [r.id for r in rules if not r.assertions] == []
    assert sum(r.critical for r in rules) >= 8
    for rule in rules:
        assert {a.rule for a in rule.assertions} == {rule.id}
        assert any(a.critical for a in rule.assertions) == rule.critical


def test_the_scope_survives_a_trip_through_toml() -> None:
    assert from_toml(to_toml(the_scope())) == the_scope()


def test_the_scope_defines_a_whole_cadence_and_suites_that_ship() -> None:
    cadence = the_scope().cadence
    assert cadence.owner in {p.name for p in the_scope().people}
    assert (cadence.interval_days, cadence.rollback, len(cadence.triggers)) == (90, "base", 3)
    assert cadence.data_source
    for name in the_scope().suites:
        assert (FOLDER / "suites" / f"{name}.jsonl").is_file()


@pytest.mark.parametrize("rule", [r for r in the_scope().rules if r.kind == "fact"])
def test_a_fact_rule_passes_its_own_assertions(rule: Rule) -> None:
    case = Case(id=rule.id, assertions=rule.assertions)
    assert failed(case, rule.text) == []


def test_the_policy_page_states_every_number_of_the_rules() -> None:
    policy = find_facts((HOME / "policy.md").read_text(encoding="utf-8").replace("*", ""))
    wanted = [
        parse_fact(f"{a.value} {a.unit}")
        for r in the_scope().rules
        for a in r.assertions
        if a.kind == "number"
    ]
    assert len(wanted) >= 13
    assert [w.text for w in wanted if not any(same_fact(w, f) for f in policy)] == []


def test_there_are_about_400_rows_of_which_300_are_clean_and_40_have_several_turns() -> None:
    assert 400 <= len(imported()) <= 500
    assert len(clean()) >= 300
    assert sum(len(row.messages) > 2 for row in clean().values()) >= 40
    assert {place.file for place in clean()} == set(FILES)


def test_the_broken_rows_and_no_others_are_quarantined() -> None:
    broken = {p.place for p in planted() if p.note.startswith("quarantined")}
    assert quarantined() == broken
    assert len(broken) >= 5


def test_every_planted_fault_points_at_a_real_row_once() -> None:
    places = [p.place for p in planted()]
    assert len(set(places)) == len(places) >= 80
    assert set(places) <= imported().keys() | quarantined()
    rules = {r.id for r in the_scope().rules} | {""}
    assert {p.rule for p in planted()} <= rules


def test_planted_pairs_point_at_clean_rows_or_at_held_out_cases() -> None:
    for fault in planted():
        if fault.partner is not None and fault.check != "leak":
            assert fault.partner in clean()
        if fault.check == "leak":
            assert fault.partner is not None
            leaked = cases()[fault.partner.line - 1].prompt
            assert likeness(leaked, imported()[fault.place].prompt) >= NEAR


@pytest.mark.parametrize("check", ["exact_duplicate", "near_duplicate"])
def test_a_planted_duplicate_repeats_question_and_answer(check: str) -> None:
    pairs = [(p.place, p.partner) for p in planted() if p.check == check]
    assert len(pairs) == 10
    for place, partner in pairs:
        assert partner is not None
        assert imported()[place].answer == imported()[partner].answer
        assert likeness(imported()[place].prompt, imported()[partner].prompt) >= 0.8


def test_a_planted_conflict_gives_another_answer_to_a_near_equal_question() -> None:
    pairs = [(p.place, p.partner) for p in planted() if p.check == "conflict"]
    assert len(pairs) >= 10
    for place, partner in pairs:
        assert partner is not None
        assert imported()[place].answer != imported()[partner].answer
        assert likeness(imported()[place].prompt, imported()[partner].prompt) >= NEAR


def test_the_number_of_a_contradicting_row_is_not_that_of_its_rule() -> None:
    for fault in planted():
        rule = the_scope().rule(fault.rule)
        if fault.check in ("contradiction", "conflict") and rule is not None:
            case = Case(id="wrong", assertions=rule.assertions)
            assert failed(case, imported()[fault.place].answer), fault


def test_control_characters_are_planted_in_every_form_and_nowhere_else() -> None:
    marked = {
        place: row
        for place, row in imported().items()
        if any(find_marks(m.content) for m in row.messages)
    }
    wanted = {p.place for p in planted() if p.note.startswith("control characters")}
    assert set(marked) == wanted
    text = " ".join(m.content for row in marked.values() for m in row.messages)
    assert all(mark in text for mark in ("<U+001B>]52", "<U+009B>", "<U+009D>", "<U+202E>"))


def test_no_two_clean_questions_are_nearly_equal() -> None:
    prompts = [row.prompt for row in clean().values()]
    assert [p for p in combinations(prompts, 2) if likeness(*p) >= NEAR] == []


def test_every_imported_row_is_decided_exactly_once() -> None:
    written = (HOME / "decisions.jsonl").read_bytes().splitlines()
    assert len(written) == len(decisions())
    assert decisions().keys() == imported().keys()


def test_clean_rows_are_accepted_and_faulty_ones_rejected_unless_mended_or_harmless() -> None:
    kept = {place for place, d in decisions().items() if d.decision == "accept"}
    assert clean().keys() <= kept
    harmless = {
        p.place for p in planted() if p.check == "markup" or p.note.startswith("control characters")
    }
    mended = {place for place, d in decisions().items() if d.edit}
    assert kept - clean().keys() <= harmless | mended
    assert len(mended) >= 5
    assert all(bool(d.reason) == (d.decision == "reject") for d in decisions().values())


def test_decisions_carry_the_names_of_people_of_the_session() -> None:
    assert {d.who for d in decisions().values()} <= {p.name for p in the_scope().people}


def test_accepted_answers_keep_to_tone_and_format() -> None:
    house = [r for r in the_scope().rules if r.kind in ("tone", "format")]
    case = Case(id="house", assertions=tuple(a for r in house for a in r.assertions))
    assert {a: f for _, a in learned().values() if (f := failed(case, a))} == {}

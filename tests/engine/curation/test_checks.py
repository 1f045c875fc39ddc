from datetime import date

import pytest

from engine.curation.checks import stale_date
from engine.curation.run import CHECKS, run_checks
from engine.records import Case, Example, Finding, Message, NumberedExample
from engine.scope import Scope
from tests.engine.curation.rows import SCOPE, row

LONG = "How long do I have to send the unworn shoes back to you"


def run(name: str, *rows: NumberedExample, cases: tuple[Case, ...] = ()) -> list[Finding]:
    found = run_checks(rows, cases, SCOPE, only=[name])
    assert all(finding.check == name for finding in found)
    return found


def case(name: str, prompt: str) -> Case:
    return Case(name, messages=(Message("user", prompt),))


def test_the_names_are_those_of_the_design_and_decisions_come_before_duplicates() -> None:
    names = list(CHECKS)
    assert set(names) == {
        *(
            "schema",
            "template",
            "exact_duplicate",
            "near_duplicate",
            "conflict",
            "contradiction",
            "leak",
        ),
        *("secret", "personal_data", "off_scope", "refusals", "balance", "same_opening"),
        *("truncated", "repetition", "length_outlier", "stale_date", "mojibake"),
    }
    assert names.index("conflict") < names.index("exact_duplicate")
    assert names.index("contradiction") < names.index("near_duplicate")


def test_no_rows_and_an_empty_scope_give_no_findings() -> None:
    assert run_checks([], [], Scope("x")) == []


def test_hidden_characters_block_with_their_place() -> None:
    (found,) = run("schema", row(1, "hi", "ok <U+001B>[2J"))
    assert (found.severity, found.where, found.spans) == ("block", "answer", ((3, 11),))


def test_a_conversation_without_a_final_answer_blocks() -> None:
    messages = (Message("user", "q"), Message("assistant", "a"), Message("user", "q"))
    (found,) = run("schema", NumberedExample(4, Example(messages)))
    assert (found.examples, found.severity) == ((4,), "block")


def test_exact_duplicates_are_one_finding_a_group() -> None:
    rows = [row(1, "Hi?", "Yes."), row(2, "Other", "No."), row(3, "hi", "YES")]
    (found,) = run("exact_duplicate", *rows)
    assert (found.severity, found.examples) == ("mark", (1, 3))


def test_near_duplicates_cluster_and_disagreeing_answers_do_not() -> None:
    answer = "Unworn shoes can be returned within {} days of delivery, at our cost."
    same = [row(1, LONG, answer.format(45)), row(2, LONG + " please", answer.format(45))]
    (found,) = run("near_duplicate", *same)
    assert found.examples == (1, 2)
    other = row(2, LONG + " please", answer.format(30))
    assert run("near_duplicate", same[0], other) == []


def test_near_same_questions_with_other_amounts_conflict_side_by_side() -> None:
    rows = [row(1, LONG, "Within 45 days."), row(2, LONG + "?", "You have 30 days.")]
    (found,) = run("conflict", *rows)
    assert (found.severity, found.examples) == ("decide", (1, 2))
    assert "45 days" in found.detail
    assert "30 days" in found.detail


def test_yes_against_no_conflicts_and_the_same_amount_in_other_words_does_not() -> None:
    assert run("conflict", row(1, LONG, "Yes, you can."), row(2, LONG, "No, you cannot."))
    assert not run("conflict", row(1, LONG, "42 days"), row(2, LONG, "You have six weeks."))


def test_a_conflict_hidden_behind_a_third_row_is_found() -> None:
    rows = [row(1, LONG, "Ask us."), row(2, LONG, "45 days."), row(3, LONG, "30 days.")]
    (found,) = run("conflict", *rows)
    assert found.examples == (2, 3)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Can I get a refund on shoes I have worn?", "Can I get a refund on shoes I have unworn?"),
        ("Can I return the shoes after 20 days?", "Can I return the shoes after 70 days?"),
    ],
)
def test_questions_that_differ_in_a_condition_or_amount_do_not_conflict(
    first: str, second: str
) -> None:
    assert run("conflict", row(1, first, "Yes, you can."), row(2, second, "No, sorry.")) == []


def test_an_amount_other_than_the_rules_contradicts_it() -> None:
    (found,) = run("contradiction", row(1, LONG, "Unworn shoes can be returned within 30 days."))
    assert (found.severity, found.rule, found.where) == ("decide", "R01", "answer")
    assert found.detail == "says 30 days, rule R01 says 45 days"
    ((start, end),) = found.spans
    assert "Unworn shoes can be returned within 30 days."[start:end] == "30 days"


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (LONG, "Within 45 days of delivery."),
        ("I bought them 50 days ago, can I return them?", "No, 50 days is too late to return."),
        ("Is delivery free?", "No, standard shipping costs $5.50."),
        ("How long does a refund take?", "It takes 7 working days after the return."),
        ("When are you open?", "We are open for 10 hours."),
    ],
)
def test_amounts_that_a_rule_or_the_customer_states_do_not_contradict(
    prompt: str, answer: str
) -> None:
    assert run("contradiction", row(1, prompt, answer)) == []


def test_yes_contradicts_a_rule_that_says_no() -> None:
    prompt = "Can I get cash for my gift card?"
    (found,) = run("contradiction", row(1, prompt, "Yes, gift cards can be exchanged for cash."))
    assert found.rule == "R03"
    assert run("contradiction", row(1, prompt, "No, gift cards cannot be refunded.")) == []


def test_a_held_out_question_in_the_rows_blocks_and_a_similar_one_is_reviewed() -> None:
    cases = (case("c1", LONG),)
    exact, near, similar, other = (
        row(1, LONG.upper() + "??", "a"),
        row(2, LONG + " pls", "a"),
        row(3, LONG + " in a parcel of mine", "a"),
        row(4, "What does delivery cost?", "a"),
    )
    found = run("leak", exact, near, similar, other, cases=cases)
    assert [(f.examples, f.severity, f.case) for f in found] == [
        ((1,), "block", "c1"),
        ((2,), "block", "c1"),
        ((3,), "review", "c1"),
    ]


def test_an_earlier_turn_leaks_too_but_a_bare_yes_does_not() -> None:
    messages = (
        Message("user", LONG),
        Message("assistant", "Which pair?"),
        Message("user", "Yes please"),
        Message("assistant", "45 days."),
    )
    talk = NumberedExample(1, Example(messages))
    assert [f.case for f in run("leak", talk, cases=(case("c1", LONG),))] == ["c1"]
    assert run("leak", talk, cases=(case("c2", "yes, please"),)) == []


def test_thirteen_words_in_common_count_only_for_long_items() -> None:
    shared = "one two three four five six seven eight nine ten eleven twelve thirteen"
    long = f"{shared} and then a good many further words which nobody else ever says to us"
    beside = row(1, f"well {shared} but my own question is about something else entirely here", "a")
    assert [f.severity for f in run("leak", beside, cases=(case("c", long),))] == ["block"]
    assert run("leak", beside, cases=(case("c", f"{shared} so"),)) == []


def test_personal_data_is_reviewed_with_its_places_but_the_shops_own_is_not() -> None:
    answer = "Write to me at ann@mail.example or call +1 555 010 7788."
    (found,) = run("personal_data", row(1, "hi", answer))
    assert (found.severity, found.where) == ("review", "answer")
    assert [answer[a:b] for a, b in found.spans] == ["ann@mail.example", "+1 555 010 7788"]
    public = Scope("x", system_prompt="Point to ANN@mail.example.")
    assert run_checks([row(1, "hi", "Ask ann@mail.example.")], [], public, ["personal_data"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "my password is Hunter22x",
        "use AKIAIOSFODNN7EXAMPLE please",
        "token ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "-----BEGIN RSA PRIVATE KEY-----\nabc",
        "https://bob:s3cret@host.example/x",
        "the cvv is 123",
    ],
)
def test_secrets_are_reviewed(text: str) -> None:
    (found,) = run("secret", row(1, text, "ok"))
    assert (found.severity, found.where) == ("review", "prompt")


@pytest.mark.parametrize(
    "text", ["I forgot my password", "a secret sale?", "reset my password now"]
)
def test_words_about_secrets_are_none(text: str) -> None:
    assert run("secret", row(1, text, "ok")) == []


def test_rows_about_nothing_in_the_scope_or_a_listed_topic_are_reviewed() -> None:
    rows = [
        row(1, "What is the capital of France?", "Paris."),
        row(2, "do you have any jobs for a returning student", "No."),
        row(3, "Can I return these?", "Yes."),
        row(4, "hello", "hi", intent="weather"),
    ]
    found = run("off_scope", *rows)
    assert [f.examples for f in found] == [(1,), (2,), (4,)]
    assert "jobs and wholesale" in found[1].detail


def test_refusals_are_warned_of() -> None:
    assert run("refusals", row(1, "q", "I'm sorry, but I cannot help with that."))
    assert run("refusals", row(1, "q", "As an AI language model, I do not know."))
    assert run("refusals", row(1, "q", "You cannot return worn shoes.")) == []


def test_thin_intents_are_warned_of_by_name() -> None:
    rows = [row(i, "q", "a", intent="returns") for i in range(8)]
    rows.append(row(9, "q", "a", intent="refunds"))
    assert [f.detail for f in run("balance", *rows)] == [
        "intent 'refunds' has 1 of at least 8 rows",
        "intent 'shipping' has 0 of at least 8 rows",
    ]


def test_one_opening_for_many_answers_is_warned_of() -> None:
    alike = [row(i, "q", f"Thank you for asking, answer {i}.") for i in range(8)]
    others = [row(20 + i, "q", f"Word{i} begins this one.") for i in range(16)]
    (found,) = run("same_opening", *alike, *others)
    assert "33%" in found.detail
    assert run("same_opening", *alike[:7], *others) != []
    assert run("same_opening", *alike[:6], *others) == []


def test_loops_are_warned_of() -> None:
    assert run("repetition", row(1, "q", "It costs $5. It costs $5. It costs $5."))
    assert run("repetition", row(1, "q", "no no no no more"))
    assert run("repetition", row(1, "q", "Only if, " * 9 + "they have one."))
    assert run("repetition", row(1, "q", "Yes. You can send them back. We pay the postage.")) == []


def test_an_answer_far_longer_than_the_rest_is_warned_of() -> None:
    rows = [row(i, "q", "word " * (9 + i % 4)) for i in range(30)]
    (found,) = run("length_outlier", *rows, row(99, "q", "word " * 80))
    assert found.examples == (99,)


def test_years_gone_by_are_stale_unless_something_began_then() -> None:
    rows = [
        row(1, "q", "Until 31/12/2021 returns are free."),
        row(2, "q", "We have sold shoes since 2015."),
        row(3, "q", "The sale ends in 2030. It costs $2021."),
    ]
    found = stale_date.check(rows, (), SCOPE, today=date(2026, 5, 1))
    assert [f.examples for f in found] == [(1,)]
    ((start, end),) = found[0].spans
    assert rows[0].example.answer[start:end] == "31/12/2021"


def test_mojibake_is_warned_of_and_honest_accents_are_not() -> None:
    broken = "caf\u00e9 isn\u2019t".encode().decode("windows-1252")
    (found,) = run("mojibake", row(1, "q", broken))
    assert found.severity == "warn"
    assert (
        run("mojibake", row(1, "q", "caf\u00e9, na\u00efve, \u201cquoted\u201d \U0001f600")) == []
    )

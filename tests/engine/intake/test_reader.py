import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import IntakeError
from engine.intake import (
    Accepted,
    Mapping,
    Outcome,
    Quarantined,
    Skipped,
    detect,
    parse_mapping,
    plan,
    preview,
    read,
)

CHAT = {
    "messages": [
        {"role": "user", "content": "Can I return them?"},
        {"role": "assistant", "content": "Within 45 days."},
    ]
}


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def turns(outcome: Outcome) -> list[tuple[str, str]]:
    assert isinstance(outcome, Accepted), outcome
    return [(m.role, m.content) for m in outcome.example.messages]


def only(path: Path, mapping: Mapping | None = None) -> Outcome:
    outcomes = list(read(path, mapping=mapping))
    assert len(outcomes) == 1, outcomes
    return outcomes[0]


def chat(*messages: tuple[str, str | None]) -> str:
    return json.dumps({"messages": [{"role": r, "content": c} for r, c in messages]})


QA = [("user", "q"), ("assistant", "a")]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.jsonl", json.dumps(CHAT), "chat"),
        (
            "b.jsonl",
            '{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}]}',
            "sharegpt",
        ),
        ("c.json", '[{"instruction":"q","input":"","output":"a"}]', "alpaca"),
        ("d.jsonl", '{"prompt":"q","completion":"a"}', "pairs"),
        ("e.csv", "question,answer\nq,a\n", "pairs"),
        ("f.csv", "conversation_id,speaker,text\n1,customer,q\n1,agent,a\n", "turns"),
        ("g.tsv", "chat\trole\tmessage\n1\tcustomer\tq\n1\tagent\ta\n", "turns"),
        ("h.txt", "Customer: q\nAgent: a\n", "transcript"),
        ("i.jsonl", '{"log":"user: q\\nassistant: a"}', "transcript"),
        ("j.json", '[{"original":[["customer","q"],["agent","a"]]}]', "chat"),
    ],
)
def test_each_format_is_told_by_its_content_and_read_to_question_and_answer(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    path = write(tmp_path, name, text)
    assert detect(path) == expected
    roles = [role for role, _ in turns(only(path))]
    assert roles == ["user", "assistant"]


def test_a_gzipped_file_reads_like_a_plain_one(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl.gz", gzip.compress(json.dumps(CHAT).encode()))
    assert turns(only(path))[1] == ("assistant", "Within 45 days.")


def test_gzipped_data_that_ends_early_is_named(tmp_path: Path) -> None:
    rows = "\n".join(chat(("user", f"q{i * i}"), ("assistant", f"a{i}")) for i in range(9000))
    path = write(tmp_path, "a.jsonl.gz", gzip.compress(rows.encode())[:-2000])
    last = list(read(path))[-1]
    assert isinstance(last, Quarantined)
    assert "ends early" in last.reason


def test_alpaca_joins_instruction_and_input(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"instruction":"Answer","input":"Why?","output":"So."}')
    assert turns(only(path)) == [("user", "Answer\n\nWhy?"), ("assistant", "So.")]


def test_a_conversation_becomes_one_example_cut_after_its_last_answer(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.jsonl", chat(*QA, ("user", "q2"), ("assistant", "a2"), ("user", "ok"))
    )
    outcome = only(path)
    assert turns(outcome)[-1] == ("assistant", "a2")
    assert isinstance(outcome, Accepted)
    assert outcome.notes == ("1 turn after the last answer cut",)


def test_an_assistant_turn_that_only_called_a_tool_is_dropped_and_the_tool_kept(
    tmp_path: Path,
) -> None:
    path = write(
        tmp_path, "a.jsonl", chat(("user", "q"), ("assistant", None), ("tool", "42"), QA[1])
    )
    assert turns(only(path)) == [("user", "q"), ("tool", "42"), ("assistant", "a")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (chat(("user", "q")), "no assistant turn"),
        (chat(("assistant", "a")), "no user turn"),
        (chat(("user", "q"), ("user", "q"), ("assistant", "a")), "turns 1 and 2 are both user"),
        (chat(("user", "q"), ("assistant", " ")), "turn 2 (assistant) is empty"),
        (chat(("user", ""), ("assistant", "a")), "turn 1 (user) is empty"),
        (chat(("user", "q"), ("moderator", "x"), ("assistant", "a")), "unknown role 'moderator'"),
        (chat(("assistant", "a"), ("user", "q"), ("assistant", "a")), "first turn is assistant"),
        ('{"messages": "hello"}', "no list of turns"),
        ('{"foo": 1}', "no list of turns in 'messages'; found: foo"),
        ('{"messages": [{"role": "user"}]}', "turn 1 has no speaker or no text"),
        ('{"messages": [{"role": "user", "con', "not valid JSON"),
        ("[1, 2]", "turn 1 has no speaker"),
        ("7", "not an object"),
    ],
)
def test_a_bad_row_is_quarantined_with_line_reason_and_remedy(
    tmp_path: Path, row: str, reason: str
) -> None:
    path = write(tmp_path, "a.jsonl", f"{chat(*QA)}\n{row}\n{chat(*QA)}\n")
    first, bad, last = read(path)
    assert isinstance(first, Accepted)
    assert isinstance(last, Accepted)
    assert isinstance(bad, Quarantined)
    assert bad.line == 2
    assert reason in bad.reason
    assert bad.hint
    assert bad.raw == row[:500]


def test_a_torn_last_line_is_called_torn(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", f'{chat(*QA)}\n{{"messages": [{{"ro')
    bad = list(read(path))[1]
    assert isinstance(bad, Quarantined)
    assert "torn" in bad.reason


def test_bad_utf8_is_quarantined_with_its_byte(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", chat(*QA).encode() + b'\n{"messages": "caf\xe9"}\n')
    bad = list(read(path))[1]
    assert isinstance(bad, Quarantined)
    assert (bad.line, bad.reason) == (2, "byte 18 (0xE9) is not UTF-8")
    assert "iconv" in bad.hint


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", f"{chat(*QA)}\n\n{chat(*QA)}\n")
    assert [type(o) for o in read(path)] == [Accepted, Skipped, Accepted]


def test_control_characters_are_visible_after_reading(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", chat(("user", "q\x1b]0;x\x07"), ("assistant", "a\u202e")))
    assert turns(only(path)) == [("user", "q<U+001B>]0;x<U+0007>"), ("assistant", "a<U+202E>")]


def test_an_array_that_breaks_in_the_middle_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", f"[\n{chat(*QA)},\n{chat(*QA)},\n{{oops}},\n{chat(*QA)}\n]")
    outcomes = list(read(path))
    assert [type(o) for o in outcomes] == [Accepted, Accepted, Quarantined]
    assert isinstance(outcomes[2], Quarantined)
    assert outcomes[2].line == 4
    assert "nothing after it was read" in outcomes[2].reason


def test_a_torn_array_is_said_to_be_torn(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", f"[{chat(*QA)},\n{chat(*QA)}")
    last = list(read(path))[-1]
    assert isinstance(last, Quarantined)
    assert "never closed" in last.reason


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b"", "empty"),
        ("a.jsonl", b"\n \n", "empty"),
        ("a.csv", b"\xff\xfeq\x00", "UTF-16"),
        ("a.csv", b"PK\x03\x04rest", "zip"),
        ("a.jsonl", b"\x1f\x8b\x08", "compressed data ends early"),
        ("a.jsonl", b"\x28\xb5\x2f\xfd", "compressed data ends early"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        ("a.jsonl", b'{"messages": [{"ro', "line 1"),
        ("a.jsonl", b'{"colour": 1, "shape": 2}', "colour, shape"),
        ("a.json", b'{\n"messages": []\n}', "over several lines"),
        ("a.csv", b"utterance,intent\nhi,x\n", "utterance, intent"),
        ("a.csv", b"a,a\n1,2\n", "does not name the columns"),
        ("a.csv", b"question,answer\n", "no rows"),
        ("a.txt", b"just some words\nwithout speakers\n", "no line begins with a speaker"),
        ("a.jsonl", b"\x00\x01\x02\x03", "binary"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_file_and_remedy(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(IntakeError) as error:
        read(path)
    assert name in error.value.message
    assert words in error.value.message
    assert error.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="no such file"):
        read(tmp_path / "nothing.jsonl")
    with pytest.raises(IntakeError, match="folder"):
        read(tmp_path)


def test_a_mapping_names_the_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "frage,antwort,thema\nq,a,returns\n")
    mapping = parse_mapping(["prompt=frage", "answer=antwort", "intent=thema"])
    outcome = only(path, mapping)
    assert turns(outcome) == QA
    assert isinstance(outcome, Accepted)
    assert outcome.example.intent == "returns"


def test_a_mapped_column_that_is_not_there_is_refused_with_the_ones_that_are(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "a.csv", "question,answer\nq,a\n")
    with pytest.raises(IntakeError, match=r"no column 'nope'; found: question, answer"):
        read(path, "pairs", Mapping(prompt="nope"))


@pytest.mark.parametrize("choice", ["prompt", "role=x", "prompt="])
def test_a_mapping_that_cannot_be_read_is_refused(choice: str) -> None:
    with pytest.raises(IntakeError, match="--map"):
        parse_mapping([choice])


def test_quoted_csv_fields_hold_commas_quotes_and_line_breaks(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'question,answer\r\n"a, ""b""\r\nc",d\r\n')
    assert turns(only(path)) == [("user", 'a, "b"\nc'), ("assistant", "d")]


def test_a_quote_never_closed_spoils_one_row_and_no_other(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'question,answer\nq1,a1\n"q2,a2\nq3,a3\nq4,a4\n')
    outcomes = list(read(path))
    assert [o.line for o in outcomes if isinstance(o, Accepted)] == [2, 4, 5]
    assert [(o.line, o.reason) for o in outcomes if isinstance(o, Quarantined)] == [
        (3, "a quote is opened and never closed")
    ]


def test_a_csv_row_with_the_wrong_number_of_columns_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "question,answer\nq1,a1\nq2,a2,extra\n")
    bad = list(read(path))[1]
    assert isinstance(bad, Quarantined)
    assert (bad.line, bad.reason) == (3, "3 columns, the header names 2")


def test_turns_of_interleaved_conversations_find_together(tmp_path: Path) -> None:
    rows = "c1,customer,q1\nc2,customer,q2\nc1,agent,a1\nc2,agent,a2\n"
    path = write(tmp_path, "a.csv", f"conversation_id,speaker,text\n{rows}")
    outcomes = list(read(path))
    assert [turns(o) for o in outcomes] == [
        [("user", "q1"), ("assistant", "a1")],
        [("user", "q2"), ("assistant", "a2")],
    ]
    assert [o.example.conversation for o in outcomes if isinstance(o, Accepted)] == ["c1", "c2"]


def test_a_broken_turn_spoils_its_conversation_rather_than_leaving_a_hole(tmp_path: Path) -> None:
    rows = "c1,customer,q1\nc1,agent\nc1,agent,a1\nc2,customer,q\nc2,agent,a\n"
    path = write(tmp_path, "a.csv", f"conversation_id,speaker,text\n{rows}")
    bad, good = read(path)
    assert isinstance(bad, Quarantined)
    assert bad.line == 3
    assert isinstance(good, Accepted)


def test_bursts_of_one_speaker_are_joined_in_logs_and_the_greeting_left_out(
    tmp_path: Path,
) -> None:
    text = "Agent: Hello!\nCustomer: hi\nCustomer: can I return?\nAgent: Yes.\nAgent: 45 days.\n"
    outcome = only(write(tmp_path, "a.txt", text))
    assert turns(outcome) == [("user", "hi\ncan I return?"), ("assistant", "Yes.\n45 days.")]
    assert isinstance(outcome, Accepted)
    assert len(outcome.notes) == 2


def test_transcripts_part_at_blank_lines_and_keep_lines_of_a_turn(tmp_path: Path) -> None:
    text = "Customer: one\nmore of it\nAgent: a\n\n[10:02] Customer: two\n[10:03] Agent (Mia): b\n"
    first, second = read(write(tmp_path, "a.txt", text))
    assert turns(first) == [("user", "one\nmore of it"), ("assistant", "a")]
    assert turns(second) == [("user", "two"), ("assistant", "b")]
    assert (first.line, second.line) == (1, 5)


def test_a_loose_transcript_parts_at_rules_only(tmp_path: Path) -> None:
    text = "Customer: q\n\nAgent: a\n\nCustomer: q2\n\nAgent: a2\n---\nCustomer: x\n\nAgent: y\n"
    first, second = read(write(tmp_path, "a.txt", text))
    assert len(turns(first)) == 4
    assert turns(second) == [("user", "x"), ("assistant", "y")]


def test_a_block_without_a_speaker_is_named(tmp_path: Path) -> None:
    text = "Customer: q\nAgent: a\n\nsome stray words\n\nCustomer: q\nAgent: a\n"
    outcomes = list(read(write(tmp_path, "a.txt", text)))
    assert [type(o) for o in outcomes] == [Accepted, Quarantined, Accepted]
    assert isinstance(outcomes[1], Quarantined)
    assert outcomes[1].reason == "line 4 has no speaker"


def test_an_unknown_speaker_is_named(tmp_path: Path) -> None:
    text = "Customer: q\nAgent: a\n\nZorblax: q\nAgent: a\n"
    bad = list(read(write(tmp_path, "a.txt", text)))[1]
    assert isinstance(bad, Quarantined)
    assert "line 4 has the unknown speaker 'Zorblax'" in bad.reason


def test_a_preview_shows_format_mapping_columns_and_three_examples(tmp_path: Path) -> None:
    rows = "".join(f"q{i},a{i},t\n" for i in range(9))
    shown = preview(plan(write(tmp_path, "a.csv", f"question,answer,topic\n{rows}")))
    assert shown.format == "pairs"
    assert shown.mapping == Mapping(prompt="question", answer="answer", intent="topic")
    assert shown.columns == ("question", "answer", "topic")
    assert [e.answer for e in shown.examples] == ["a0", "a1", "a2"]


def test_where_a_row_came_from_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", f"\n{chat(*QA)}\n")
    accepted = [o for o in read(path) if isinstance(o, Accepted)]
    assert accepted[0].example.origin == "a.jsonl:2"


LINES = st.sampled_from(
    [
        chat(*QA).encode(),
        b'{"messages": [',
        b"caf\xe9",
        b"",
        b'{"foo": 1}',
        chat(("user", "q")).encode(),
        b"null",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(LINES, max_size=12))
def test_every_line_is_accounted_for_once(tmp_path: Path, lines: list[bytes]) -> None:
    content = b"\n".join([chat(*QA).encode(), *lines]) + b"\n"
    outcomes = list(read(write(tmp_path, "a.jsonl", content)))
    assert [o.line for o in outcomes] == list(range(1, len(lines) + 2))
    counts = Counter(type(o) for o in outcomes)
    assert sum(counts.values()) == len(lines) + 1


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.txt", "a.gz"]), st.binary(max_size=200))
def test_whatever_the_bytes_the_answer_is_rows_or_an_intake_error(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = write(tmp_path, name, content)
    remedy, lines = "", []
    try:
        lines = [outcome.line for outcome in read(path)]
    except IntakeError as error:
        remedy = error.hint
    assert bool(remedy) != bool(lines)
    assert all(line >= 1 for line in lines)

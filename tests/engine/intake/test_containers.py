"""Workbooks, Parquet, Arrow, dataset folders, the hub's cache, packed files, streamed arrays."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from openpyxl import Workbook

from engine.errors import IntakeError
from engine.intake import Accepted, Quarantined, Skipped, detect, read
from engine.intake.lines import LINE_LIMIT
from engine.intake.places import digest, locate
from tests.engine.intake.files import (
    PACKED,
    QA,
    arrow_stream,
    chat,
    parquet,
    saved_dataset,
    turns,
    workbook,
    write,
)

TURNS = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
ROWS = [{"messages": TURNS, "intent": "returns"}, {"messages": TURNS, "intent": "fit"}]


def test_a_sheet_of_a_workbook_is_read_with_its_own_row_numbers(tmp_path: Path) -> None:
    sheet = [("question", "answer"), ("How long?", 45), (None, None), ("Size?", 42.5)]
    path = workbook(tmp_path / "book.xlsx", Sheet1=sheet)
    first, blank, last = read(path)
    assert turns(first) == [("user", "How long?"), ("assistant", "45")]
    assert blank == Skipped(3, "empty row")
    assert (last.line, turns(last)[1]) == (4, ("assistant", "42.5"))


def test_cells_of_every_type_become_text(tmp_path: Path) -> None:
    cells = [True, 7.0, datetime.date(2026, 11, 3), datetime.datetime(2026, 11, 3, 9, 30), "=1+1"]
    rows = [("question", "answer"), *(("q", cell) for cell in cells)]
    outcomes = list(read(workbook(tmp_path / "b.xlsx", S=rows)))
    said = [turns(o)[1][1] for o in outcomes if isinstance(o, Accepted)]
    assert said == ["true", "7", "2026-11-03", "2026-11-03T09:30:00"]
    # Nobody computed the formula, so its cell holds nothing.
    assert isinstance(outcomes[-1], Quarantined)


def test_the_hidden_cells_of_a_merged_range_are_named_not_guessed(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (("question", "answer"), ("q", "a1"), ("q", "a2")):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "m.xlsx")
    taken, refused = read(tmp_path / "m.xlsx")
    assert turns(taken)[1] == ("assistant", "a1")
    assert isinstance(refused, Quarantined)
    assert refused.line == 3
    assert "turn 1 (user) is empty" in refused.reason


def test_a_workbook_with_several_sheets_asks_which_and_takes_the_named_one(tmp_path: Path) -> None:
    rows = [("question", "answer"), ("q", "a")]
    path = workbook(tmp_path / "b.xlsx", Notes=[("x",), ("y",)], Chats=rows, Empty=[])
    with pytest.raises(IntakeError, match="several sheets: Notes, Chats") as caught:
        read(path)
    assert "b.xlsx:Notes" in caught.value.hint
    (only,) = read(Path(f"{path}:Chats"))
    assert isinstance(only, Accepted)
    assert only.example.origin == "b.xlsx:Chats:2"
    with pytest.raises(IntakeError, match="no sheet 'Nope'"):
        read(Path(f"{path}:Nope"))


def test_a_row_wider_than_the_header_names_sheet_and_line(tmp_path: Path) -> None:
    rows = [("question", "answer"), ("q", "a", "more"), ("q", "a")]
    wide, good = read(workbook(tmp_path / "b.xlsx", Chats=rows))
    assert isinstance(wide, Quarantined)
    assert (wide.line, wide.reason) == (
        2,
        "b.xlsx, sheet Chats: 3 columns, the header names 2",
    )
    assert isinstance(good, Accepted)


def test_a_file_that_only_calls_itself_a_workbook_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "b.xlsx", b"PK\x03\x04" + bytes(200))
    with pytest.raises(IntakeError, match="no workbook that can be read"):
        read(path)


def test_parquet_with_nested_turns_is_chat(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", ROWS)
    assert detect(path) == "chat"
    first, second = read(path)
    assert turns(first) == QA
    assert isinstance(second, Accepted)
    assert (second.line, second.example.intent) == (2, "fit")


def test_turns_stored_by_column_are_put_together(tmp_path: Path) -> None:
    by_column = {"messages": {"role": ["user", "assistant"], "content": ["q", "a"]}}
    (only,) = read(parquet(tmp_path / "a.parquet", [by_column]))
    assert turns(only) == QA


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = parquet(tmp_path / "a.parquet", ROWS).read_bytes()
    path = write(tmp_path, "half.parquet", whole[: len(whole) // 2])
    with pytest.raises(IntakeError, match=r"half\.parquet: this cannot be read"):
        read(path)


def test_an_arrow_file_that_ends_early_keeps_what_came_before(tmp_path: Path) -> None:
    rows = [{"question": f"q{i}", "answer": "a" * 400} for i in range(4000)]
    whole = arrow_stream(tmp_path / "whole.arrow", rows).read_bytes()
    assert len(list(read(write(tmp_path, "a.arrow", whole)))) == 4000
    *taken, last = read(write(tmp_path, "half.arrow", whole[:-100_000]))
    assert 3000 < len(taken) < 4000
    assert isinstance(last, Quarantined)
    assert (last.line, last.reason) == (
        len(taken) + 1,
        "half.arrow is damaged here; nothing after it was read",
    )


def test_a_saved_dataset_is_read_over_all_its_files(tmp_path: Path) -> None:
    rows = [{"prompt": f"q{i}", "completion": f"a{i}"} for i in range(7)]
    folder = saved_dataset(tmp_path / "saved", rows, shards=2)
    outcomes = list(read(folder))
    assert [o.line for o in outcomes] == list(range(1, 8))
    assert {turns(o)[0][1] for o in outcomes} == {f"q{i}" for i in range(7)}
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[0].example.origin == "saved:1"


def test_of_several_splits_one_has_to_be_named(tmp_path: Path) -> None:
    for split, count in (("train", 3), ("test", 1)):
        rows = [{"prompt": f"{split}{i}", "completion": "a"} for i in range(count)]
        saved_dataset(tmp_path / "both" / split, rows)
    (tmp_path / "both" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    with pytest.raises(IntakeError, match="several splits: train") as caught:
        read(tmp_path / "both")
    assert caught.value.hint == "Name one: both:train"
    (only,) = read(Path(f"{tmp_path}/both:test"))
    assert turns(only)[0] == ("user", "test0")
    with pytest.raises(IntakeError, match="no split 'dev'"):
        read(Path(f"{tmp_path}/both:dev"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ('{"_data_files": [{"filename": "gone.arrow"}]}', "gone.arrow is missing"),
        ('{"_data_files": [{"filename": "../../secret.arrow"}]}', "leads out of the folder"),
        ('{"_data_files": [', "state.json cannot be read"),
        ('{"_data_files": []}', "holds no data file"),
    ],
)
def test_a_damaged_dataset_folder_is_refused(tmp_path: Path, state: str, words: str) -> None:
    write(tmp_path, "state.json", state)
    with pytest.raises(IntakeError, match=words) as caught:
        read(tmp_path)
    assert caught.value.hint


HUB_READ = """
import sys
from pathlib import Path
from engine.intake import read
for outcome in read(Path(sys.argv[1])):
    print(outcome.line, outcome.example.origin, outcome.example.prompt)
assert "datasets" not in sys.modules and "torch" not in sys.modules
"""


def read_from_hub(cache: Path, name: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", HUB_READ, name]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_a_hub_dataset_is_read_from_the_cache_without_its_library(tmp_path: Path) -> None:
    repository = tmp_path / "datasets--shop--chats"
    data = repository / "snapshots" / "c0ffee" / "data"
    data.mkdir(parents=True)
    parquet(data / "train-00000-of-00002.parquet", [{"prompt": "q1", "completion": "a"}])
    parquet(data / "train-00001-of-00002.parquet", [{"prompt": "q2", "completion": "a"}])
    parquet(data / "test-00000-of-00001.parquet", [{"prompt": "t", "completion": "a"}])
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("c0ffee")
    done = read_from_hub(tmp_path, "hf:shop/chats:train")
    assert done.stdout == "1 hf:shop/chats:train:1 q1\n2 hf:shop/chats:train:2 q2\n", done.stderr
    done = read_from_hub(tmp_path, "hf:shop/other")
    assert "IntakeError: hf:shop/other cannot be fetched" in done.stderr


@pytest.mark.parametrize("name", ["hf:", "hf:a/b/c", "hf:-/x"])
def test_what_is_no_name_of_a_dataset_is_refused_without_asking_the_hub(name: str) -> None:
    with pytest.raises(IntakeError, match="no name of a dataset"):
        locate(Path(name))


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_packed_text_is_told_by_its_bytes_not_its_name(
    tmp_path: Path, packing: str, name: str
) -> None:
    path = write(tmp_path, name, PACKED[packing](f"{chat(*QA)}\n".encode() * 3))
    assert [turns(o) for o in read(path)] == [QA] * 3


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("ending", ["jsonl", "json", "csv", "txt", "md"])
def test_every_kind_of_text_is_unpacked(tmp_path: Path, packing: str, ending: str) -> None:
    text = {
        "jsonl": chat(*QA),
        "json": f"[{chat(*QA)}]",
        "csv": "question,answer\nq,a\n",
        "txt": "Customer: q\nAgent: a\n",
        "md": "# q?\n\na\n",
    }[ending]
    path = write(tmp_path, f"a.{ending}.{packing}", PACKED[packing](text.encode()))
    (only,) = read(path)
    assert [words.rstrip("?") for _, words in turns(only)] == ["q", "a"]


@pytest.mark.parametrize("packing", PACKED)
def test_packed_data_that_ends_early_keeps_what_came_before(tmp_path: Path, packing: str) -> None:
    rows = "\n".join(chat(("user", f"q{i * i}"), ("assistant", f"a{i}")) for i in range(9000))
    path = write(tmp_path, "a.jsonl", PACKED[packing](rows.encode())[:-2000])
    *taken, last = read(path)
    assert taken
    assert isinstance(last, Quarantined)
    assert "ends early" in last.reason
    assert "Copy" in last.hint


def test_frames_of_zstd_one_after_the_other_are_one_text(tmp_path: Path) -> None:
    pack = PACKED["zst"]
    row = f"{chat(*QA)}\n".encode()
    path = write(tmp_path, "a.zst", pack(row) + pack(row * 2))
    assert len(list(read(path))) == 3


def test_a_renamed_or_packed_copy_has_the_same_digest_and_another_part_another(
    tmp_path: Path,
) -> None:
    row = f"{chat(*QA)}\n".encode()
    plain = digest(locate(write(tmp_path, "a.jsonl", row)))
    assert digest(locate(write(tmp_path, "b.jsonl", row))) == plain
    assert digest(locate(write(tmp_path, "c.gz", PACKED["gz"](row)))) == plain
    assert digest(locate(write(tmp_path, "d.jsonl", row * 2))) != plain
    book = workbook(tmp_path / "b.xlsx", A=[("x",)], B=[("y",)])
    assert digest(locate(Path(f"{book}:A"))) != digest(locate(Path(f"{book}:B")))


def test_a_file_whose_name_holds_a_colon_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, "10:30.jsonl", chat(*QA))
    assert locate(path).name == "10:30.jsonl"


def test_an_array_is_streamed_over_any_number_of_pieces(tmp_path: Path) -> None:
    rows = [chat(("user", f"q{i} {'ü' * 300}"), ("assistant", "a")) for i in range(2000)]
    path = write(tmp_path, "a.json", "[\n" + ",\n".join(rows) + "\n]\n")
    tracemalloc.start()
    count = sum(isinstance(outcome, Accepted) for outcome in read(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2000
    assert path.stat().st_size > 1_200_000
    # The rows looked at to tell the format are held; the file is not.
    assert peak < 4_500_000


def test_lines_of_array_elements_are_those_of_the_file(tmp_path: Path) -> None:
    pretty = json.dumps([json.loads(chat(*QA))] * 3, indent=1)
    outcomes = list(read(write(tmp_path, "a.json", pretty)))
    places = [i for i, line in enumerate(pretty.split("\n"), 1) if line == " {"]
    assert [o.line for o in outcomes] == places


def test_a_list_of_turns_a_line_is_json_lines(tmp_path: Path) -> None:
    rows = "\n".join([json.dumps(TURNS), "oops", json.dumps(TURNS)])
    path = write(tmp_path, "a.jsonl", f"{json.dumps(TURNS)}\n{rows}\n")
    assert [type(o) for o in read(path)] == [Accepted, Accepted, Quarantined, Accepted]


def test_arrays_one_after_the_other_are_all_read_and_other_text_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", f"[{chat(*QA)}]\n[{chat(*QA)}]\n")
    assert [o.line for o in read(path)] == [1, 2]
    path = write(tmp_path, "b.json", f"[{chat(*QA)}]\noops")
    _, rest = read(path)
    assert isinstance(rest, Quarantined)
    assert (rest.line, rest.reason) == (2, "text after the end of the array; it was not read")


@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_json_nested_too_deeply_is_named(tmp_path: Path, ending: str) -> None:
    deep = '{"messages": ' + "[" * 100_000 + "]" * 100_000 + "}"
    rows = [chat(*QA), deep]
    text = f"[{','.join(rows)}]" if ending == "json" else "\n".join(rows)
    taken, refused = read(write(tmp_path, f"a.{ending}", text))
    assert isinstance(taken, Accepted)
    assert isinstance(refused, Quarantined)
    assert "nested too deeply" in refused.reason


def test_a_number_of_too_many_digits_is_named(tmp_path: Path) -> None:
    row = '{"n": NaN, "m": ' + "9" * 5000 + "}"
    _, refused = read(write(tmp_path, "a.jsonl", f"{chat(*QA)}\n{row}\n"))
    assert isinstance(refused, Quarantined)
    assert refused.hint


@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_a_runaway_row_is_refused_without_filling_the_memory(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    with path.open("w") as file:
        file.write(("[" if ending == "json" else "") + chat(*QA))
        file.write(",\n" if ending == "json" else "\n")
        file.write('{"messages": "')
        for _ in range(5):
            file.write("x" * LINE_LIMIT)
        file.write('"}')
    tracemalloc.start()
    taken, refused = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(taken, Accepted)
    assert isinstance(refused, Quarantined)
    assert "longer than 8 MB" in refused.reason
    assert peak < 8 * LINE_LIMIT


def test_byte_order_marks_and_crlf_and_nul_bytes_are_no_trouble(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", b"\xef\xbb\xbf" + f"{chat(*QA)}\r\n".encode() * 2)
    assert [turns(o) for o in read(path)] == [QA, QA]
    path = write(tmp_path, "a.json", b"\xef\xbb\xbf[\r\n" + chat(*QA).encode() + b"\r\n]")
    assert [o.line for o in read(path)] == [2]
    row = b"question,answer\r\n" + b"q" * 90 + b"\x00q,a\r\n"
    (only,) = read(write(tmp_path, "a.csv", row))
    assert "<U+0000>" in turns(only)[0][1]

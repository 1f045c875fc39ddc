"""Files that are damaged, mislabelled or made to hurt: rows or one IntakeError, never a traceback,
and the sums of an import always add up."""

from __future__ import annotations

import gzip
import itertools
import json
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import IntakeError
from engine.intake import FORMATS, Accepted, Mapping, Quarantined, Skipped, read
from engine.scope import Scope
from engine.steps import intake
from engine.store import sessions, sources
from engine.workspace import Workspace
from tests.engine.intake.files import arrow_stream, chat, parquet, workbook, write

ROW = chat(("user", "q"), ("assistant", "a"))
NAMES = [
    *("a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.md", "a.html", "a.gz", "a.zst"),
    *("a.xlsx", "a.parquet", "a.arrow", "a"),
]


def originals() -> dict[str, bytes]:
    """A whole file of each kind."""
    rows = [{"question": f"q{i}", "answer": "a"} for i in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        table = [("question", "answer"), *((f"q{i}", i) for i in range(20))]
        made = {
            "a.xlsx": workbook(place / "a.xlsx", S=table).read_bytes(),
            "a.parquet": parquet(place / "a.parquet", rows).read_bytes(),
            "a.arrow": arrow_stream(place / "a.arrow", rows).read_bytes(),
        }
    lines = f"{ROW}\n".encode() * 20
    return made | {
        "a.jsonl": lines,
        "a.json": b"[" + b",\n".join([ROW.encode()] * 20) + b"]",
        "a.gz": gzip.compress(lines),
        "a.zst": zstandard.ZstdCompressor().compress(lines),
        "a.csv": b"question,answer\n" + b'"q, 1",a\n' * 20,
        "a.md": b"# q?\n\na\n" * 20,
        "a.txt": b"Customer: q\nAgent: a\n\n" * 20,
        "a.html": b"<h1>q?</h1><p>a" * 20,
    }


ORIGINALS = originals()
CHANGE = st.tuples(
    st.floats(0, 1), st.sampled_from(["cut", "flip", "drop", "put"]), st.binary(max_size=3)
)


def damaged(content: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    for where, what, put in changes:
        at = int(where * len(content))
        if what == "cut":
            content = content[:at]
        elif what == "flip" and at < len(content):
            content = content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]
        elif what == "drop":
            content = content[:at] + content[at + 2 :]
        else:
            content = content[:at] + put + content[at:]
    return content


def outcome_lines(path: Path, mapping: Mapping | None = None, shape: Any = None) -> list[int]:
    """Lines of all outcomes; none when the file is refused with a message and a remedy."""
    refusal = None
    try:
        found = list(itertools.islice(read(path, shape, mapping), 100_000))
    except IntakeError as error:
        refusal, found = error, []
    assert refusal is None or (refusal.message and refusal.hint)
    assert all(isinstance(o, Accepted | Quarantined | Skipped) for o in found)
    assert all(o.hint for o in found if isinstance(o, Quarantined))
    return [o.line for o in found]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(ORIGINALS)), st.lists(CHANGE, min_size=1, max_size=4))
def test_a_damaged_file_of_any_kind_gives_rows_or_one_error(
    name: str, changes: list[tuple[float, str, bytes]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), name, damaged(ORIGINALS[name], changes))
        assert all(line >= 1 for line in outcome_lines(path))


@pytest.mark.parametrize("other", sorted(ORIGINALS))
def test_a_file_under_the_name_of_another_kind_gives_rows_or_one_error(
    tmp_path: Path, other: str
) -> None:
    for name in NAMES:
        assert len(outcome_lines(write(tmp_path, name, ORIGINALS[other]))) in (0, 1, 20, 40)


KEYS = (
    *("messages", "role", "content", "from", "value", "prompt", "completion", "chosen"),
    *("rejected", "instruction", "output", "text", "label", "system", "history", "split"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(
    # A first line that is a list could be the whole array.
    st.lists(JSON, min_size=1, max_size=5).filter(lambda rows: not isinstance(rows[0], list)),
    st.sampled_from([None, *FORMATS]),
    st.sampled_from([None, Mapping(prompt="prompt", answer="chosen"), Mapping(only="split:a")]),
)
def test_json_of_any_shape_in_any_format_is_accounted_for_row_by_row(
    rows: list[Any], shape: Any, mapping: Mapping | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(map(json.dumps, rows))
        lines = outcome_lines(write(Path(folder), "a.jsonl", text), mapping, shape)
        if lines and shape != "turns":
            assert lines == list(range(1, len(rows) + 1))
        array = f"[{','.join(map(json.dumps, rows))}]"
        found = outcome_lines(write(Path(folder), "a.json", array), mapping, shape)
        if found and shape != "turns":
            assert len(found) == len(rows)


@pytest.mark.parametrize("name", sorted(ORIGINALS))
def test_the_sums_of_an_import_add_up_and_are_those_of_the_store(tmp_path: Path, name: str) -> None:
    workspace = Workspace(tmp_path / "home", who="ines")
    session = sessions.create(workspace.store, Scope("Shop"))
    content = ORIGINALS[name]
    for part in (content, content[: len(content) * 3 // 4]):
        path = write(tmp_path, name, part)
        try:
            done = intake.import_file(workspace, session.slug, path)
        except IntakeError:
            continue
        counts = done.counts
        assert counts.rows == counts.done > 0
        assert len(done.refused) == counts.quarantined + counts.skipped
        assert sum(done.skipped_as.values()) == counts.skipped
    kept = sources.every(workspace.store, session.id)
    assert kept
    assert all(source.counts.rows == source.counts.done for source in kept)
    workspace.store.close()


BOMBS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("packing", BOMBS)
def test_a_bomb_is_one_line_that_is_too_long(tmp_path: Path, packing: str) -> None:
    pack = BOMBS[packing]
    start = f'{ROW}\n{{"messages": "'.encode()
    path = write(tmp_path, f"a.jsonl.{packing}", pack(start) + pack(b"x" * 10_000_000) * 12)
    tracemalloc.start()
    taken, refused = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(taken, Accepted)
    assert isinstance(refused, Quarantined)
    assert "longer than 8 MB" in refused.reason
    assert peak < 70_000_000


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
@pytest.mark.parametrize("ending", ["jsonl", "csv", "txt", "md"])
def test_another_encoding_is_named(tmp_path: Path, encoding: str, ending: str) -> None:
    text = {
        "jsonl": ROW.replace('"a"', '"é"'),
        "csv": "question,answer\nq,é\n",
        "txt": "Customer: q\nAgent: é\n",
        "md": "# q?\n\né\n",
    }[ending]
    path = write(tmp_path, f"a.{ending}", text.encode(encoding))
    with pytest.raises(IntakeError) as caught:
        list(read(path))
    assert "UTF" in f"{caught.value.message} {caught.value.hint}"

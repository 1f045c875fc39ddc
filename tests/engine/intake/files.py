"""Small files in every container, for the tests of the intake."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from openpyxl import Workbook

from engine.intake import Accepted, Outcome

QA = [("user", "q"), ("assistant", "a")]


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def chat(*messages: tuple[str, str | None]) -> str:
    return json.dumps({"messages": [{"role": r, "content": c} for r, c in messages]})


def turns(outcome: Outcome) -> list[tuple[str, str]]:
    assert isinstance(outcome, Accepted), outcome
    return [(m.role, m.content) for m in outcome.example.messages]


def parquet(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def arrow_stream(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """As `datasets` writes it."""
    table = pa.Table.from_pylist(list(rows))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=500)
    return path


def saved_dataset(folder: Path, rows: Sequence[dict[str, Any]], shards: int = 1) -> Path:
    """A folder as `Dataset.save_to_disk` leaves it."""
    folder.mkdir(parents=True)
    names = [f"data-{i:05}-of-{shards:05}.arrow" for i in range(shards)]
    for i, name in enumerate(names):
        arrow_stream(folder / name, rows[i::shards])
    (folder / "dataset_info.json").write_text('{"features": {}}')
    state = {"_data_files": [{"filename": name} for name in names], "_split": "train"}
    (folder / "state.json").write_text(json.dumps(state))
    return folder


def workbook(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
}

"""The dialogs of an import: three real rows, progress, sums."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from textual.app import App

from engine.errors import InputError
from engine.intake.outcomes import Mapping
from engine.steps.intake import Progress, look
from engine.store import sessions, sources
from engine.workspace import Workspace
from screens.curate_parts.importing import (
    ImportDialog,
    ImportingDialog,
    describe_look,
    mapping_from_words,
    mapping_in_words,
)
from tests.engine.intake.files import parquet, workbook
from tests.engine.steps.conftest import small_scope
from tests.screens.harness import screen_text
from tests.screens.opened import opened, settle, write

Answer = Literal["stop", "hide"] | None


def words(path: Path, mapping: Mapping | None = None) -> str:
    return "\n".join(line.plain for line in describe_look(look(path, mapping)))


def test_a_workbook_is_shown_by_three_real_rows(tmp_path: Path) -> None:
    rows = [("question", "answer", "note"), *((f"q{i}", f"a{i}", "") for i in range(5))]
    text = words(workbook(tmp_path / "book.xlsx", Chats=rows))
    assert text.startswith("pairs: 5 rows = 5 examples\nprompt=question answer=answer")
    assert "not used: note" in text
    assert [f"a{i}" in text for i in range(4)] == [True, True, True, False]


def test_a_preference_pair_shows_both_answers_and_skipped_rows_their_rule(tmp_path: Path) -> None:
    rows = [{"prompt": "q", "chosen": "good", "rejected": "bad", "split": s} for s in "ab"]
    path = parquet(tmp_path / "p.parquet", rows)
    text = words(path, Mapping(only="split:a"))
    assert "preference: 2 rows = 1 example + 1 skipped\nskipped: 1 left out by `only`" in text
    assert "answer   good\n  rejected bad" in text
    assert "only=split:a" in text


@pytest.mark.parametrize(
    "mapping",
    [Mapping(prompt="User Message", answer="it's"), Mapping(only="lang:en gb"), Mapping()],
)
def test_a_mapping_can_be_written_and_read_whatever_the_names(mapping: Mapping) -> None:
    assert (mapping_from_words(mapping_in_words(mapping)) or Mapping()) == mapping


def test_a_quote_that_is_never_closed_is_said() -> None:
    with pytest.raises(InputError, match="No closing quotation"):
        mapping_from_words("prompt='x")


async def test_a_long_import_says_how_far_it_is_and_can_be_stopped_while_it_reads() -> None:
    answers: list[Answer] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        for keys in (["escape"], ["b"]):
            dialog = ImportingDialog("c.jsonl", Progress("reading", 1_000))
            await app.push_screen(dialog, answers.append)
            assert "1,000 rows read" in screen_text(app)
            dialog.advance(Progress("reading", 312_000))
            await pilot.pause()
            assert "312,000 rows read" in screen_text(app)
            await pilot.press(*keys)
        assert answers == ["stop", "hide"]
        dialog = ImportingDialog("c.jsonl", Progress("reading", 9))
        await app.push_screen(dialog, answers.append)
        dialog.advance(Progress("writing", 400_000, 1_000_000))
        await pilot.press("escape")
        assert app.screen is dialog
        assert "400,000 of 1,000,000 rows written" in screen_text(app)
        assert "stop" not in screen_text(app)


async def test_an_import_with_progress_ends_with_its_sums_and_no_other_dialog(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.steps.importing._EVERY_S", 0.0)
    slug = sessions.create(workspace.store, small_scope()).slug
    path = tmp_path / "c.jsonl"
    rows = [{"prompt": f"How long may I return {i}?", "completion": "45 days."} for i in range(9)]
    path.write_text("\n".join(map(json.dumps, rows)))
    async with opened(workspace, slug, step="curate") as (app, pilot):
        await pilot.press("i")
        await settle(pilot)
        await write(pilot, str(path))
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, ImportDialog)
        await pilot.press("y")
        await settle(pilot)
        assert "9 rows = 9 examples" in screen_text(app)
        assert not any(isinstance(screen, ImportingDialog) for screen in app.screen_stack)
        await pilot.press("enter")
        await settle(pilot)
    counts = [source.counts.accepted for source in sources.every(workspace.store, 1)]
    assert counts == [9]

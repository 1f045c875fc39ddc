"""A small session with one fault of each kind, for tests of curation and its screen."""

from __future__ import annotations

import json
from pathlib import Path

from engine.records import Assertion, Case, Message
from engine.runs.folder import write_lines
from engine.steps import curate, intake
from engine.store import examples, sessions
from engine.store.examples import StoredExample
from engine.workspace import Workspace
from screens.curate import CurateScreen
from tests.engine.steps.conftest import chat_file, small_scope
from tests.screens.opened import settle_writing

CLEAN = 12


def rows() -> list[list[tuple[str, str]]]:
    """Faults, one a row or two; each turn is a role and its words."""
    return [
        [
            ("user", "Can I still return my hiking boots after the trip?"),
            ("assistant", "Yes, within 45 days."),
        ],
        [
            ("user", "Can I still return my hiking boots after a trip?"),
            ("assistant", "Yes, within 30 days."),
        ],
        [
            ("user", "My courier lost the return parcel, what happens now?"),
            ("assistant", "We look for it and write to you at mara.lind@example.org."),
        ],
        [
            ("user", "Is there a paper form for the return of garden clogs?"),
            ("assistant", "No form is needed, the return is announced in your account."),
        ],
        [
            ("user", "Is there a paper form for the return of garden clogs?!"),
            ("assistant", "No form is needed, the return is announced in your account!"),
        ],
        [
            ("user", "Until which day does the shop take ballet flats back?"),
            ("assistant", "Within 45 days."),
        ],
        [
            ("user", "Hello there"),
            ("assistant", "Hello, what can I do for you?"),
            ("user", "Which return label do the rain boots need?"),
            ("assistant", "The one in your account."),
        ],
    ]


def make(workspace: Workspace, folder: Path, *, faults: bool = True, checked: bool = True) -> str:
    """A session of clean rows, with faults after them, and one held-out case; answers its slug."""
    session = sessions.create(workspace.store, small_scope())
    intake.import_file(workspace, session.slug, chat_file(folder / "clean.jsonl", CLEAN))
    asked = "Until which day does the shop take ballet flats back?"
    days = Assertion("number", 45, unit="days", rule="R01", critical=True)
    case = Case("c1", (Message("user", asked),), "Within 45 days.", assertions=(days,))
    write_lines(folder / "h.jsonl", [case])
    intake.import_file(workspace, session.slug, folder / "h.jsonl", held_out=True)
    if faults:
        path = write_chats(folder / "faults.jsonl", rows())
        intake.import_file(workspace, session.slug, path)
    if checked:
        curate.check(workspace, session.slug)
    return session.slug


def write_chats(path: Path, conversations: list[list[tuple[str, str]]]) -> Path:
    """An OpenAI chat file."""
    lines = [
        {"messages": [{"role": role, "content": words} for role, words in turns]}
        for turns in conversations
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def every(workspace: Workspace, slug: str) -> list[StoredExample]:
    """All examples as the store has them."""
    return examples.every(workspace.store, sessions.get(workspace.store, slug).id)


def by_line(workspace: Workspace, slug: str, line: int) -> StoredExample:
    """A row of the faults by its line."""
    session = sessions.get(workspace.store, slug)
    return examples.find(workspace.store, session.id, "faults.jsonl", line)


def shown(app: object) -> CurateScreen:
    """The curation screen, wherever it is on the stack."""
    found = [s for s in app.screen_stack if isinstance(s, CurateScreen)]  # type: ignore[attr-defined]
    return found[-1]


async def written(pilot: object) -> None:
    """Wait until everything is in the store and the screen has heard of it."""
    await settle_writing(pilot, shown(pilot.app).writer)  # type: ignore[arg-type,attr-defined]

"""A small real session, from import to a prepared run, for tests of the steps and the screens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.records import Answer, Assertion, Case, Message
from engine.runs.folder import RunFolder, State, write_atomically, write_lines
from engine.scope import Cadence, Criteria, Intent, Rule, Scope, Trigger
from engine.steps import curate, intake, train
from engine.steps import scope as scope_step
from engine.store import sessions
from engine.workspace import Workspace

CASES = 30


def small_scope(name: str = "Small shop") -> Scope:
    """One rule that matters, a complete cadence, no suite but the held-out cases."""
    days = Assertion("number", 45, unit="days", rule="R01", critical=True)
    return Scope(
        name=name,
        task="Answer return questions by our terms.",
        system_prompt="You answer for the shop.",
        intents=(Intent("returns", 20, ("return", "send back")),),
        rules=(
            Rule(
                "R01",
                "return window",
                "Shoes can be returned within 45 days.",
                intent="returns",
                facts=("45 days",),
                keywords=("return",),
                assertions=(days,),
                critical=True,
            ),
        ),
        criteria=Criteria(),
        cadence=Cadence(
            owner="Ines",
            interval_days=90,
            triggers=(Trigger("errors", 0.08, "50 a week"), Trigger("complaints", 3, "a week")),
            data_source="support inbox",
            rollback="base",
        ),
    )


def chat_file(path: Path, rows: int = 20) -> Path:
    """An OpenAI chat file of so many clean, different rows."""
    lines = [
        {
            "messages": [
                {"role": "user", "content": f"{_WHO[n % 5]} {_WHAT[n // 5 % 4]}"},
                {"role": "assistant", "content": f"{_HOW[n % 3]} 45 days, {_WHO[n % 5].lower()}."},
            ]
        }
        for n in range(rows)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


_WHO = (
    "Bought winter boots on Monday,",
    "My daughter has outgrown her sandals;",
    "A parcel of slippers came, not as pictured:",
    "Got two pairs of loafers as a present,",
    "The sneakers are pretty but stiff and heavy,",
)
_WHAT = (
    "until when can they be returned?",
    "how long is there to send back what I ordered?",
    "by which day must a return reach you?",
    "is it too late for giving it back after a month?",
)
_HOW = ("Within", "You have", "Any time in the first")


def case_file(path: Path, cases: int = CASES) -> Path:
    """Held-out cases in strop's own format, three to a cluster."""
    write_lines(
        path,
        [
            Case(
                id=f"c{n:02d}",
                messages=(Message("user", f"Until which day does the shop take case {n} back?"),),
                reference="Within 45 days.",
                intent="returns",
                cluster=f"k{n // 3}",
                assertions=(Assertion("number", 45, unit="days", rule="R01", critical=True),),
            )
            for n in range(cases)
        ],
    )
    return path


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace of its own with a stand-in model folder (nothing here loads it)."""
    model = tmp_path / "models" / "smollm2-135m-instruct"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    monkeypatch.setenv("STROP_MODELS", str(tmp_path / "models"))
    opened = Workspace(tmp_path / "home", "ines")
    yield opened
    opened.store.close()


@pytest.fixture
def curated(workspace: Workspace, tmp_path: Path) -> str:
    """Slug of a session that is frozen, curated, split and sealed."""
    session = sessions.create(workspace.store, small_scope())
    intake.import_file(workspace, session.slug, chat_file(tmp_path / "chats.jsonl"))
    intake.import_file(workspace, session.slug, case_file(tmp_path / "h.jsonl"), held_out=True)
    ids = curate.order_queue(workspace, session.slug)
    curate.accept(workspace, session.slug, ids)
    curate.split(workspace, session.slug)
    scope_step.freeze(workspace, session.slug)
    return session.slug


def answered_run(workspace: Workspace, slug: str, right: dict[str, int]) -> RunFolder:
    """A prepared run with made-up answers: the first `right[arm]` cases of each arm pass."""
    folder = train.prepare(workspace, slug, train.plan(workspace, slug).recipe)
    answers = [
        Answer(
            "domain",
            case.id,
            arm,
            text="Within 45 days." if index < right[arm] else "Within 30 days.",
            tokens=4,
            repeat=repeat,
        )
        for arm in right
        for index, case in enumerate(folder.suite("domain").cases)
        for repeat in ((0, 1) if arm == "base" and index < 20 else (0,))
    ]
    write_lines(folder.answers_file, answers)
    state = State("done", message="Trained, and answered with every arm.")
    write_atomically(folder.state_file, __import__("msgspec").json.encode(state))
    return folder

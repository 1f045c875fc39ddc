from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InputError
from engine.records import Finding
from engine.scope import Rule
from engine.steps import cards, curate, intake
from engine.steps.sieve import parse
from engine.store import findings, queue, sessions
from engine.workspace import Workspace
from tests.engine.steps.conftest import small_scope

INTENTS = ["fit", "gift cards"]
RULES = [
    Rule("R02", "loss", "", keywords=("lost card", "boots small"), facts=("no", "90 days")),
    Rule("R03", "noise", "", keywords=("trail",)),
    Rule("R04", "store ghent", ""),
]


@pytest.fixture
def slug(workspace: Workspace, tmp_path: Path) -> str:
    """Four examples: a leak, an edited and accepted, a rejected, a tagged and flagged one."""
    session = sessions.create(workspace.store, small_scope())
    path = tmp_path / "chats.jsonl"
    path.write_text(
        '{"prompt": "Do the Trail boots run small?", "answer": "Half a size.", "intent": "fit"}\n'
        '{"prompt": "Café card lost, e-mail?", "answer": "We block it.", "intent": "Gift cards"}\n'
        '{"prompt": "Do trail shoes squeak?", "answer": "Never.", "intent": "fit"}\n'
        '{"prompt": "Is there a store in Ghent?", "answer": "Not yet."}\n'
    )
    intake.import_file(workspace, session.slug, path)
    leak = Finding("leak", "block", (1,), "asks what c1 asks")
    findings.replace(workspace.store, session.id, [leak])
    curate.edit(workspace, session.slug, 2, "We block it and send a new one.")
    curate.accept(workspace, session.slug, [2])
    curate.reject(workspace.acting_as("Tom Okafor"), session.slug, [3], "tone")
    curate.tag(workspace, session.slug, 4, ["Gold star", "x"])
    curate.flag(workspace, session.slug, 4)
    return session.slug


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        ("", [1, 2, 3, 4]),
        ("TRAIL small", [1]),
        ("trail", [1, 3]),
        ("tra", [1, 3]),
        ("rail", []),
        ("trail wide", []),
        ("cafe", [2]),
        ("e-mail", [2]),
        ("new", [2]),
        ("#1", [1]),
        ("#8 #4", [4]),
        ("status:undecided", [1, 4]),
        ("status:waiting", [1, 4]),
        ("status:accepted status:rejected", [2, 3]),
        ("status:edited", [2]),
        ("status:edited status:flagged", [2, 4]),
        ("status:waiting status:edited trail", [1]),
        ("intent:fit", [1, 3]),
        ("intent:fit intent:none", [1, 3, 4]),
        ("intent:gift-cards", [2]),
        ("check:leak", [1]),
        ("check:any", [1]),
        ("check:none", [2, 3, 4]),
        ("check:leak status:accepted", []),
        ("check:leak trail", [1]),
        ("file:chats", [1, 2, 3, 4]),
        ("file:turns", []),
        ("tag:gold-star", [4]),
        ("tag:gold", []),
        ("reason:tone", [3]),
        ("who:tom", [3]),
        ("who:tom-ok", [3]),
        ("who:nobody", []),
        ("who:tom reason:other", []),
        ("http://x", []),
        ("rule:R02", [1, 2]),
        ("rule:r02 status:accepted", [2]),
        ("rule:R03", [1, 3]),
        ("rule:R02 rule:R03", [1, 2, 3]),
        ("rule:R04", [4]),
        ("rule:R02 small", [1]),
    ],
)
def test_all_words_must_hold_and_one_value_of_each_name(
    workspace: Workspace, slug: str, text: str, passing: list[int]
) -> None:
    sieve = parse(text, INTENTS, RULES)
    page = cards.look(workspace, slug, sieve, None, "forward")
    assert sorted(card.stored.id for card in page.cards) == passing
    assert cards.count(workspace, slug, sieve)[0] == len(passing)


def test_a_filter_is_answered_the_same_from_either_end(
    workspace: Workspace, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is rare is looked up, what is common is walked past: both find the same."""
    from engine.store import sieve as stored_sieve

    session = sessions.get(workspace.store, slug).id
    cards.index_words(workspace)
    for text in (
        "trail status:rejected",
        "check:leak trail",
        "trail intent:fit",
        "check:any t",
        "rule:r03 t",
    ):
        found = []
        for rare in (stored_sieve.RARE, -1):
            monkeypatch.setattr(stored_sieve, "RARE", rare)
            sieve = parse(text, INTENTS, RULES)
            rows = queue.page(workspace.store, session, sieve, None, "forward", 9)
            found.append([row.id for row in rows])
        monkeypatch.undo()
        assert found[0] == found[1]


def test_an_edit_moves_the_words_and_undo_moves_them_back(workspace: Workspace, slug: str) -> None:
    def found(text: str) -> list[int]:
        page = cards.look(workspace, slug, parse(text), None, "forward")
        return [card.stored.id for card in page.cards]

    assert found("half") == [1]
    curate.edit(workspace, slug, 1, "Take one number more.")
    assert (found("half"), found("number")) == ([], [1])
    curate.undo(workspace, slug)
    assert (found("half"), found("number")) == ([1], [])


def test_what_holds_no_letter_is_no_word() -> None:
    assert parse("# ??").words == ()


@pytest.mark.parametrize(
    "text", ["status:good", "check:luck", "intent:socks", "reason:mood", "rule:R9"]
)
def test_a_value_that_does_not_exist_is_refused_with_those_that_do(text: str) -> None:
    with pytest.raises(InputError, match=f"{text.lower()} is not known. There are: "):
        parse(text, ["fit"], RULES)

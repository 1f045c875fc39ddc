"""The registry: conflicts, keymaps, and documentation that is current."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from engine.errors import InputError
from screens.actions import COMMON, GO, Action
from tui import actions as registry
from tui.screens import PLACES

ACCEPT = Action("curate.accept", ("a",), "accept", "Accept the answer.")
EDIT = Action("curate.edit", ("e", "a"), "edit", "Edit the answer | all of it.")
LEFT = Action("curate.left", ("a",), "left", "Keep the left.", contextual=True)
SCREENS = {"curate": (ACCEPT,), "session": GO, "everywhere": COMMON}

needs_screens = pytest.mark.skipif(
    not all(find_spec(f"screens.{place}") for place in PLACES), reason="screens are not all there"
)


def test_two_actions_that_want_one_key_are_both_named() -> None:
    with pytest.raises(InputError, match=r"curate\.accept and curate\.edit both want the key a"):
        registry.check_conflicts((ACCEPT, EDIT), {}, "curate")


def test_a_keymap_can_settle_a_conflict_and_make_one() -> None:
    registry.check_conflicts((ACCEPT, EDIT), {"curate.edit": ("e",)}, "curate")
    with pytest.raises(InputError, match=r"curate\.accept and app\.help"):
        registry.check_conflicts((ACCEPT, *COMMON), {"app.help": ("a",)}, "keys.toml, curate")


def test_contextual_actions_may_share_a_key() -> None:
    registry.check_conflicts((ACCEPT, LEFT), {}, "curate")


def test_what_all_screens_share_has_no_conflict() -> None:
    registry.check_conflicts((*GO, *COMMON), {}, "everywhere")


def test_an_id_has_a_group_and_a_verb() -> None:
    assert (ACCEPT.group, ACCEPT.verb, ACCEPT.method) == ("curate", "accept", "do_accept")
    with pytest.raises(ValueError, match="group"):
        Action("accept", ("a",), "accept", "Accept.")


def keymap_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> registry.Keymap:
    monkeypatch.setattr(registry, "collect", lambda: SCREENS)
    monkeypatch.setattr(registry, "PLACES", ())
    path = tmp_path / "keys.toml"
    path.write_text(text)
    return registry.read_keymap(path)


def test_a_keymap_takes_characters_names_and_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '[keys]\n"curate.accept" = "y"\n"go.back" = ["esc", "ctrl+g"]\n"app.theme" = []\n'
    assert keymap_of(tmp_path, monkeypatch, text) == {
        "curate.accept": ("y",),
        "go.back": ("escape", "ctrl+g"),
        "app.theme": (),
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[keys]\n"curate.jump" = "y"', r"keys\.toml: curate\.jump is no action"),
        ('[keys]\n"curate.accept" = "ctrl+h"', r"ctrl\+h is backspace"),
        ('[keys]\n"curate.accept" = "ab"', "'ab' is no key"),
        ('[keys]\n"curate.accept" = 3', "a key is a string"),
        ("[keys", r"keys\.toml: "),
    ],
)
def test_a_bad_keymap_names_the_file_and_the_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        keymap_of(tmp_path, monkeypatch, text)


def test_no_keymap_is_no_trouble(tmp_path: Path) -> None:
    assert registry.read_keymap(tmp_path / "keys.toml") == {}


def test_the_document_has_a_row_for_every_action() -> None:
    text = registry.keys_document({**SCREENS, "curate": (ACCEPT, EDIT)})
    assert "| `a` | `curate.accept` | Accept the answer. |" in text
    assert "| `e` `a` | `curate.edit` | Edit the answer \\| all of it. |" in text
    assert "| `:` `ctrl+p` | `app.palette` |" in text


@needs_screens
def test_the_screens_have_no_conflicts_and_do_what_they_declare() -> None:
    from tui.screens import screen_class

    registry.collect()
    for place in PLACES:
        screen = screen_class(place)
        for action in (*screen.ACTIONS, *screen.SHARED):
            assert callable(getattr(screen, action.method, None)), f"{action.id} has no method"


@needs_screens
def test_the_document_is_current() -> None:
    assert registry.DOCUMENT.read_text() == registry.keys_document(registry.collect())

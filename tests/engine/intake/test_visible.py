from hypothesis import given
from hypothesis import strategies as st

from engine.visible import find_marks, make_visible, reveal


def test_an_escape_sequence_is_written_out() -> None:
    assert make_visible("a\x1b]52;c;AA\x07b") == "a<U+001B>]52;c;AA<U+0007>b"


def test_c1_bidi_and_zero_width_are_written_out() -> None:
    assert make_visible("\x9b2J") == "<U+009B>2J"
    assert make_visible("a\u202eb\u200bc\ufeff") == "a<U+202E>b<U+200B>c<U+FEFF>"


def test_newline_tab_and_emoji_joiners_stay() -> None:
    family = "\U0001f468\u200d\U0001f469"
    assert make_visible(f"a\tb\n{family}") == f"a\tb\n{family}"
    assert make_visible("pass\u200dword") == "pass<U+200D>word"


def test_carriage_returns_become_newlines() -> None:
    assert make_visible("a\r\nb\rc") == "a\nb\nc"


def test_marks_are_found_where_they_stand() -> None:
    text = make_visible("hi \x1b there")
    assert [text[a:b] for a, b in find_marks(text)] == ["<U+001B>"]


@given(st.text(st.characters(exclude_characters="\r")))
def test_the_source_can_always_be_read_back(text: str) -> None:
    assert reveal(make_visible(text)) == text


@given(st.text())
def test_nothing_made_visible_needs_it_again_but_for_marks(text: str) -> None:
    visible = make_visible(text)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in visible)
    assert not any(0x7F <= ord(c) <= 0x9F for c in visible)


@given(st.lists(st.sampled_from(["<U+001B>", "<U+003C>", "\x1b", "<", "U+", "x"])))
def test_a_literal_mark_is_kept_apart_from_an_escaped_one(parts: list[str]) -> None:
    text = "".join(parts)
    assert reveal(make_visible(text)) == text

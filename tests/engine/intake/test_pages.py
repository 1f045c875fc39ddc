"""Questions and answers proposed from pages in Markdown and HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import IntakeError
from engine.intake import Accepted, Outcome, Skipped, detect, read
from engine.intake.pages import PAGE_LIMIT, PROPOSED
from engine.intake.questions import read_as_question
from tests.engine.intake.files import turns, write

MARKDOWN = """---
title: "# Not a heading"
---
# Help

Welcome to our help pages.

## Returns

### Return window

Unworn shoes can be returned within **45 days**
of [delivery](https://example.com).

### How to return shoes

1. Print the label.
2. Hand in the box:
   - at a shop
   - by post

#### Without a label

Ask us for one.

#### Can I use another box?

Yes.

### Sale items

| item | refund |
|------|--------|
| shoes | credit |
| bags | none |

## Contact

**Do you have a phone number?**

No, write to us.
"""


def asked(outcomes: list[Outcome]) -> dict[str, str]:
    return {turns(o)[0][1]: turns(o)[1][1] for o in outcomes if isinstance(o, Accepted)}


def test_headings_of_markdown_become_questions_with_the_text_under_them(tmp_path: Path) -> None:
    path = write(tmp_path, "help.md", MARKDOWN)
    assert detect(path) == "faq"
    outcomes = list(read(path))
    assert asked(outcomes) == {
        "What should I know about help?": "Welcome to our help pages.",
        "What should I know about return window (Returns)?": (
            "Unworn shoes can be returned within 45 days of delivery."
        ),
        "How do I return shoes?": (
            "1. Print the label.\n2. Hand in the box:\n  - at a shop\n  - by post"
            "\n\nWithout a label:\n\nAsk us for one."
        ),
        "Can I use another box?": "Yes.",
        "What should I know about sale items (Returns)?": (
            "item | refund\nshoes | credit\nbags | none"
        ),
        "Do you have a phone number?": "No, write to us.",
    }
    skipped = [o for o in outcomes if isinstance(o, Skipped)]
    assert [(o.line, o.reason) for o in skipped] == [
        (8, "heading without text"),
        (37, "heading without text"),
    ]


def test_only_questions_that_strop_phrased_carry_its_tag_and_lines_are_the_pages(
    tmp_path: Path,
) -> None:
    found = [o for o in read(write(tmp_path, "h.md", MARKDOWN)) if isinstance(o, Accepted)]
    tags = {o.example.prompt: o.example.tags for o in found}
    assert tags["How do I return shoes?"] == ()
    assert tags["What should I know about sale items (Returns)?"] == (PROPOSED,)
    assert [o.line for o in found] == [4, 10, 15, 26, 30, 39]


HTML = """<!DOCTYPE html>
<html><head><title>t</title><style>p{}</style></head><body>
<nav><h2>Menu?</h2><p>x</p></nav>
<h1>Terms</h1>
<p>Some words &amp; more.<!-- no --></p>
<h2>Returns<script>alert(1)</script></h2>
<h3>Must I buy a <em>label</em>?</h3>
<p>No.</p><ul><li>It is free</li><li>It is <b>prepaid</b></li></ul>
<details><summary>When is my refund paid</summary>Within 7 days.</details>
<h2>Cards</h2><dl><dt>Gift cards</dt><dd>Never expire.</dd></dl>
<table><tr><td>a</td><td>b</td></tr></table>
<footer><h2>Imprint</h2>y</footer>
</body></html>
"""


def test_headings_folds_and_terms_of_html_become_questions(tmp_path: Path) -> None:
    path = write(tmp_path, "terms.html", HTML)
    assert detect(path) == "faq"
    outcomes = list(read(path))
    assert asked(outcomes) == {
        "What should I know about terms?": "Some words & more.",
        "Must I buy a label?": "No.\n- It is free\n- It is prepaid",
        "When is my refund paid?": "Within 7 days.",
        "What should I know about gift cards (Cards)?": "Never expire.\na | b",
    }
    assert [o.line for o in outcomes] == [4, 6, 7, 9, 10, 10]


def test_a_page_declares_its_encoding_and_may_be_named_anything(tmp_path: Path) -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><h1>Größe?</h1>Für alle.</html>'
    path = write(tmp_path, "page.txt", page.encode("latin-1"))
    (only,) = read(path)
    assert turns(only) == [("user", "Größe?"), ("assistant", "Für alle.")]


@pytest.mark.parametrize(
    ("title", "question", "phrased"),
    [
        ("Can I return sale items?", "Can I return sale items?", False),
        ("3.2 What is the fee", "What is the fee?", False),
        ("Q4: Where is my order?", "Where is my order?", False),
        ("How to measure your foot", "How do I measure your foot?", False),
        ("What to do when a shoe is worn", "What should I do when a shoe is worn?", False),
        ("What we collect", "Could you tell me what we collect?", False),
        ("May 2026 changes", "What should I know about May 2026 changes?", True),
        ("Will call", "What should I know about will call?", True),
        ("Refund time:", "What should I know about refund time?", True),
        ("Trail Runner Fit", "What should I know about Trail Runner Fit?", True),
        ("IBAN payments", "What should I know about IBAN payments?", True),
    ],
)
def test_a_heading_is_read_as_the_question_it_asks(
    title: str, question: str, phrased: bool
) -> None:
    assert read_as_question(title) == (question, phrased)


def test_text_before_the_first_heading_is_counted(tmp_path: Path) -> None:
    first, second = read(write(tmp_path, "a.md", "Hello.\n\nMore.\n\n# Why?\n\nSo.\n"))
    assert first == Skipped(1, "text before the first heading")
    assert turns(second)[1] == ("assistant", "So.")


def test_a_transcript_kept_as_markdown_stays_one(tmp_path: Path) -> None:
    path = write(tmp_path, "chat.md", "## Chat 1\n\n**Customer:** q\n**Agent:** a\n")
    assert detect(path) == "transcript"
    assert turns(next(read(path))) == [("user", "q"), ("assistant", "a")]


def test_a_page_that_is_too_long_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="longer than 10 MB"):
        list(read(write(tmp_path, "a.md", b"# a?\n" + b"b\n" * (PAGE_LIMIT // 2))))
    with pytest.raises(IntakeError, match=r"a\.md, line 2: byte 0xE9 is not UTF-8"):
        list(read(write(tmp_path, "a.md", b"# a?\ncaf\xe9\n")))


PIECES = st.sampled_from(
    [
        *("# a?\n", "## b\n", "text\n", "\n", "- x\n", "<b>", "</div>", "<h2>", "<li>", "<dt>"),
        *("**c?**\n", "| a |\n|---|\n| b |\n", "```\n", "<!--", "&#0;", "<summary>q", "> "),
        *("\x00", "\x1b", "\u202e"),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(PIECES, max_size=14), st.sampled_from(["a.md", "a.html"]))
def test_whatever_the_page_every_heading_is_counted_once(
    tmp_path: Path, pieces: list[str], name: str
) -> None:
    path = write(tmp_path, name, f"# first?\n{'words ' * 60}\n" + "".join(pieces))
    outcomes = list(read(path))
    lines = [outcome.line for outcome in outcomes]
    assert lines == sorted(lines)
    assert all(isinstance(o, Accepted | Skipped) for o in outcomes)
    assert all(turns(o)[1][1].strip() for o in outcomes if isinstance(o, Accepted))

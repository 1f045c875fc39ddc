"""Pages of answers, Markdown or HTML: each heading with the text under it becomes one example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from engine.errors import IntakeError
from engine.intake.blocks import Block
from engine.intake.conversation import Draft, Turn
from engine.intake.lines import BOM, open_checked
from engine.intake.outcomes import Skipped
from engine.intake.places import Place
from engine.intake.questions import is_question, read_as_question
from engine.intake.rows import COPY_HINT, UTF8_HINT
from engine.intake.unpacking import DAMAGED

PROPOSED = "proposed-question"
"""Tag of an example whose question strop phrased from a heading."""
PAGE_LIMIT = 10_000_000
"""Bytes; a page is read whole."""
Found: TypeAlias = "tuple[int, str, Draft] | Skipped"


class _Section(msgspec.Struct):
    """A heading with what stands under it."""

    line: int
    level: int
    title: str
    under: str
    body: list[str] = msgspec.field(default_factory=list)

    def say(self, block: Block) -> None:
        """Add text; items of a list stand close together."""
        if block.tight and self.body:
            self.body[-1] += f"\n{block.text}"
        else:
            self.body.append(block.text)


def read_page(place: Place) -> Iterator[Found]:
    """Questions with answers, in the order of the page. Raises IntakeError."""
    raw = _read(place)
    if _is_html(place, raw):
        from engine.intake.html import html_blocks

        blocks = html_blocks(raw)
    else:
        from engine.intake.markdown import markdown_blocks

        blocks = markdown_blocks(_text(place, raw))
    for section in _sections(blocks):
        yield _outcome(section)


def _outcome(section: _Section) -> Found:
    answer = "\n\n".join(section.body).strip()
    if not section.title:
        return Skipped(section.line, "text before the first heading")
    if not answer:
        return Skipped(section.line, "heading without text")
    question, phrased = read_as_question(section.title, section.under)
    turns = (Turn("user", question), Turn("assistant", answer))
    tags = (PROPOSED,) if phrased else ()
    return section.line, f"{section.title}\n{answer}", Draft(turns, tags=tags)


def _sections(blocks: Iterable[Block]) -> list[_Section]:
    """Headings with their text. What is nested under a question belongs to its answer, unless it
    asks a question of its own."""
    made: list[_Section] = []
    above: list[_Section] = []
    for block in blocks:
        if not block.text.strip():
            continue
        if not block.level:
            if not above:
                above = [_Section(block.line, 0, "", "")]
                made += above
            above[-1].say(block)
            continue
        above = [s for s in above if s.title and s.level < block.level]
        if above and is_question(above[-1].title) and not is_question(block.text):
            above[-1].body.append(f"{block.text.rstrip(':')}:")
            continue
        section = _Section(block.line, block.level, block.text, _context(made, above))
        made.append(section)
        above.append(section)
    return made


def _context(made: list[_Section], above: list[_Section]) -> str:
    """The title above, but for the title of the whole page and for questions."""
    if not above or above[-1] is next(s for s in made if s.title):
        return ""
    return "" if is_question(above[-1].title) else " ".join(above[-1].title.split())


def _read(place: Place) -> bytes:
    with open_checked(place.path) as stream:
        try:
            raw = stream.read(PAGE_LIMIT + 1)
        except OSError as error:
            raise IntakeError(f"{place.path.name}: {DAMAGED}.", COPY_HINT) from error
    if len(raw) > PAGE_LIMIT:
        limit = f"{PAGE_LIMIT // 1_000_000} MB"
        raise IntakeError(f"{place.path.name}: this page is longer than {limit}.", "Divide it.")
    return raw.removeprefix(BOM)


def _is_html(place: Place, raw: bytes) -> bool:
    markdown = any(s.lower() in (".md", ".markdown") for s in place.path.suffixes)
    return not markdown and raw.lstrip()[:1] == b"<"


def _text(place: Place, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{raw[error.start]:02X} is not UTF-8"
        raise IntakeError(f"{place.path.name}, line {line}: {what}.", UTF8_HINT) from error

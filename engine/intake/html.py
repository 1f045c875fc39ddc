"""HTML as headings and plain text, read by Beautiful Soup, without scripts, menus and forms."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString

from engine.intake.blocks import ASIDE, Block

_HEADINGS = {f"h{n}": n for n in range(1, 7)} | {"summary": ASIDE, "dt": ASIDE}
_LEFT_OUT = (
    *("script", "style", "template", "noscript", "svg", "iframe", "head"),
    *("nav", "footer", "aside", "form", "select", "textarea"),
)
_BREAKS = frozenset(
    (
        *("p", "div", "section", "article", "main", "header", "address", "blockquote", "pre"),
        *("br", "hr", "ul", "ol", "li", "dl", "dd", "details", "figure"),
        *("table", "thead", "tbody", "tr"),
    )
)
_SPACES = re.compile(r"\s+")


def html_blocks(raw: bytes) -> Iterator[Block]:
    """Headings and text in order; the encoding is the one that the page declares, or UTF-8."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(raw, "html.parser")
    for tag in soup.find_all(_LEFT_OUT):
        tag.extract()
    titles = _take_titles(soup)
    text: list[str] = []
    line, tight = 1, False
    for node in soup.descendants:
        if isinstance(node, Tag):
            if node.name in _BREAKS or id(node) in titles:
                if words := _folded(text):
                    yield Block(line, 0, words, tight)
                text, line = [], node.sourceline or line
                tight = node.name in ("li", "tr", "br")
            if id(node) in titles:
                yield Block(line, _HEADINGS[node.name], titles[id(node)])
            elif node.name in ("td", "th", "li"):
                text.append(_mark(node, text))
        # Comments and declarations are subclasses.
        elif type(node) is NavigableString:
            text.append(str(node))
    if words := _folded(text):
        yield Block(line, 0, words, tight)


def _take_titles(soup: BeautifulSoup) -> dict[int, str]:
    """The text of each heading by its tag, which is left empty."""
    titles: dict[int, str] = {}
    for tag in soup.find_all(list(_HEADINGS)):
        # A heading inside a summary or another heading was taken with it.
        if any(id(parent) in titles for parent in tag.parents):
            continue
        titles[id(tag)] = _SPACES.sub(" ", tag.get_text()).strip()
    for tag in soup.find_all(lambda tag: id(tag) in titles):
        tag.clear()
    return titles


def _mark(tag: Tag, text: list[str]) -> str:
    if tag.name == "li":
        return "- "
    return " | " if "".join(text).strip() else ""


def _folded(parts: list[str]) -> str:
    words = _SPACES.sub(" ", "".join(parts)).strip()
    return "" if words in ("-", "|") else words

"""Markdown that our own staff write, as a few harmless elements. Never for text under review: that is ``hostile``.

Safe by what is not there: the parser knows paragraphs, headings, lists, quotes, code and emphasis. It knows no HTML,
link, image or table, so all of these come out as the characters that were typed. Hidden characters are boxed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markdown_it.token import Token

from trust import hostile

LONGEST: Final = 20_000  # characters; what is longer is shown as it was typed
DEEPEST: Final = 20  # lists and quotes in one another; the parser drops what is deeper, so that is shown as typed too
# A text with more marks, and one more for each SPARSE characters, is shown as typed. Prose has a tenth of these;
# laying out a text of nothing but marks takes ten times as long as one of words.
MOST_MARKS: Final = 100
SPARSE: Final = 10
FIRST_HEADING: Final = 3  # a page has its h1, and its parts their h2
KEPT: Final = 500  # texts at a time; those in force never change
RULES: Final = ["heading", "list", "blockquote", "fence", "emphasis", "backticks", "escape", "newline"]


ELEMENTS: Final = ["p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "em", "strong"]

_opening: Final = {element: format_html("<{}>", element) for element in ELEMENTS}
_closing: Final = {element: format_html("</{}>", element) for element in ELEMENTS}
_MARK: Final = re.compile(r"[*_`\\>#]{1,3}|\n|[-+] |\d[.)] ")
_parser: Final = MarkdownIt("zero", {"maxNesting": DEEPEST}).enable(RULES)


def block(text: str) -> SafeString:
    """Return ``text`` as paragraphs, lists and headings below h2."""
    return _block(text, get_language())


def inline(text: str) -> SafeString:
    """Return ``text`` as one run of words: emphasis and code alone, for a cell or a line."""
    return _inline(text, get_language())


@lru_cache(KEPT)
def _block(text: str, _language: str | None) -> SafeString:
    if _is_too_much(text):
        return _as_typed(text)
    tokens = _parser.parse(text)
    if any(token.level >= DEEPEST - 1 for token in tokens):
        return _as_typed(text)
    return _joined(_drawn(tokens))


@lru_cache(KEPT)
def _inline(text: str, _language: str | None) -> SafeString:
    if _is_too_much(text):
        return hostile.marked(text)
    return _joined(_drawn(_parser.parseInline(text)))


def _is_too_much(text: str) -> bool:
    """Say whether laying ``text`` out could keep a page waiting."""
    return len(text) > LONGEST or sum(1 for _mark in _MARK.finditer(text)) > MOST_MARKS + len(text) // SPARSE


def _drawn(tokens: Sequence[Token]) -> Iterator[SafeString]:
    """Yield what each token is on the page: words escaped, elements by our own list and without attributes."""
    for token in tokens:
        if token.type == "inline":
            yield from _drawn(token.children or [])
        elif token.type == "code_inline":
            yield format_html("<code>{}</code>", hostile.marked(token.content))
        elif token.type == "fence":
            yield format_html("<pre><code>{}</code></pre>", hostile.marked(token.content))
        elif token.nesting and not token.hidden:
            elements = _opening if token.nesting > 0 else _closing
            yield elements[_element(token)]
        elif not token.nesting:
            yield hostile.marked("\n" if token.type.endswith("break") else token.content)


def _element(token: Token) -> str:
    if not token.type.startswith("heading"):
        return token.tag
    return f"h{min(int(token.tag[1:]) + FIRST_HEADING - 1, 6)}"


def _as_typed(text: str) -> SafeString:
    parts = (part.strip("\n") for part in text.replace("\r\n", "\n").split("\n\n"))
    return _joined(format_html("<p>{}</p>", hostile.marked(part)) for part in parts if part)


def _joined(pieces: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))

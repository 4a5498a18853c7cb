"""Text under review, made safe to look at: what would hide, reverse or pile up is shown as a named box instead.

Everything here returns escaped HTML built with ``format_html``; the text itself is never changed, only its picture.
Each box says in ``data-run`` how many code points it stands for (1 when absent), so a selection can be counted back.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# A text may hold a million hidden characters; past this many boxes each is drawn as one plain PLACEHOLDER.
MOST_BOXES: Final = 2_000
PLACEHOLDER: Final = "\N{WHITE VERTICAL RECTANGLE}"

# Marks that may stand on one letter, as in Vietnamese or vocalised Hebrew; the rest of the tower becomes a box.
TALLEST_TOWER: Final = 4

Span = tuple[int, int, int | None]

# Control characters but tab and line ends, format characters but the visible ones, fillers that are drawn as nothing,
# variation selectors, line separators, private use, tags, surrogates.
_HIDDEN: Final = (
    r"\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    r"\U000110bd\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
_MARKS: Final = (
    r"\u0300-\u034e\u0350-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)

# Letters of other alphabets that are drawn like Latin ones; a mark only inside a word that also has Latin letters.
_LOOK_ALIKES: Final = "аеорсухіјѕԁһӏԛԝАВЕКМНОРСТХІЈЅУονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"

# An emoji keeps its joiners and its colour selector: they are what makes it one picture.
_PICTURE: Final = (
    r"(?:[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55"
    r"\u3030\u303d\u3297\u3299\U0001f000-\U0001faff](?:\ufe0f|[\U0001f3fb-\U0001f3ff])?)"
)
_SUSPECT: Final = re.compile(
    rf"(?P<emoji>{_PICTURE}(?:\u200d{_PICTURE})*|[0-9#*]\ufe0f\u20e3)"
    rf"|(?P<line>\r\n)|(?P<hidden>(?:[{_HIDDEN}]|\r(?!\n))+)"
    rf"|(?<=[{_MARKS}]{{{TALLEST_TOWER}}})(?P<tower>[{_MARKS}]+)"
    rf"|(?<=[A-Za-z])(?P<like_after>[{_LOOK_ALIKES}])|(?P<like_before>[{_LOOK_ALIKES}])(?=[A-Za-z])"
)

_SUSPECT_ASCII: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ONE_SUSPECT: Final = re.compile(rf"[{_HIDDEN}\r]|(?<=[{_MARKS}]{{{TALLEST_TOWER}}})[{_MARKS}]")

# A browser reads CR LF as one line end, so the CR is counted by an element that draws nothing.
_LINE_END: Final = format_html('<wbr data-run="{}">\n', 1)

_SHORT: Final = {
    0x00: "NUL", 0x08: "BS", 0x0B: "VT", 0x0C: "FF", 0x0D: "CR", 0x1B: "ESC", 0x7F: "DEL", 0xAD: "SHY",
    0x034F: "CGJ", 0x061C: "ALM", 0x180E: "MVS", 0x200B: "ZWSP", 0x200C: "ZWNJ", 0x200D: "ZWJ", 0x200E: "LRM",
    0x200F: "RLM", 0x2028: "LSEP", 0x2029: "PSEP", 0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO",
    0x202E: "RLO", 0x2060: "WJ", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI", 0xFEFF: "BOM",
}  # fmt: skip
_CONTROL_NAMES: Final = {
    0x00: "Null", 0x08: "Backspace", 0x0B: "Vertical tab", 0x0C: "Form feed", 0x0D: "Carriage return", 0x1B: "Escape",
    0x7F: "Delete",
}  # fmt: skip


def is_blank(text: str) -> bool:
    """Say whether nothing of ``text`` would be seen: spaces, and characters that are drawn as nothing."""
    return all(unicodedata.category(sign)[0] in "ZC" or re.match(f"[{_HIDDEN}]", sign) for sign in text)


def marked(text: str, spans: Iterable[Span] = ()) -> SafeString:
    """Return ``text`` escaped, its hidden characters boxed and its spans marked.

    A span is (start, end, number) in code points, end excluded: the number of a violation, or None for what a detector
    found. Spans may overlap; what lies outside the text is cut off.
    """
    cuts = _cuts(len(text), list(spans))
    if not cuts:
        return _boxed(text)
    return format_html_join("", "{}", ((_segment(text[start:end], covering),) for start, end, covering in cuts))


def _cuts(length: int, spans: Sequence[Span]) -> list[tuple[int, int, list[Span]]]:
    """Cut 0 to ``length`` where any span begins or ends; with each piece come the spans that cover it."""
    inside = [(max(start, 0), min(end, length), number) for start, end, number in spans]
    inside = [(start, end, number) for start, end, number in inside if start < end]
    if not inside:
        return []
    edges = sorted({0, length, *(edge for span in inside for edge in span[:2])})
    pieces: list[tuple[int, int, list[Span]]] = [(start, end, []) for start, end in pairwise(edges)]
    starts = [piece[0] for piece in pieces]
    for span in inside:
        first, last = bisect_right(starts, span[0]) - 1, bisect_right(starts, span[1] - 1)
        for piece in pieces[first:last]:
            piece[2].append(span)
    return [(start, end, [_ending(span, end) for span in covering]) for start, end, covering in pieces]


def _ending(span: Span, end: int) -> Span:
    """Return ``span`` with its end only in the piece that ends it: the number is printed there."""
    return span if span[1] == end else (span[0], -1, span[2])


def _segment(text: str, covering: Sequence[Span]) -> SafeString:
    html = _boxed(text)
    if any(number is None for *_edges, number in covering):
        html = format_html('<mark class="span found">{}</mark>', html)
    if any(number is not None for *_edges, number in covering):
        numbers = [(number,) for _start, end, number in covering if number is not None and end >= 0]
        html = format_html('<mark class="span">{}{}</mark>', html, format_html_join("", "<sup>{}</sup>", numbers))
    return html


def _boxed(text: str) -> SafeString:
    is_plain = text.isascii() and _SUSPECT_ASCII.search(text) is None  # most texts, at a tenth of the cost
    if is_plain or _SUSPECT.search(text) is None:
        return escape(text)
    return format_html_join("", "{}", ((piece,) for piece in _pieces(text)))


def _pieces(text: str) -> Iterator[str]:
    """Yield plain text and boxes in turn; plain text is escaped by whoever joins it."""
    position = boxes = 0
    for match in _SUSPECT.finditer(text):
        if match.lastgroup == "emoji":
            continue
        yield text[position : match.start()]
        position = match.end()
        if match.lastgroup == "line":
            yield _LINE_END
            continue
        if boxes == MOST_BOXES:
            yield _ONE_SUSPECT.sub(PLACEHOLDER, text[match.start() :])
            return
        yield _box(match.group(), match.lastgroup)
        boxes += 1
    yield text[position:]


def _box(run: str, kind: str | None) -> SafeString:
    if kind == "tower":
        title = _("%(count)s more combining marks on one letter") % {"count": len(run)}
        return _drawn(f"MARKS ×{len(run)}", title, len(run))
    if kind != "hidden":
        return _drawn(f"{run} {_code(run)}", _name(run), 1)
    first, more = run[0], len(run) - 1
    if not more:
        return _drawn(_short(first), _name(first), 1)
    if run == first * len(run):
        return _drawn(f"{_short(first)} ×{len(run)}", _name(first), len(run))
    names = list(dict.fromkeys(_short(character) for character in run[:64]))[:6]
    return _drawn(_("%(count)s HIDDEN") % {"count": len(run)}, " ".join(names), len(run))


def _drawn(label: str, title: str, run: int) -> SafeString:
    if run == 1:
        return format_html('<span class="unseen" title="{}">{}</span>', title, label)
    return format_html('<span class="unseen" title="{}" data-run="{}">{}</span>', title, run, label)


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _short(character: str) -> str:
    code = ord(character)
    if 0xE0020 <= code <= 0xE007E:
        return f"TAG {chr(code - 0xE0000)}"
    return _SHORT.get(code, _code(character))


def _name(character: str) -> str:
    name = unicodedata.name(character, "") or _CONTROL_NAMES.get(ord(character), _("Unnamed character"))
    return f"{name.replace('ZERO WIDTH', 'ZERO-WIDTH').capitalize()}, {_code(character)}"

"""The parts of a text around what was looked for, with the places to mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from incidents.search.parsing import Term
from incidents.search.vectors import placed_words
from trust.hostile import Span

BEFORE, AFTER = 80, 200  # characters round the first place of a part
MOST_PARTS: Final = 3  # of one text
MOST_SPANS: Final = 200
LONGEST: Final = 600  # of a part, in characters
NEAR: Final = 24

Placed = tuple[str, int, int]


@dataclass(frozen=True)
class Snippet:
    """A part of a text. ``spans`` are places in it; it may go on before and after."""

    text: str
    spans: list[Span]
    is_cut_before: bool
    is_cut_after: bool


def snippets_of(text: str, terms: Sequence[Term]) -> list[Snippet]:
    """Return up to MOST_PARTS parts of ``text`` that hold ``terms``; its beginning where none does."""
    spans = sorted(_places(placed_words(text), terms))[:MOST_SPANS]
    if not spans:
        return [_snippet(text, 0, _word_end(text, BEFORE + AFTER), [])] if text else []
    return [_snippet(text, start, end, spans) for start, end in list(_windows(spans, text))[:MOST_PARTS]]


def holds_any(text: str, terms: Sequence[Term]) -> bool:
    return next(_places(placed_words(text), terms), None) is not None


def _places(words: Sequence[Placed], terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Yield where any of ``terms`` stands, as (start, end)."""
    for place in range(len(words)):
        for term in terms:
            following = words[place : place + len(term.words)]
            if _is(term, [word for word, _start, _end in following]):
                yield following[0][1], following[-1][2]


def _is(term: Term, words: Sequence[str]) -> bool:
    if len(words) < len(term.words) or tuple(words[:-1]) != term.words[:-1]:
        return False
    return words[-1].startswith(term.words[-1]) if term.is_prefix else words[-1] == term.words[-1]


def _windows(spans: Sequence[tuple[int, int]], text: str) -> Iterator[tuple[int, int]]:
    """Yield parts that begin and end between words and hold the places, in order, none overlapping."""
    start, end = -1, -1
    for first, last in spans:
        if first < end:
            continue
        if start >= 0 and first - BEFORE <= end and last - start < LONGEST:
            end = _word_end(text, last + AFTER)
            continue
        if start >= 0:
            yield start, end
        start, end = _word_start(text, max(first - BEFORE, end, 0)), _word_end(text, last + AFTER)
    yield start, end


def _word_start(text: str, place: int) -> int:
    """Return where the next word begins, unless that is far."""
    space = text.find(" ", place, place + NEAR) if place else -1
    return space + 1 if space >= 0 else place


def _word_end(text: str, place: int) -> int:
    """Return where the word before ``place`` ends, unless that is far."""
    if place >= len(text):
        return len(text)
    space = text.rfind(" ", place - NEAR, place)
    return space if space >= 0 else place


def _snippet(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> Snippet:
    inside: list[Span] = [(first - start, last - start, None) for first, last in spans if start <= first < end]
    return Snippet(text[start:end], inside, is_cut_before=start > 0, is_cut_after=end < len(text))

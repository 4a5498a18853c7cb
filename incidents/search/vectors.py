"""What of a text can be found: pure functions from text to the ``tsvector`` of a document and to its queries.

Words are split here, not by PostgreSQL, so that index, query and highlighting never differ. A text is normalised first
(``trust.normalising``): case, look-alike letters and hidden characters do not keep it from being found.

Beside its words a vector has **marks**: lexemes that no text can have, since they begin with "=". They say whose the
text is, how it was judged and when it came, so that one index answers words and filters together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Final

from trust.normalising import UNSPACED, normalise

MOST_CHARACTERS: Final = 100_000  # of a document; what comes after is not found
LONGEST_WORD: Final = 100
MOST_PLACES: Final = 200  # of one word in one document
GAP: Final = 2  # between messages, so that no phrase spans two
DAYS_OF_A_SPAN: Final = 15
FIRST_DAY: Final = date(1970, 1, 1).toordinal()  # hours are counted from here

_WORD_ASCII: Final = re.compile(r"\w+", re.ASCII)
# Vowel signs of Indian scripts are no word characters to Python, yet parts of words.
_WORD: Final = re.compile(rf"[{UNSPACED}]|(?:[^\W{UNSPACED}]|[\u0900-\u0dff])+")

Mark = tuple[str, str]


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` as they are indexed. A character of a script without spaces is a word."""
    normalised = normalise(text)
    found = (_WORD_ASCII if normalised.isascii() else _WORD).findall(normalised)
    return [word[:LONGEST_WORD] for word in found]


def vector_of(texts: Iterable[str], marks: Collection[Mark]) -> str:
    """Return the text of the ``tsvector`` of a document whose parts are ``texts``."""
    places: dict[str, list[int]] = {}
    place, left = 0, MOST_CHARACTERS
    for text in texts:
        for word in words_of(text[:left])[:left]:
            place += 1
            places.setdefault(word, []).append(place)
        place += GAP
        left -= len(text)
        if left <= 0:
            break
    words = (f"{word}:{','.join(map(str, at[:MOST_PLACES]))}" for word, at in places.items())
    return " ".join((*words, *(lexeme(*mark) for mark in sorted(marks))))


def lexeme(name: str, value: str) -> str:
    """Return a mark as vectors and queries spell it."""
    quoted = value_of(value).replace("\\", "\\\\").replace("'", "''")
    return f"'={name}={quoted}'"


def value_of(text: str) -> str:
    """Return the value of a filter as it is compared."""
    return " ".join(normalise(text[:200]).split())[:200]


# ── Time ─────────────────────────────────────────────────


def time_marks(at: datetime) -> list[Mark]:
    """Return the hour, day and span of days that ``at`` lies in, in UTC."""
    day = day_of(at)
    return [("hour", str(hour_of(at))), ("day", str(day)), ("span", str(day // DAYS_OF_A_SPAN))]


def hour_of(at: datetime) -> int:
    return int(at.timestamp() // 3600)


def day_of(at: datetime) -> int:
    return at.astimezone(UTC).toordinal()


def date_of(day: int) -> date:
    return date.fromordinal(day)


def any_hour(last: int, many: int) -> str:
    """Return the query for the ``many`` hours up to ``last``."""
    return any_of(lexeme("hour", str(hour)) for hour in range(last, last - many, -1))


def between(since: datetime, until: datetime) -> str:
    """Return the query for the days from ``since`` to ``until``: whole spans where they lie inside, else days."""
    first, last = day_of(since), day_of(until)
    parts, day = [], first
    while day <= last:
        if day % DAYS_OF_A_SPAN == 0 and day + DAYS_OF_A_SPAN - 1 <= last:
            parts.append(lexeme("span", str(day // DAYS_OF_A_SPAN)))
            day += DAYS_OF_A_SPAN
        else:
            parts.append(lexeme("day", str(day)))
            day += 1
    return any_of(parts)


def any_of(queries: Iterable[str]) -> str:
    return f"({' | '.join(queries)})"


def start_of(day: int) -> datetime:
    return datetime.combine(date_of(day), datetime.min.time(), UTC)


def end_of(day: int) -> datetime:
    return start_of(day) + timedelta(days=1) - timedelta(microseconds=1)


# ── Words in a text ──────────────────────────────────────

_CHUNK: Final = re.compile(r"\S+")
MOST_CHUNKS: Final = 40_000


def placed_words(text: str) -> list[tuple[str, int, int]]:
    """Return (word, start, end) of the words of ``text``, in its own code points.

    Where folding changed the length of what stands between two spaces, its words are given as the whole of it.
    """
    placed: list[tuple[str, int, int]] = []
    for chunk in islice(_CHUNK.finditer(text, 0, MOST_CHARACTERS), MOST_CHUNKS):
        normalised = normalise(chunk.group())
        pattern = _WORD_ASCII if normalised.isascii() else _WORD
        is_same = len(normalised) == len(chunk.group())
        for word in pattern.finditer(normalised):
            start, end = (word.start(), word.end()) if is_same else (0, len(chunk.group()))
            placed.append((word.group()[:LONGEST_WORD], chunk.start() + start, chunk.start() + end))
    return placed


def distinct_words(texts: Iterable[str], *, most: int) -> Sequence[str]:
    """Return up to ``most`` words of ``texts``, the longest first: those are the rarest, as a rule."""
    words = {word for text in texts for word in words_of(text[:MOST_CHARACTERS])}
    return sorted(words, key=lambda word: (-len(word), word))[:most]

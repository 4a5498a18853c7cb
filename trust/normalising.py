"""One text without what a sender can vary and still be read the same.

Case, compatibility forms (full width, ligatures, styled letters), invisible characters, stacked accents and letters of
other alphabets that look like ours are folded. Words, their order and their punctuation stay.
"""

import json
import re
import unicodedata
from functools import cache
from importlib import resources
from typing import Final

# Soft hyphen, zero-width and direction marks, fillers, variation selectors, tags.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# Accents that no composed letter stands for: they are stacked to hide a word.
_STACKED: Final = re.compile("[\u0300-\u036f]")

# Thai, Lao, Burmese, Khmer, Kana, Han: written without spaces, so each character counts as a word.
UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")


def normalise(text: str) -> str:
    """Return ``text`` as it is compared; spacing as it came."""
    if text.isascii():
        return text.lower()
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    folded = _STACKED.sub("", unicodedata.normalize("NFKC", folded))
    return folded.translate(_look_alikes())


def words_of(normalised: str) -> list[str]:
    """Split a normalised text at spaces; a word keeps its punctuation, which tells templates apart."""
    if normalised.isascii():
        return normalised.split()
    return _WORD.findall(normalised)


@cache
def _look_alikes() -> dict[int, str]:
    """Return {small letter of another alphabet: the ASCII letter or digit that it looks like, itself or its capital}.

    These are the confusables of Unicode TR 39, read from the file that ``confusable-homoglyphs`` ships: importing that
    package would keep ten thousand lists of them in every process.
    """
    data = resources.files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8")
    alike = {letter: found for letter, others in json.loads(data).items() if (found := _ascii_among(others))}
    table: dict[int, str] = {}
    for letter in sorted(alike, key=lambda letter: letter != letter.casefold()):  # small letters speak first
        small = letter.casefold()
        if len(small) == 1 and not small.isascii() and small.isalpha():
            table.setdefault(ord(small), alike[letter])
    return table


def _ascii_among(others: list[dict[str, str]]) -> str:
    found = [other["c"] for other in others if len(other["c"]) == 1 and other["c"].isascii() and other["c"].isalnum()]
    return min(found).lower() if found else ""

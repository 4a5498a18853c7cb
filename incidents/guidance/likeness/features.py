"""What a text is made of, in any language: beginnings of its words, and short runs of letters inside them."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

MOST_CHARACTERS: Final = 4_000  # of one text; what stands behind adds time, and hardly says what it is about
MOST_COMMON: Final = 0.35  # what more texts than this have in common says nothing about any of them

_SHORTEST_WORD: Final = 3
_BEGINNING: Final = 5  # "suicide" and "suicidal" are one feature
_RUN: Final = 4
_FIRST_UNSPACED: Final = "\u0e00"  # Thai, and what follows in Unicode: writing without spaces, or with dense letters
_UNSPACED_RUN: Final = 2

Vector = dict[str, float]


def words_of(text: str) -> list[str]:
    """Cut a text into words: lower case, without accents; digits and marks of punctuation part words."""
    folded = unicodedata.normalize("NFKD", text[:MOST_CHARACTERS].lower())
    kept = (letter for letter in folded if not "\u0300" <= letter <= "\u036f")
    spaced = "".join(letter if unicodedata.category(letter)[0] in "LM" else " " for letter in kept)
    return unicodedata.normalize("NFC", spaced).split()


def features_of(text: str) -> Counter[str]:
    """Count the features of a text. A beginning is marked by ``^``, so that no run of letters is taken for it."""
    found: Counter[str] = Counter()
    for word, times in Counter(words_of(text)).items():
        for feature in _of_word(word):
            found[feature] += times
    return found


def how_common(texts: Iterable[str]) -> Counter[str]:
    """Count in how many texts each feature stands."""
    common: Counter[str] = Counter()
    for text in texts:
        common.update(features_of(text).keys())
    return common


def vectors_of(texts: Sequence[str], *, elsewhere: Counter[str], texts_elsewhere: int) -> list[Vector]:
    """Weigh the features of each text: rarer is heavier. The length of each vector is 1, or 0 when it has none.

    ``elsewhere`` says how common features are in other texts: what everyone writes is then light, however much the
    given texts have it in common.
    """
    counted = [features_of(text) for text in texts]
    here: Counter[str] = Counter()
    for features in counted:
        here.update(features.keys())
    total = len(texts) + texts_elsewhere
    weights = {
        feature: math.log(total / (times + elsewhere[feature]))
        for feature, times in here.items()
        if times > 1 and times + elsewhere[feature] <= MOST_COMMON * total
    }
    return [_of_length_one({f: math.log2(1 + n) * weights[f] for f, n in c.items() if f in weights}) for c in counted]


def _of_word(word: str) -> list[str]:
    if word[0] >= _FIRST_UNSPACED:
        return [word[at : at + _UNSPACED_RUN] for at in range(max(len(word) - _UNSPACED_RUN + 1, 1))]
    if len(word) < _SHORTEST_WORD:
        return []
    edged = f"_{word}_"
    return [f"^{word[:_BEGINNING]}", *(edged[at : at + _RUN] for at in range(len(edged) - _RUN + 1))]


def _of_length_one(vector: Vector) -> Vector:
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {feature: weight / length for feature, weight in vector.items()} if length else {}

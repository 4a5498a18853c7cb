"""What a set of texts is called: the words that most of them have, and few others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from incidents.guidance.likeness.features import words_of

_SHORTEST: Final = 3
_LEAST: Final = 2  # texts of a set that must have a word


def telling_words(texts: Sequence[str], sets: Sequence[Sequence[int]], *, most: int = 6) -> list[list[str]]:
    """Return for each set its most telling words, the most telling first.

    A word tells by how many of the set have it, and by how much rarer it is among all ``texts``. Of words with the
    same beginning the first stands for all.
    """
    words = [set(words_of(text)) for text in texts]
    everywhere = _counted(words)
    return [_of_set([words[place] for place in places], everywhere, len(texts), most) for places in sets]


def _of_set(words: Sequence[set[str]], everywhere: Counter[str], total: int, most: int) -> list[str]:
    worth = {
        word: times / len(words) * math.log((times / len(words)) / (everywhere[word] / total))
        for word, times in _counted(words).items()
        if times >= _LEAST
    }
    chosen: dict[str, str] = {}
    for word in sorted(worth, key=lambda word: (-worth[word], word)):
        if worth[word] <= 0 or len(chosen) == most:
            break
        chosen.setdefault(word[:5], word)
    return list(chosen.values())


def _counted(texts: Iterable[set[str]]) -> Counter[str]:
    return Counter(word for words in texts for word in words if len(word) >= _SHORTEST)

"""Deciding whether two texts are near-identical, by counting word edits in each message."""

from typing import Final

from rapidfuzz.distance import Levenshtein

from incidents.queues.grouping.texts import Text

FEWEST_WORDS: Final = 4  # shorter messages must be equal: one word is too much of them
WORDS_PER_EDIT: Final = 10


def may_be_alike(text: Text, word_count: int) -> bool:
    """Tell from the number of words alone whether a text of ``word_count`` words could be close enough."""
    allowed = max(text.word_count, word_count) // WORDS_PER_EDIT + len(text.parts)
    return abs(text.word_count - word_count) <= allowed


def edits_between(text: Text, other: Text) -> int | None:
    """Return how many words were put in, left out or replaced; None where those are too many, or the rest differs."""
    if text.attached != other.attached or [part.role for part in text.parts] != [part.role for part in other.parts]:
        return None
    total = 0
    for mine, theirs in zip(text.parts, other.parts, strict=True):
        allowed = _allowed_edits(max(len(mine.words), len(theirs.words)))
        edits = Levenshtein.distance(mine.words, theirs.words, score_cutoff=allowed)
        if edits > allowed:
            return None
        total += edits
    return total


def _allowed_edits(word_count: int) -> int:
    return max(word_count // WORDS_PER_EDIT, 1) if word_count >= FEWEST_WORDS else 0

"""Keys that near-identical texts share, as signed 64-bit numbers: what is stored for a leader and looked up for a text.

A long text has the 16 bands of 4 of a MinHash over its pairs of words. In a short one a single edit changes most pairs,
so it has one key for itself and one for each word left out: any two texts one word apart share one of these.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import chain, pairwise
from typing import Final, NamedTuple

from rensa import RMinHash

from incidents.queues.grouping.likeness import FEWEST_WORDS
from incidents.queues.grouping.texts import Text
from incidents.queues.grouping.version import VERSION

BANDS: Final = 16
ROWS: Final = 4
SEED: Final = 42
LONGEST_SHORT: Final = 15  # words; its keys are then as many as there are bands
MOST_WORDS: Final = 20_000  # longer texts join only what is equal: comparing them would take too long

_KEY: Final = blake2b(digest_size=8, person=b"group-%d" % VERSION)


class Keys(NamedTuple):
    """Under what leaders close to a text are stored, and by what it is found itself when it leads a group.

    At the border between short and long, one edit may lead to the other side: both kinds are looked up there. None are
    stored where a text is found by its hash alone.
    """

    to_find: list[int]
    to_store: list[int]


def keys_of(texts: Sequence[Text]) -> list[Keys]:
    """Return the keys of each text."""
    bands = iter(_bands([text for text in texts if _has_bands(text)]))
    return [_keys_of(text, next(bands) if _has_bands(text) else []) for text in texts]


def _keys_of(text: Text, bands: list[int]) -> Keys:
    without_a_word = _keys_without_a_word(text)
    return Keys(bands + without_a_word, bands if text.word_count > LONGEST_SHORT else without_a_word)


def _has_bands(text: Text) -> bool:
    return LONGEST_SHORT <= text.word_count <= MOST_WORDS


def _bands(texts: Sequence[Text]) -> list[list[int]]:
    """Return 16 keys for each text."""
    pairs = [[f"{one} {two}" for part in text.parts for one, two in pairwise(part.words)] for text in texts]
    rows = RMinHash.digest_matrix_from_token_sets(pairs, BANDS * ROWS, SEED).to_rows()
    return [[_key((band, *row[band * ROWS : band * ROWS + ROWS])) for band in range(BANDS)] for row in rows]


def _keys_without_a_word(text: Text) -> list[int]:
    if not FEWEST_WORDS <= text.word_count <= LONGEST_SHORT + 1:
        return []
    words = list(chain.from_iterable(part.words for part in text.parts))
    left_out = (words[:at] + words[at + 1 :] for at in range(len(words)))
    return list({_key(rest) for rest in chain([words], left_out)})


def _key(values: Iterable[object]) -> int:
    key = _KEY.copy()
    key.update("\x1f".join(map(str, values)).encode())
    return int.from_bytes(key.digest(), signed=True)

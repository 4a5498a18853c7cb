"""Whole numbers as the database holds them, and how one is read from an address, a form or a body."""

from typing import Final

BIGGEST_INTEGER: Final = 2**31 - 1  # of a column of 32 bit: counts, fences, versions, places in a text
BIGGEST_BIGINT: Final = 2**63 - 1  # of a column of 64 bit, as every id is; below zero as much is taken as above


def read_id(text: str) -> int | None:
    """Return the number that ``text`` is, from 0 to ``BIGGEST_BIGINT`` in ASCII digits alone; None of anything else.

    More digits than such a number has are not converted: Python raises ValueError from 4,300 on.
    """
    if not text.isascii() or not text.isdigit() or len(text) > len(str(BIGGEST_BIGINT)):
        return None
    number = int(text)
    return number if number <= BIGGEST_BIGINT else None

"""Numbers as people read them, in the language of the page: 17,204 and 0.93 in English, 17.204 and 0,93 in German.

Only for text: what a program reads (addresses, attributes, SVG, JSON, CSV) keeps Python's own digits.
"""

from django.utils.formats import number_format


class Amount(int):
    """A whole number that reads with its thousands separated, and still counts for singular and plural."""

    def __str__(self) -> str:
        return count(self)


def count(value: int) -> str:
    return number_format(int(value), 0, force_grouping=True)


def decimal(value: float, places: int) -> str:
    return number_format(f"{value:.{places}f}", places, force_grouping=True)  # it would cut a float off, not round it


def percent(share: float) -> str:
    """Return a share of 1 in percent, without the sign: "8.1"."""
    return decimal(100 * share, 1)


def compact(value: float) -> str:
    """Return a number with the decimals that it has, at most six figures: "0.5", "12"."""
    text = f"{value:g}"
    return text if "e" in text else number_format(text)

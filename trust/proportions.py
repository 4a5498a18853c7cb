"""How sure a share is."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final

Z_OF_95_PERCENT: Final = 1.959963984540054
TOO_FEW: Final = 10


@dataclass(frozen=True)
class Share:
    """``part`` of ``whole``, both counted, with the interval of 95 % in which the share lies."""

    part: int
    whole: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Drawn:
    """Things that were drawn, each with a weight, one by its chance of being drawn: how many, sums of 1, w and w²."""

    count: int = 0
    weight: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Drawn) -> Drawn:
        return Drawn(self.count + other.count, self.weight + other.weight, self.squares + other.squares)

    @classmethod
    def of(cls, chance: float, count: int) -> Drawn:
        """Return ``count`` things that were drawn with ``chance``, above 0 and at most 1."""
        return cls(count, count / chance, count / chance**2)


def share_of(part: int, whole: int, *, least: int = TOO_FEW) -> Share | None:
    """Return the share with its Wilson interval (Wilson 1927); None when ``whole`` is too few to say."""
    if whole < least:
        return None
    return Share(part, whole, part / whole, *_wilson(part / whole, whole))


def weighed_share_of(part: Drawn, whole: Drawn, *, least: int = TOO_FEW) -> Share | None:
    """Return the share of the weight, as if of so many equal draws as tell as much: (Σw)² / Σw² (Kish 1965).

    The interval is Wilson's of that number; without weights it is ``share_of``. None when ``whole`` is too few to say.
    """
    if whole.count < least:
        return None
    value = part.weight / whole.weight
    return Share(part.count, whole.count, value, *_wilson(value, whole.weight**2 / whole.squares))


def _wilson(value: float, whole: float) -> tuple[float, float]:
    z2 = Z_OF_95_PERCENT**2
    middle = (value + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z_OF_95_PERCENT / (1 + z2 / whole) * sqrt(value * (1 - value) / whole + z2 / (4 * whole**2))
    return max(0.0, middle - half), min(1.0, middle + half)

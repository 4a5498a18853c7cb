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


def share_of(part: int, whole: int, *, least: int = TOO_FEW) -> Share | None:
    """Return the share with its Wilson interval (Wilson 1927); None when ``whole`` is too few to say."""
    if whole < least:
        return None
    value, z2 = part / whole, Z_OF_95_PERCENT**2
    middle = (value + z2 / (2 * whole)) / (1 + z2 / whole)
    half = Z_OF_95_PERCENT / (1 + z2 / whole) * sqrt(value * (1 - value) / whole + z2 / (4 * whole**2))
    return Share(part, whole, value, max(0.0, middle - half), min(1.0, middle + half))

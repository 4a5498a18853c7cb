"""How much it says that two actors are active in the same minutes: never enough by itself. Pure: knows no table.

Time is cut into windows of five minutes and spans of four hours. What would two actors share by chance? Who is awake at
the same time of day is active in the same spans, so the spans are taken as given, and only the place within is left to
chance, as in the jitter tests for spike trains (Date, Bienenstock and Geman 1998; Amarasingham and others 2012). In a
span with the windows A and B of the two they share one or more with a chance of at most

    λ = min(1, max(|A|·|B| / 48, |B|·Σ over A of q, |A|·Σ over B of p))

where p and q are the habits of the two: which share of their windows of that time of day, on all other days, lies at
the same minutes. So two who run something at each full hour, or every night at three, share what is expected of them.
A span counts once however many windows are shared in it, since windows come in sessions. Windows in which more than
``MOST_AT_ONCE`` of all compared actors are active are left out: a batch or an outage tells of everybody. k spans or
more are shared by chance with P ≤ e^(k - Λ)·(Λ/k)^k, where Λ is the sum of all λ (Chernoff's bound for independent
trials), and ``surprise`` is minus its logarithm. See decision 23.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from math import log
from typing import Final

MINUTES: Final = 5
PER_HOUR: Final = 60 // MINUTES
HOURS: Final = 4
PER_SPAN: Final = HOURS * PER_HOUR
SPANS_A_DAY: Final = 24 // HOURS
PER_DAY: Final = 24 * PER_HOUR
MOST_AT_ONCE: Final = 4
FEWEST_SHARED: Final = 6
FEWEST_DAYS: Final = 3  # of one day alone it says little: a shared event
MOST_WEIGHT: Final = 0.5  # of 0.8 that link
SAYS_NOTHING: Final = 8.0  # in nats: one in three thousand
SAYS_ALL: Final = 18.0  # one in 65 million


@dataclass(frozen=True)
class SameMinutes:
    """In so many spans of four hours two actors share five minutes, and in how many they would by chance.

    ``windows`` are the five minutes themselves, ``days`` those on which they lie.
    """

    shared: int
    expected: float
    windows: int
    days: int

    @property
    def surprise(self) -> float:
        """Return minus the logarithm of how likely as many, or more, would be by chance, at most; 0 of no more."""
        if self.shared <= self.expected:
            return 0.0
        return self.shared * log(self.shared / self.expected) - self.shared + self.expected

    @property
    def weight(self) -> float:
        """Return 0 to 0.5, as ``weighing.weight_of`` does for things."""
        if self.shared < FEWEST_SHARED or self.days < FEWEST_DAYS:
            return 0.0
        share = (self.surprise - SAYS_NOTHING) / (SAYS_ALL - SAYS_NOTHING)
        return MOST_WEIGHT * max(0.0, min(1.0, share))


def same_minutes(actor: int, windows: Mapping[int, AbstractSet[int]]) -> dict[int, SameMinutes]:
    """Compare ``actor`` with all others of ``windows``: by actor, the numbers of the windows since the epoch.

    Returns those with whom it shares any window. Cost follows the windows given, not the pairs of all.
    """
    crowds = Counter(window for theirs in windows.values() for window in theirs)
    rare = {
        one: _Rhythm({window for window in theirs if crowds[window] <= MOST_AT_ONCE}) for one, theirs in windows.items()
    }
    own = rare.pop(actor, _Rhythm(set()))
    found = {}
    for other, theirs in rare.items():
        if shared := own.windows & theirs.windows:
            expected = sum(_chance(span, own, theirs) for span in own.spans.keys() & theirs.spans.keys())
            days = {window // PER_DAY for window in shared}
            spans = {window // PER_SPAN for window in shared}
            found[other] = SameMinutes(len(spans), expected, len(shared), len(days))
    return found


class _Rhythm:
    """The windows of an actor by span, and how many it has at each place and each time of the day."""

    def __init__(self, windows: AbstractSet[int]) -> None:
        self.windows = windows
        self.spans: dict[int, set[int]] = {}
        for window in windows:
            self.spans.setdefault(window // PER_SPAN, set()).add(window)
        self.places = Counter(window % PER_DAY for window in windows)
        self.times = Counter(window % PER_DAY // PER_SPAN for window in windows)

    def habit(self, span: int, windows: Iterable[int]) -> float:
        """Return which share of what it does at this time of day, on other days, lies at the minutes of ``windows``."""
        here = self.spans[span]
        others = self.times[span % SPANS_A_DAY] - len(here)
        at = sum(self.places[window % PER_DAY] - (window in here) for window in windows)
        return at / others if others else 0.0


def _chance(span: int, one: _Rhythm, other: _Rhythm) -> float:
    here, there = one.spans[span], other.spans[span]
    evenly = len(here) * len(there) / PER_SPAN
    return min(1.0, max(evenly, len(there) * other.habit(span, here), len(here) * one.habit(span, there)))

"""What two sequences have in common, in order: Myers' shortest edit where they are close, common landmarks where not.

Source of the first: Myers, "An O(ND) difference algorithm and its variations", 1986; of the second: Cohen's patience
diff, here with landmarks of up to four entries in a row, because single words repeat too often.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# About half a second on a slow core, however large and hostile the texts.
MOST_STEPS: Final = 1_500_000
MOST_EDITS: Final = 256
# More than anybody reads on one page: what comes after them is told as replaced whole.
MOST_PIECES: Final = 10_000
LANDMARKS: Final = (4, 2, 1)

Run = tuple[int, int, int]  # begins in the old, begins in the new, length
Gap = tuple[int, int, int, int]


@dataclass
class Budget:
    """The steps and pieces left. One budget serves a whole comparison: many hard fields cost no more than one."""

    steps: int = MOST_STEPS
    pieces: int = MOST_PIECES

    def spend(self, steps: int) -> bool:
        """Take ``steps`` away; say whether there were enough."""
        self.steps -= steps
        return self.steps >= 0


def runs(old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget) -> list[Run]:
    """Return the stretches that both share, in order, none overlapping. What lies between was replaced."""
    found: list[Run] = []
    gaps: list[Gap] = [(0, len(old), 0, len(new))]
    while gaps:
        gap = _trimmed(old, new, gaps.pop(), found)
        left, right, new_left, new_right = gap
        if left == right or new_left == new_right:
            continue
        close = _shortest(old[left:right], new[new_left:new_right], budget)
        if close is None:
            gaps += _between_landmarks(old, new, gap, budget)
        else:
            found += [(left + i, new_left + j, length) for i, j, length in close]
    return sorted(found)


def _trimmed(old: Sequence[Hashable], new: Sequence[Hashable], gap: Gap, found: list[Run]) -> Gap:
    """Cut off what both sides of ``gap`` begin and end with, and note it in ``found``."""
    left, right, new_left, new_right = gap
    shorter = min(right - left, new_right - new_left)
    ahead = 0
    while ahead < shorter and old[left + ahead] == new[new_left + ahead]:
        ahead += 1
    behind = 0
    while behind < shorter - ahead and old[right - behind - 1] == new[new_right - behind - 1]:
        behind += 1
    if ahead:
        found.append((left, new_left, ahead))
    if behind:
        found.append((right - behind, new_right - behind, behind))
    return left + ahead, right - behind, new_left + ahead, new_right - behind


def _shortest(old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget) -> list[Run] | None:
    """Return the runs of the shortest edit; None when it is longer than MOST_EDITS or the budget is spent."""
    size, new_size = len(old), len(new)
    if not budget.spend(size + new_size):
        return None
    if size == 1 or new_size == 1:
        return _one(old, new)
    if size + new_size > MOST_EDITS and not _may_be_close(old, new):
        return None
    reached = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(size + new_size, MOST_EDITS) + 1):
        trail.append(dict(reached))
        steps = edits + 1
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1])
            at = reached[diagonal + 1] if down else reached[diagonal - 1] + 1
            start = at
            while at < size and at - diagonal < new_size and old[at] == new[at - diagonal]:
                at += 1
            steps += at - start
            reached[diagonal] = at
            if at >= size and at - diagonal >= new_size:
                return _retraced(trail, size, new_size)
        if not budget.spend(steps):
            return None
    return None


def _one(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Run]:
    """Return the run that both share, where one of them has a single entry."""
    if len(old) == 1:
        return [(0, new.index(old[0]), 1)] if old[0] in new else []
    return [(old.index(new[0]), 0, 1)] if new[0] in old else []


def _may_be_close(old: Sequence[Hashable], new: Sequence[Hashable]) -> bool:
    """Say whether at most MOST_EDITS could be enough: no edit is shorter than what has no partner on the other side."""
    return len(old) + len(new) - 2 * (Counter(old) & Counter(new)).total() <= MOST_EDITS


def _retraced(trail: list[dict[int, int]], at: int, new_at: int) -> list[Run]:
    """Walk back over the furthest points that were reached with each number of edits."""
    found: list[Run] = []
    for edits in range(len(trail) - 1, -1, -1):
        reached, diagonal = trail[edits], at - new_at
        down = diagonal == -edits or (diagonal != edits and reached[diagonal - 1] < reached[diagonal + 1])
        before = diagonal + 1 if down else diagonal - 1
        came_from = reached[before] if edits else 0
        start = came_from if down or not edits else came_from + 1
        if at > start:
            found.append((start, start - diagonal, at - start))
        at, new_at = came_from, came_from - before
    return found


def _between_landmarks(old: Sequence[Hashable], new: Sequence[Hashable], gap: Gap, budget: Budget) -> list[Gap]:
    """Cut ``gap`` at what stands once on each side, in the same order; none left when there is nothing of the kind.

    Each part but the first begins with its landmark, which trimming then takes.
    """
    left, right, new_left, new_right = gap
    for width in LANDMARKS:
        if not budget.spend(right - left + new_right - new_left):
            return []
        once, new_once = _once(old, left, right, width), _once(new, new_left, new_right, width)
        pairs = [(at, new_once[mark]) for mark, at in once.items() if mark in new_once]
        kept = increasing([new_at for _at, new_at in pairs])
        if kept:
            corners = [(left, new_left), *(pairs[place] for place in kept), (right, new_right)]
            return [(a, b, c, d) for (a, c), (b, d) in pairwise(corners)]
    return []


def _once(entries: Sequence[Hashable], start: int, end: int, width: int) -> dict[tuple[Hashable, ...], int]:
    """Return where each stretch of ``width`` entries begins that stands here once, in order of place."""
    stretch = entries[start:end]
    marks = list(zip(*(stretch[offset:] for offset in range(width)), strict=False))
    times = Counter(marks)
    return {mark: place for place, mark in enumerate(marks, start) if times[mark] == 1}


def increasing(numbers: Sequence[int]) -> list[int]:
    """Return the places of a longest increasing subsequence of ``numbers``, which are all different."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        places[length : length + 1] = [place]
    kept: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        kept.append(place)
        place = before[place]
    return kept[::-1]

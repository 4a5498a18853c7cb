"""Which counts of a table are hidden, so that none points at a few people. Pure functions; the rule is written out,
for whoever wants to build it again, in docs/statistics.md.

A table is a grid of R + 1 rows and C + 1 columns: the last row and the last column hold the totals, the corner the
grand total. The last column is the *totals of the rows*, the last row the *totals of the columns*.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

K: Final = 10

Grid = Sequence[Sequence[int]]
Place = tuple[int, int]


def hidden_places(counts: Grid, actors: Grid, k: int = K) -> frozenset[Place]:
    """Return the places (row, column) of ``counts`` to hide; ``actors`` are the distinct actors behind each.

    First what is of few, then totals of rows, then whatever else would give one of these away.
    """
    of_few = places_of_few(counts, actors, k)
    protection = _Protection(counts, of_few | further_totals(counts, of_few, k))
    protection.complete(of_few, k)
    return frozenset(protection.hidden)


def places_of_few(counts: Grid, actors: Grid, k: int) -> set[Place]:
    """Return the places with a count of fewer than ``k`` actors, and the zeros in a line whose total is of so few.

    Not the zeros of a line that holds nothing at all: its total says so already.
    """
    total_row, total_column = len(counts) - 1, len(counts[0]) - 1

    def is_of_few(row: int, column: int) -> bool:
        return counts[row][column] > 0 and actors[row][column] < k

    return {
        (row, column)
        for row, column in _places(counts)
        if is_of_few(row, column)
        or (
            counts[row][column] == 0
            and not _is_of_nothing(counts, (row, column))
            and (is_of_few(row, total_column) or is_of_few(total_row, column))
        )
    }


def further_totals(counts: Grid, hidden: set[Place], k: int) -> set[Place]:
    """Return the totals of rows to hide besides, so that the grand total gives none of them away.

    Decided from the totals of the rows alone: every table of the same counts by the same rows hides the same ones.
    """
    total_row, total_column = len(counts) - 1, len(counts[0]) - 1
    if (total_row, total_column) in hidden:
        return set()
    known = {row for row in range(total_row) if (row, total_column) in hidden}
    further: set[int] = set()
    others = [row for row in range(total_row) if row not in known and counts[row][total_column] > 0]
    for row in sorted(others, key=lambda row: (counts[row][total_column], row)):
        together = known | further
        if not known or (len(together) > 1 and sum(counts[one][total_column] for one in together) >= k):
            break
        further.add(row)
    return {(row, total_column) for row in further}


def width_of(counts: Grid, hidden: Iterable[Place], place: Place, enough: int) -> int:
    """Return how wide the interval is that the shown counts leave for ``place``; at most ``enough``.

    The bounds are those of the linear sums over counts that are not negative; they are exact.
    """
    return _Protection(counts, hidden).width(place, enough)


class _Protection:
    """A table in which more and more places are hidden, until the sums leave each of them a wide interval.

    Every count stands in two sums, that of its row and that of its column, so the table is a network: sums are nodes,
    counts are flows between them, and what a hidden count can gain or lose is the greatest flow back round it.
    """

    def __init__(self, counts: Grid, hidden: Iterable[Place]) -> None:
        self.counts = counts
        self.total_row, self.total_column = len(counts) - 1, len(counts[0]) - 1
        self.hidden: set[Place] = set()
        self.edges: dict[int, set[int]] = {}
        self._hide(hidden)

    def complete(self, of_few: set[Place], k: int) -> None:
        """Hide further places until every hidden one has the width that it needs, first of reading first.

        It needs k; where it is of few also its own count, so that one actor's forty are not told to within ten.
        """
        needed = {place: max(k, self._count(place)) for place in of_few}
        safe: set[Place] = set()  # hiding more never makes a place less safe
        while open_places := sorted(self.hidden - safe):
            place = open_places[0]
            enough = needed.get(place, k)
            if self.width(place, enough) >= enough:
                safe.add(place)
            else:
                self._hide(self._cheapest_rectangle(place, enough) or self._smallest_near(place))

    # ── What to hide next ────────────────────────────────

    def _cheapest_rectangle(self, place: Place, needed: int) -> list[Place]:
        """Return the three other corners of the rectangle that protects ``place`` for the least, or nothing.

        In it, what ``place`` gains two corners lose; these must be able to lose ``needed``.
        """
        best: tuple[int, Place] | None = None
        corners_of_best: list[Place] = []
        for other in _places(self.counts):
            corners = self._corners(place, other)
            further = [corner for corner in corners if corner not in self.hidden]
            if not further or not all(self._may_hide(corner) for corner in further):
                continue
            if any(self._count(corner) < needed for corner in corners if self._loses(corner, place)):
                continue
            cost = (sum(self._count(corner) for corner in further), other)
            if best is None or cost < best:
                best, corners_of_best = cost, corners
        return corners_of_best

    def _corners(self, place: Place, other: Place) -> list[Place]:
        if place[0] == other[0] or place[1] == other[1]:
            return []
        return [(place[0], other[1]), (other[0], place[1]), other]

    def _loses(self, corner: Place, place: Place) -> bool:
        """Say whether ``corner`` goes down when ``place`` goes up round their rectangle."""
        return self._sign(corner) * self._sign(place) * (1 if self._is_opposite(corner, place) else -1) < 0

    def _sign(self, place: Place) -> int:
        return (-1 if place[0] == self.total_row else 1) * (-1 if place[1] == self.total_column else 1)

    def _is_opposite(self, corner: Place, place: Place) -> bool:
        return corner[0] != place[0] and corner[1] != place[1]

    def _smallest_near(self, place: Place) -> list[Place]:
        """Return the smallest place that may still be hidden: in the line of ``place``, else anywhere; zeros last."""
        free = [other for other in _places(self.counts) if other not in self.hidden and self._may_hide(other)]
        near = [other for other in free if other[0] == place[0] or other[1] == place[1]]
        return [min(near or free, key=lambda other: (self._count(other) == 0, self._count(other), other))]

    def _may_hide(self, place: Place) -> bool:
        """Say whether ``place`` may be hidden for another's sake: never a row's total, which other tables show too."""
        return place[1] != self.total_column and not _is_of_nothing(self.counts, place)

    # ── The network ──────────────────────────────────────

    def _hide(self, places: Iterable[Place]) -> None:
        for place in places:
            if place not in self.hidden:
                self.hidden.add(place)
                tail, head = self._ends(place)
                self.edges.setdefault(tail, set()).add(head)
                self.edges.setdefault(head, set()).add(tail)

    def _ends(self, place: Place) -> tuple[int, int]:
        """Return the two sums of ``place`` in the direction in which its count flows."""
        row, column = place[0], self.total_row + 1 + place[1]
        return (row, column) if self._sign(place) > 0 else (column, row)

    def width(self, place: Place, enough: int) -> int:
        tail, head = self._ends(place)
        gain = self._flow(head, tail, place, enough)
        if gain >= enough:
            return enough
        return min(enough, gain + min(self._count(place), self._flow(tail, head, place, enough - gain)))

    def _flow(self, start: int, end: int, without: Place, most: int) -> int:
        """Return the greatest flow from ``start`` to ``end`` beside ``without``, at most ``most``."""
        changes: dict[Place, int] = {}
        total = 0
        while total < most and (path := self._path(start, end, without, changes)):
            step = min([most - total, *(self._room(place, sign, changes) for place, sign in path)])
            for place, sign in path:
                changes[place] = changes.get(place, 0) + sign * step
            total += step
        return total

    def _room(self, place: Place, sign: int, changes: dict[Place, int]) -> int:
        """Return how far ``place`` can still go up (without end) or down (to zero)."""
        return _ENDLESS if sign > 0 else self._count(place) + changes.get(place, 0)

    def _path(self, start: int, end: int, without: Place, changes: dict[Place, int]) -> list[tuple[Place, int]]:
        came: dict[int, tuple[int, Place, int]] = {}
        waiting = deque([start])
        while waiting and end not in came:
            node = waiting.popleft()
            for neighbour in self.edges.get(node, ()):
                place = self._between(node, neighbour)
                sign = 1 if self._ends(place) == (node, neighbour) else -1
                if neighbour == start or neighbour in came or place == without:
                    continue
                if self._room(place, sign, changes) > 0:
                    came[neighbour] = (node, place, sign)
                    waiting.append(neighbour)
        return list(_back(came, end, start)) if end in came else []

    def _between(self, node: int, neighbour: int) -> Place:
        row, column = min(node, neighbour), max(node, neighbour) - self.total_row - 1
        return row, column

    def _count(self, place: Place) -> int:
        return self.counts[place[0]][place[1]]


_ENDLESS: Final = 2**63


def _back(came: dict[int, tuple[int, Place, int]], node: int, start: int) -> Iterator[tuple[Place, int]]:
    while node != start:
        node, place, sign = came[node]
        yield place, sign


def _is_of_nothing(counts: Grid, place: Place) -> bool:
    """Say whether ``place`` stands in a row or column that adds up to zero."""
    return counts[place[0]][-1] == 0 or counts[-1][place[1]] == 0


def _places(counts: Grid) -> Iterator[Place]:
    """Yield all places in the order of reading: row by row, each from left to right, totals last."""
    return ((row, column) for row in range(len(counts)) for column in range(len(counts[0])))

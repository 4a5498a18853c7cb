"""What many ways of looking agree on: a tree of texts, and the branches of it that are worth telling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LARGE: Final = 1.5  # how much a branch is worth: size ** LARGE * agreement ** TIGHT
TIGHT: Final = 0.8
SMALLEST: Final = 5  # texts; fewer are no gap yet
_LOOSE: Final = 0.5  # of the median of a branch: who agrees with the others less is left out

_Seats = dict[tuple[int, int], float]  # (way of looking, community): the share of a branch's texts that are in it


@dataclass(frozen=True, slots=True)
class _Branch:
    members: list[int]
    seats: _Seats
    worth: float
    kept: list[list[int]]  # the best set of branches in it, itself or smaller ones


def branches(ways: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return sets of texts that belong together by most ``ways`` of putting them into communities; each once at most.

    Two texts agree by the share of ways that put them together. Branches are joined by average agreement (UPGMA, found
    by chains of nearest neighbours, which gives the same tree); then the sets of most worth are kept, largest first.
    """
    forest = _grown(ways)
    kept = [_tight(members, ways) for branch in forest for members in branch.kept]
    return sorted((members for members in kept if len(members) >= SMALLEST), key=lambda m: (-len(m), m[0]))


def _grown(ways: Sequence[Sequence[int]]) -> list[_Branch]:
    count = len(ways[0])
    live = {
        text: _Branch([text], {(number, way[text]): 1.0 for number, way in enumerate(ways)}, 0.0, [])
        for text in range(count)
    }
    seated: dict[tuple[int, int], dict[int, float]] = {}
    for name, branch in live.items():
        for seat in branch.seats:
            seated.setdefault(seat, {})[name] = 1.0
    done: list[_Branch] = []
    chain: list[int] = []
    new = count
    while live:
        if not chain:
            chain.append(next(iter(live)))
        nearest, agreement = _nearest(chain[-1], live, seated, before=chain[-2] if len(chain) > 1 else None)
        if nearest is None:
            done.append(_taken(chain.pop(), live, seated))
        elif len(chain) > 1 and nearest == chain[-2]:
            pair = [_taken(chain.pop(), live, seated), _taken(chain.pop(), live, seated)]
            live[new] = _joined(*pair, agreement=agreement / len(ways))
            for seat, share in live[new].seats.items():
                seated[seat][new] = share
            new += 1
        else:
            chain.append(nearest)
    return done


def _nearest(
    name: int, live: dict[int, _Branch], seated: dict[tuple[int, int], dict[int, float]], *, before: int | None
) -> tuple[int | None, float]:
    agreements: dict[int, float] = {}
    for seat, share in live[name].seats.items():
        for other, their_share in seated[seat].items():
            agreements[other] = agreements.get(other, 0.0) + share * their_share
    agreements.pop(name)
    if not agreements:
        return None, 0.0
    most = max(agreements.values())
    if before is not None and agreements.get(before, 0.0) >= most - 1e-9:
        return before, agreements[before]
    return min(other for other, agreement in agreements.items() if agreement >= most - 1e-9), most


def _taken(name: int, live: dict[int, _Branch], seated: dict[tuple[int, int], dict[int, float]]) -> _Branch:
    branch = live.pop(name)
    for seat in branch.seats:
        del seated[seat][name]
    return branch


def _joined(one: _Branch, other: _Branch, *, agreement: float) -> _Branch:
    members = one.members + other.members
    seats: _Seats = {}
    for branch in (one, other):
        share = len(branch.members) / len(members)
        for seat, their_share in branch.seats.items():
            seats[seat] = seats.get(seat, 0.0) + share * their_share
    apart = one.worth + other.worth
    worth = len(members) ** LARGE * agreement**TIGHT if len(members) >= SMALLEST else 0.0
    if worth >= apart and worth > 0:
        return _Branch(members, seats, worth, [members])
    return _Branch(members, seats, apart, one.kept + other.kept)


def _tight(members: list[int], ways: Sequence[Sequence[int]]) -> list[int]:
    """Leave out who agrees with the other members much less than they do among themselves."""
    agreements = dict.fromkeys(members, 0)
    for way in ways:
        sizes: dict[int, int] = {}
        for member in members:
            sizes[way[member]] = sizes.get(way[member], 0) + 1
        for member in members:
            agreements[member] += sizes[way[member]] - 1
    median = sorted(agreements.values())[len(members) // 2]
    return sorted(member for member in members if agreements[member] >= _LOOSE * median)

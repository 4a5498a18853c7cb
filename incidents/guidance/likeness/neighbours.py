"""Who is like whom: the nearest texts of each text, seen from many sides."""

from __future__ import annotations

import heapq
import random
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from incidents.guidance.likeness.features import Vector

Graph = list[dict[int, float]]  # of each text the others that it is linked to, and how strongly

PARTS: Final = 16  # features are dealt into parts; a view sees half of them
_CANDIDATES: Final = 80  # of each text, by all features
_NEAREST: Final = 40  # of each text, in one view


@dataclass(frozen=True, slots=True)
class Sides:
    """What is alike in each pair of near texts, and how long each text is, part by part."""

    alike: dict[tuple[int, int], array[float]]
    squares: list[array[float]]


def sides_of(vectors: Sequence[Vector]) -> Sides:
    """Find the candidates of each text, and part by part what they have in common."""
    parts = {feature: zlib.crc32(feature.encode()) % PARTS for vector in vectors for feature in vector}
    alike: dict[tuple[int, int], array[float]] = {}
    for one, near in enumerate(_candidates(vectors)):
        for other in near:
            pair = (one, other) if one < other else (other, one)
            if pair not in alike:
                alike[pair] = _in_common(vectors[one], vectors[other], parts)
    return Sides(alike, [_in_common(vector, vector, parts) for vector in vectors])


def view(sides: Sides, chance: random.Random) -> Graph:
    """Link texts that are among each other's nearest, by a half of the parts alone.

    What is alike by a single feature is so in few views; what is alike by many is so in most.
    """
    seen = sorted(chance.sample(range(PARTS), PARTS // 2))
    lengths = [sum(square[part] for part in seen) ** 0.5 for square in sides.squares]
    near: list[list[tuple[float, int]]] = [[] for _ in lengths]
    for (one, other), common in sides.alike.items():
        strength = sum([common[part] for part in seen])
        if strength > 0:
            strength /= lengths[one] * lengths[other]
            near[one].append((strength, other))
            near[other].append((strength, one))
    nearest = [{other: strength for strength, other in heapq.nlargest(_NEAREST, links)} for links in near]
    return [
        {other: strength for other, strength in links.items() if one in nearest[other]}
        for one, links in enumerate(nearest)
    ]


def _candidates(vectors: Sequence[Vector]) -> list[list[int]]:
    standing: dict[str, list[tuple[int, float]]] = {}
    for one, vector in enumerate(vectors):
        for feature, weight in vector.items():
            standing.setdefault(feature, []).append((one, weight))
    found = []
    for one, vector in enumerate(vectors):
        strengths: dict[int, float] = {}
        for feature, weight in vector.items():
            for other, their_weight in standing[feature]:
                strengths[other] = strengths.get(other, 0.0) + weight * their_weight
        strengths.pop(one, None)
        found.append(
            [other for _strength, other in heapq.nlargest(_CANDIDATES, ((s, o) for o, s in strengths.items()))]
        )
    return found


def _in_common(one: Vector, other: Vector, parts: dict[str, int]) -> array[float]:
    common = array("d", bytes(8 * PARTS))
    if len(one) > len(other):
        one, other = other, one
    for feature, weight in one.items():
        if feature in other:
            common[parts[feature]] += weight * other[feature]
    return common

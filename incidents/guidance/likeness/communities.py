"""Communities in a graph: texts that are linked among themselves more than chance would link them (Louvain).

Blondel et al. 2008, doi 10.1088/1742-5468/2008/10/P10008, with the resolution of Reichardt and Bornholdt 2006.
"""

from __future__ import annotations

import random
from collections import deque
from typing import Final

from incidents.guidance.likeness.neighbours import Graph

_MOST_MOVES: Final = 10  # looks at a text, on average, before a level is left as it is


def communities(graph: Graph, *, resolution: float, chance: random.Random) -> list[int]:
    """Say of each text the number of its community. A higher ``resolution`` makes smaller ones."""
    result = list(range(len(graph)))
    while True:
        found = _moved(graph, resolution, chance)
        numbers: dict[int, int] = {}
        for community in found:
            numbers.setdefault(community, len(numbers))
        if len(numbers) == len(graph):
            return result
        found = [numbers[community] for community in found]
        result = [found[node] for node in result]
        graph = _folded(graph, found, len(numbers))


def _moved(graph: Graph, resolution: float, chance: random.Random) -> list[int]:
    """Start with everyone alone, and move one after the other to where they gain most, until nobody gains."""
    degrees = [sum(links.values()) for links in graph]
    scale = resolution / (sum(degrees) or 1.0)
    community = list(range(len(graph)))
    totals = degrees[:]
    order = list(range(len(graph)))
    chance.shuffle(order)
    waiting, is_waiting = deque(order), [True] * len(graph)
    looks = _MOST_MOVES * len(graph)
    while waiting and looks:
        looks -= 1
        node = waiting.popleft()
        is_waiting[node] = False
        totals[community[node]] -= degrees[node]
        best = _best(graph[node], community, totals, home=community[node], by_chance=scale * degrees[node], node=node)
        totals[best] += degrees[node]
        if best == community[node]:
            continue
        community[node] = best
        for other in graph[node]:
            if community[other] != best and not is_waiting[other]:
                waiting.append(other)
                is_waiting[other] = True
    return community


def _best(
    links: dict[int, float], community: list[int], totals: list[float], *, home: int, by_chance: float, node: int
) -> int:
    to: dict[int, float] = {home: 0.0}
    for other, strength in links.items():
        if other != node:
            to[community[other]] = to.get(community[other], 0.0) + strength
    best, most = home, to[home] - by_chance * totals[home]
    for candidate, strength in to.items():
        gain = strength - by_chance * totals[candidate]
        if gain > most + 1e-12:
            best, most = candidate, gain
    return best


def _folded(graph: Graph, community: list[int], count: int) -> Graph:
    """Make one node of each community; what its texts had among themselves is its link to itself."""
    folded: Graph = [{} for _ in range(count)]
    for node, links in enumerate(graph):
        mine = folded[community[node]]
        for other, strength in links.items():
            mine[community[other]] = mine.get(community[other], 0.0) + strength
    return folded

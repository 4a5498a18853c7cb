"""A small picture of a web: circles on rings around the actor, and lines. The table beside it says the same."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from incidents.linking.queries import Web

MOST_DRAWN: Final = 40
SIZE: Final = 360
_FROM_CENTRE: Final = (0, 80, 130, 165)


@dataclass(frozen=True)
class Dot:
    actor_id: int
    x: float
    y: float
    step: int


@dataclass(frozen=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    is_said: bool


@dataclass(frozen=True)
class Graph:
    dots: list[Dot]
    lines: list[Line]
    left_out: int


def graph_of(web: Web) -> Graph:
    """Place the nearest forty actors; who is one step further stands on the next ring."""
    shown = sorted(web.steps, key=lambda one: web.steps[one])[: MOST_DRAWN + 1]
    rings: dict[int, list[int]] = {}
    for actor in shown:
        rings.setdefault(web.steps[actor], []).append(actor)
    dots = {}
    for step, actors in rings.items():
        for place, actor in enumerate(actors):
            angle = 2 * pi * place / len(actors) - pi / 2
            away = _FROM_CENTRE[step]
            dots[actor] = Dot(
                actor, round(SIZE / 2 + away * cos(angle), 1), round(SIZE / 2 + away * sin(angle), 1), step
            )
    lines = [
        Line(dots[one].x, dots[one].y, dots[other].x, dots[other].y, is_said=link.word is not None)
        for link in web.links
        for one, other in [link.pair]
        if one in dots and other in dots
    ]
    return Graph(list(dots.values()), lines, left_out=len(web.steps) - len(shown))

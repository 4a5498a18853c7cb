"""Made-up accounts: rings that somebody runs, and innocent people who share networks, households and habits."""

import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from incidents.actors.models import Actor, Identifier
from incidents.actors.operations import identifier_digest
from tests.factories import NOW

KINDS = ("payment", "device", "phone", "ip")


@dataclass(frozen=True)
class Made:
    """The actors by number, who is in which ring, and all pairs of the rings."""

    actors: list[int]
    rings: list[list[int]]

    @property
    def pairs(self) -> set[tuple[int, int]]:
        return {pair for ring in self.rings for pair in combinations(sorted(ring), 2)}


def make(seed: int, *, rings: int = 20, innocents: int = 3_000, crowds: int = 5, crowd: int = 500) -> Made:
    """Make rings of 3 to 25 accounts among ``innocents``.

    Most members share two or three things with their ring, a fifth a single one. ``crowds`` addresses are shared by
    ``crowd`` innocents each. A third of the innocents live in households of two to four behind one address.
    """
    draw = random.Random(seed)
    sizes = [draw.randint(3, 25) for _ring in range(rings)]
    many = sum(sizes) + innocents
    actors = [
        actor.pk
        for actor in Actor.objects.bulk_create(
            Actor(kind=Actor.Kind.ACCOUNT, external_id=f"made-{seed}-{number}", created_at=NOW)
            for number in range(many)
        )
    ]
    left = actors.copy()
    draw.shuffle(left)
    held: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
    found = [[left.pop() for _member in range(size)] for size in sizes]
    for number, ring in enumerate(found):
        _share(draw, held, number, ring)
    crowded = [draw.sample(left, crowd) for _crowd in range(crowds)]
    for number, people in enumerate(crowded):
        for person in people:
            held[person].add(("ip", f"shared-{seed}-{number}"))
    for actor in actors:  # and what is theirs alone
        for kind in draw.sample(KINDS, 2):
            held[actor].add((kind, f"own-{seed}-{actor}"))
    Identifier.objects.bulk_create(
        Identifier(actor_id=actor, kind=kind, digest=identifier_digest(kind, value))
        for actor, theirs in held.items()
        for kind, value in sorted(theirs)
    )
    return Made(actors, found)


def _share(draw: random.Random, held: dict[int, set[tuple[str, str]]], number: int, ring: list[int]) -> None:
    """Let the ring have three things of its own; a fifth of the members have only the first of them."""
    kinds = draw.sample(KINDS, 3)
    things = [(kind, f"ring-{number}-{kind}-{draw.random()}") for kind in kinds]
    for place, member in enumerate(draw.sample(ring, len(ring))):
        has = 1 if place < len(ring) / 5 else draw.choice((2, 3))
        held[member].update([things[0], *draw.sample(things[1:], has - 1)])


def rhythms(draw: random.Random, *, innocents: int = 38, ring: int = 3, days: int = 30) -> dict[int, set[int]]:
    """Make the five-minute windows of ``innocents`` (numbered from 0) and of one ring (from 1000), by actor.

    Innocents work in sessions at their hours, run something at each hour or every night, or use an API all day; half of
    them come by at four moments at which many do. The ring is run by one person in up to three bursts a day.
    """
    made = {number: _innocent(draw, days) for number in range(innocents)}
    members = {1000 + number: set[int]() for number in range(ring)}
    for day in range(days):
        for _burst in range(draw.randint(0, 3)):
            at = day * 288 + draw.randrange(288)
            for windows in members.values():
                if draw.random() < 0.7:
                    windows.update(at + draw.randint(0, 1) + step for step in range(draw.randint(1, 2)))
    return {**made, **members}


def _innocent(draw: random.Random, days: int) -> set[int]:
    windows: set[int] = set()
    kind = draw.random()
    if kind < 0.15:
        place = draw.choice([0, 0, 0, 1, 6, draw.randrange(12)])
        hours = draw.choice([range(24), range(8, 18), [3], [0, 12]])
        for day in range(days):
            windows.update(
                day * 288 + hour * 12 + (place + (draw.random() < 0.2)) % 12 for hour in hours if draw.random() < 0.95
            )
    elif kind < 0.25:
        for day in range(days):
            windows.update(day * 288 + draw.randrange(288) for _call in range(draw.randint(20, 150)))
    else:
        start = draw.choice([7, 8, 9, 10, 18, 20]) + draw.choice([0, 0, 0, -6, 8])
        for day in range(days):
            for _session in range(draw.choice([0, 0, 0, 0, 1, 2, 3, 4])):
                at = day * 288 + start % 24 * 12 + int(draw.gauss(30, 24))
                windows.update(at + step for step in range(draw.randint(1, 9)) if draw.random() < 0.7)
    if draw.random() < 0.5:
        windows.update(event + draw.randint(0, 1) for event in (1540, 3298, 5850, 7340) if draw.random() < 0.6)
    return set(sorted(max(window, 0) for window in windows)[-300:])

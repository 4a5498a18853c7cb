"""A reviewer's two requests over HTTP, claim and decide, against an empty view behind the same middleware."""

import statistics
from collections import defaultdict

import psycopg

from bench import seed
from bench.registry import Result, at_most, bench, seconds
from bench.world import EMPTY, Visitor, World, in_parallel
from tests.factories import make_user

ROUNDS = 40  # of each reviewer
TIMES = 4.0

HELD = """
    select round.item_id, round.id, round.fence from queues_round round join accounts_user person
    on person.id = round.lease_by_id where person.id = %s and round.status = 'open'
"""
GIVE_BACK = """
    update queues_round set lease_by_id = null, lease_until = null where lease_by_id = %s and status = 'open'
"""

Times = dict[str, list[float]]


@bench("round_http")
def round_http(world: World) -> list[Result]:
    """Medians for one reviewer and for eight at once, each request in turns with the empty view."""
    seed.many_open_items(world)
    results = []
    with world.without_background():
        for reviewers in (1, 8):
            times = _measured(world, reviewers)
            empty = statistics.median(times["empty"])
            for name in ("claim", "decide"):
                label = f"round_http/{name} × {reviewers}"
                results.append(Result(label, statistics.median(times[name]), empty, "ms", at_most(TIMES)))
    return results


def _measured(world: World, reviewers: int) -> Times:
    all_times: list[Times] = [defaultdict(list) for _reviewer in range(reviewers)]
    people = [
        make_user(role="reviewer", email=f"round-{reviewers}-{number}@example.org") for number in range(reviewers)
    ]
    works = [
        lambda times=times, person=person, number=number: _review(world, person, f"bench-{number + 1}", times)
        for number, (times, person) in enumerate(zip(all_times, people, strict=True))
    ]
    in_parallel(works)
    return {name: [one for times in all_times for one in times[name]] for name in ("claim", "decide", "empty")}


def _review(world: World, person: object, slug: str, times: Times) -> None:
    """Claim and decide; the round that deciding hands out is given back, so that each claim is a real one."""
    visitor, key = world.visitor(person), person.pk  # type: ignore[attr-defined]
    visitor.get(EMPTY)
    with world.owner() as owner:
        owner.autocommit = True
        for _round in range(ROUNDS):
            owner.execute(GIVE_BACK, [key])
            times["claim"].append(_milliseconds(lambda: visitor.post(f"/queues/{slug}/claim/")))
            times["empty"].append(_milliseconds(lambda: visitor.get(EMPTY)))
            times["decide"].append(_decide(owner, visitor, key))
            times["empty"].append(_milliseconds(lambda: visitor.get(EMPTY)))
        owner.execute(GIVE_BACK, [key])


def _decide(owner: psycopg.Connection, visitor: Visitor, key: int) -> float:
    row = owner.execute(HELD, [key]).fetchone()
    if row is None:
        raise RuntimeError("the claim gave nothing")
    item, round_id, fence = row
    fields = {"round": str(round_id), "fence": str(fence), "verdict": "benign", "rows": "1", "note": ""}
    return _milliseconds(lambda: visitor.post(f"/items/{item}/decide/", **fields))


def _milliseconds(work: object) -> float:
    return seconds(work) * 1000  # type: ignore[arg-type]

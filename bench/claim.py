"""Claims in SQL against a plain update by primary key of the same rows, over eight connections."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

import psycopg

from bench import seed
from bench.registry import ROUNDS, Bar, Result, at_least, bench, interleaved
from bench.world import World, in_parallel
from incidents.queues.operations import claiming
from trust.accounts.models import User

CONNECTIONS = 8
CLAIMS = 100  # of each connection, in each round
WARM_UP = 6  # before those: after five, the server plans no more
LEASE = timedelta(minutes=15)

UPDATE = """
    update queues_round set lease_by_id = %(by)s, lease_until = now() + %(lease)s, fence = fence + 1
    where id = %(round)s
"""


# A statement, its values, and the list that takes what it returns.
Statements = Iterator[tuple[bytes, dict[str, object], list[int] | None]]


@bench("claim_sql")
def claim_sql(world: World) -> list[Result]:
    """Eight queues, then one hot queue; every claim by another person, since who holds a round is handed it again."""
    seed.many_open_items(world)
    with world.without_background():
        spread = _measured(world, "claim_sql", at_least(0.8), lambda number: f"bench-{number + 1}")
        hot = _measured(world, "claim_sql/one queue", at_least(0.5), lambda _number: "bench-1")
    return [spread, hot]


def _measured(world: World, name: str, bar: Bar, queue_of: Callable[[int], str]) -> Result:
    people = iter(_people(CONNECTIONS * (WARM_UP + CLAIMS) * ROUNDS * 2))
    rounds = iter(_free_rounds(world, CONNECTIONS * (WARM_UP + CLAIMS) * ROUNDS))
    claimed: list[int] = []
    rate, limit = interleaved(
        lambda: _per_second(world, lambda number: _claims(queue_of(number), people, claimed, world)),
        lambda: _per_second(world, lambda number: _updates(rounds, people)),
    )
    if len(claimed) != len(set(claimed)):
        raise RuntimeError("a round was claimed twice")
    return Result(name, rate, limit, "claims/s", bar)


def _claims(slug: str, people: Iterator[int], claimed: list[int], world: World) -> Statements:
    statement = claiming._CLAIM.format(now="now()").encode()
    with world.owner() as owner:
        row = owner.execute("select id from queues_queue where slug = %s", [slug]).fetchone()
    values: dict[str, object] = {"queue": row[0] if row else 0, "category": "", "lease": LEASE, "besides": 0}
    return iter([(statement, {**values, "by": next(people)}, claimed) for _claim in range(WARM_UP + CLAIMS)])


def _updates(rounds: Iterator[int], people: Iterator[int]) -> Statements:
    values = [{"by": next(people), "lease": LEASE, "round": next(rounds)} for _claim in range(WARM_UP + CLAIMS)]
    return iter([(UPDATE.encode(), one, None) for one in values])


def _per_second(world: World, statements_of: Callable[[int], Statements]) -> float:
    """Run the statements of each connection in a thread of its own, each in a transaction of its own.

    As the product does, on connections that stay and with statements that are prepared.
    """
    url = world.instance.database_urls.app
    connections = [psycopg.connect(url, autocommit=True) for _one in range(CONNECTIONS)]
    statements = [statements_of(number) for number in range(CONNECTIONS)]
    for connection, all_of_it in zip(connections, statements, strict=True):
        _work(connection, islice(all_of_it, WARM_UP))()
    taken = in_parallel([_work(*one) for one in zip(connections, statements, strict=True)])
    for connection in connections:
        connection.close()
    return CONNECTIONS * CLAIMS / taken


def _work(connection: psycopg.Connection, statements: Statements) -> Callable[[], None]:
    def work() -> None:
        for statement, values, claimed in statements:
            cursor = connection.execute(statement, values, prepare=True)
            if claimed is not None:
                row = cursor.fetchone()
                if row is None:
                    raise RuntimeError("nothing was left to claim")
                claimed.append(row[0])

    return work


def _people(count: int) -> list[int]:
    """Make people who hold nothing yet."""
    first = User.objects.count()
    people = [
        User(email=f"claimer-{number}@example.org", roles=["reviewer"], pseudonym=f"B-{number}")
        for number in range(first, first + count)
    ]
    return [person.pk for person in User.objects.bulk_create(people)]


def _free_rounds(world: World, count: int) -> list[int]:
    """Return rounds to update, spread over all of them and away from the head of the queues, where claims work."""
    with world.owner() as owner:
        found = owner.execute(
            "select id from queues_round where status = 'open' and lease_by_id is null and priority = 0 limit %s",
            [count * 10],
        ).fetchall()
    ids = [number for (number,) in found]
    return random.Random(1).sample(ids, count)

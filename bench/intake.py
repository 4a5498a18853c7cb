"""Acceptance over HTTP against COPY of the same rows into the same tables, indexes and foreign keys."""

import http.client
import statistics
import threading
import time
from collections.abc import Iterator

import psycopg
from psycopg import sql

from bench import fifty_rules
from bench.copies import Copies
from bench.registry import ROUNDS, Result, at_least, at_most, bench
from bench.world import World, in_parallel
from tests.harness import alerts

BATCH = 1_000
BATCHES = 24
CLIENTS = 2
THREADS = 8  # of the web server, in two processes
MANY = {"small": 240_000, "full": 1_000_000}
TO_ROUTE, TO_GROUP = "intake_alerttoroute", "queues_itemtogroup"


@bench("intake_http")
def intake_http(world: World) -> list[Result]:
    """Fresh batches with worker and scheduler still, then the limit on the very rows that were stored; five times."""
    key, copies = world.key("intake", source="bench-http"), Copies(world)
    rates, limits, replays, costs = [], [], [], []
    with world.without_background():
        for number in range(ROUNDS):
            whole = bodies(f"http-{number}")
            before, used = copies.highest_ids(), world.processor_seconds()
            rates.append(alerts_per_second(world, key, whole))
            used = world.processor_seconds() - used
            limits.append(BATCH * BATCHES / copies.seconds_to_copy(before, connections=CLIENTS))
            costs.append((used, copies.processor_seconds))
            replays.append(alerts_per_second(world, key, whole))
    fresh = statistics.median(rates)
    return [
        Result("intake_http", fresh, statistics.median(limits), "alerts/s", at_least(0.6), note=by_processor(costs)),
        Result("intake_replay", statistics.median(replays), fresh, "alerts/s", at_least(1.0)),
    ]


@bench("intake_to_queue")
def intake_to_queue(world: World) -> list[Result]:
    """The same until every item can be claimed, with fifty routing rules; then until every item has been grouped."""
    fifty_rules.put_in_force()
    key, copies = world.key("intake", source="bench-queue"), Copies(world)
    routed, grouped, limits = [], [], []
    with world.owner() as owner:
        owner.autocommit = True
        wait_until_none(owner, TO_ROUTE)
        wait_until_none(owner, TO_GROUP)
        for number in range(ROUNDS):
            whole = bodies(f"queue-{number}")
            before = copies.highest_ids()
            begun = time.perf_counter()
            alerts_per_second(world, key, whole)
            wait_until_none(owner, TO_ROUTE)
            routed.append(BATCH * BATCHES / (time.perf_counter() - begun))
            wait_until_none(owner, TO_GROUP)
            grouped.append(BATCH * BATCHES / (time.perf_counter() - begun))
            limits.append(BATCH * BATCHES / copies.seconds_to_copy(before, connections=CLIENTS))
    limit = statistics.median(limits)
    return [
        Result("intake_to_queue", statistics.median(routed), limit, "alerts/s", at_least(0.3)),
        Result("intake_to_queue/grouped", statistics.median(grouped), limit, "alerts/s", at_least(0.1)),
    ]


@bench("intake_memory")
def intake_memory(world: World) -> list[Result]:
    """What the web server holds after a tenth of many alerts and after all, once all its threads have worked."""
    key = world.key("intake", source="bench-memory")
    alerts_per_second(world, key, bodies("memory-warm", batches=2 * BATCHES), clients=THREADS)
    alike, rounds, held = bodies("memory-0000"), MANY[world.scale] // (BATCH * BATCHES) + 1, []
    for number in range(1, rounds + 1):
        alerts_per_second(world, key, [body.replace(b"memory-0000", b"memory-%04d" % number) for body in alike])
        held.append(world.instance.memory_of("web") / 2**20)
    tenths = " ".join(f"{held[rounds * tenth // 10 - 1]:.0f}" for tenth in range(1, 11))
    note = f"{rounds * BATCH * BATCHES:,} alerts; after {BATCH * BATCHES:,} {held[0]:.0f} MB, by tenths {tenths}"
    return [Result("intake_memory", held[-1], held[rounds // 10], "MB", at_most(1.1), note=note)]


def by_processor(costs: list[tuple[float, float]]) -> str:
    """Say what an alert costs by processor time, which other work on the machine hardly changes."""
    work, limit = (statistics.median(side) * 1e6 / (BATCH * BATCHES) for side in zip(*costs, strict=True))
    return f"processor: {work:.0f} µs an alert, the limit {limit:.0f}, ratio {limit / work:.2f}"


def bodies(prefix: str, *, batches: int = BATCHES) -> list[bytes]:
    whole = [alerts.alert(number, prefix=prefix) for number in range(BATCH * batches)]
    return [alerts.ndjson(whole[at : at + BATCH]) for at in range(0, len(whole), BATCH)]


def alerts_per_second(world: World, key: str, whole: list[bytes], *, clients: int = CLIENTS) -> float:
    """Post every body once over as many connections as there are clients."""
    waiting, lock = iter(whole), threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", world.instance.port, timeout=60)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        for body in _taken(waiting, lock):
            connection.request("POST", "/api/v1/alerts", body=body, headers=headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status != 202:
                logs = world.instance.logs()[-2_000:]
                raise RuntimeError(f"intake answered {response.status}: {answer[:300]!r}\n{logs}")
        connection.close()

    return BATCH * len(whole) / in_parallel([client] * clients)


def _taken(waiting: Iterator[bytes], lock: threading.Lock) -> Iterator[bytes]:
    while True:
        with lock:
            body = next(waiting, None)
        if body is None:
            return
        yield body


def wait_until_none(owner: psycopg.Connection, table: str, seconds: float = 600) -> None:
    """Wait until the to-do list ``table`` is empty."""
    deadline = time.monotonic() + seconds
    waiting = sql.SQL("select exists (select from {})").format(sql.Identifier(table))
    while True:
        row = owner.execute(waiting).fetchone()
        if row and not row[0]:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"{table} is not empty yet")
        time.sleep(0.02)

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
MANY = {"small": 240_000, "full": 1_000_000}


@bench("intake_http")
def intake_http(world: World) -> list[Result]:
    """Fresh batches with worker and scheduler still, then the limit on the very rows that were stored; five times."""
    key, copies = world.key("intake", source="bench-http"), Copies(world)
    rates, limits, replays = [], [], []
    with world.without_background():
        for number in range(ROUNDS):
            bodies = _bodies(f"http-{number}")
            before = copies.highest_ids()
            rates.append(_alerts_per_second(world, key, bodies))
            limits.append(BATCH * BATCHES / copies.seconds_to_copy(before, connections=CLIENTS))
            replays.append(_alerts_per_second(world, key, bodies))
    fresh = statistics.median(rates)
    world.facts["copy"] = statistics.median(limits)
    return [
        Result("intake_http", fresh, world.facts["copy"], "alerts/s", at_least(0.6)),
        Result("intake_replay", statistics.median(replays), fresh, "alerts/s", at_least(1.0)),
    ]


@bench("intake_to_queue")
def intake_to_queue(world: World) -> list[Result]:
    """The same until every item can be claimed, with fifty routing rules; grouping goes on behind."""
    fifty_rules.put_in_force()
    key, copies = world.key("intake", source="bench-queue"), Copies(world)
    rates, limits = [], []
    with world.owner() as owner:
        owner.autocommit = True
        _wait_until_routed(owner)
        for number in range(ROUNDS):
            bodies = _bodies(f"queue-{number}")
            before = copies.highest_ids()
            begun = time.perf_counter()
            _alerts_per_second(world, key, bodies)
            _wait_until_routed(owner)
            rates.append(BATCH * BATCHES / (time.perf_counter() - begun))
            limits.append(BATCH * BATCHES / copies.seconds_to_copy(before, connections=CLIENTS))
    return [
        Result("intake_to_queue", statistics.median(rates), statistics.median(limits), "alerts/s", at_least(0.3)),
    ]


@bench("intake_memory")
def intake_memory(world: World) -> list[Result]:
    """What the web server holds after a tenth of many alerts, and after all of them."""
    key = world.key("intake", source="bench-memory")
    parts = []
    for part in range(10):
        for number in range(MANY[world.scale] // (10 * BATCH * BATCHES) or 1):
            _alerts_per_second(world, key, _bodies(f"memory-{part}-{number}"))
        parts.append(world.instance.memory_of("web") / 2**20)
    return [Result("intake_memory", parts[-1], parts[0], "MB", at_most(1.1))]


def _bodies(prefix: str) -> list[bytes]:
    whole = [alerts.alert(number, prefix=prefix) for number in range(BATCH * BATCHES)]
    return [alerts.ndjson(whole[at : at + BATCH]) for at in range(0, len(whole), BATCH)]


def _alerts_per_second(world: World, key: str, bodies: list[bytes]) -> float:
    """Post every body once over as many connections as there are clients."""
    waiting, lock = iter(bodies), threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", world.instance.port, timeout=60)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        for body in _taken(waiting, lock):
            connection.request("POST", "/api/v1/alerts", body=body, headers=headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status != 202:
                raise RuntimeError(f"intake answered {response.status}: {answer[:300]!r}")
        connection.close()

    return BATCH * len(bodies) / in_parallel([client] * CLIENTS)


def _taken(waiting: Iterator[bytes], lock: threading.Lock) -> Iterator[bytes]:
    while True:
        with lock:
            body = next(waiting, None)
        if body is None:
            return
        yield body


def _wait_until_routed(owner: psycopg.Connection, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    waiting = sql.SQL("select exists (select from intake_alerttoroute)")
    while True:
        row = owner.execute(waiting).fetchone()
        if row and not row[0]:
            return
        if time.monotonic() > deadline:
            raise RuntimeError("alerts are still waiting to be routed")
        time.sleep(0.02)

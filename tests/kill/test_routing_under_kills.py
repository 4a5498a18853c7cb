"""kill -9 of the worker while it routes a burst: every alert is routed once, by the rules."""

import time

import psycopg
import pytest

from tests.harness import waiting
from tests.harness.instance import Instance

pytestmark = [pytest.mark.kill, pytest.mark.long]

MANY = 100_000
KILLS = 10
SECONDS = 400


def count_waiting(trustdesk: Instance) -> int:
    return int(trustdesk.query("select count(*) from intake_alerttoroute")[0][0])


def wait_until_fewer_than(trustdesk: Instance, many: int) -> None:
    deadline = time.monotonic() + SECONDS
    while count_waiting(trustdesk) >= many:
        assert time.monotonic() < deadline, "routing does not go on"
        time.sleep(0.02)


def test_a_burst_lives_through_kills_of_the_worker(data_dir):
    with Instance(data_dir) as trustdesk:
        with psycopg.connect(trustdesk.database_urls.owner) as owner:
            waiting.put_in_force(owner, "general")
            waiting.let_wait(owner, MANY, name="burst")

        left, hits = MANY, 0
        for _kill in range(KILLS):
            wait_until_fewer_than(trustdesk, left)
            left = count_waiting(trustdesk)
            hits += left > 0
            for name in ("worker", "scheduler"):  # either may be the one that routes
                trustdesk.kill(name)
            for name in ("worker", "scheduler"):
                trustdesk.wait_until_running(name)
        wait_until_fewer_than(trustdesk, 1)

        assert hits == KILLS, f"only {hits} of {KILLS} kills hit open work"
        items = trustdesk.query("select count(*), count(distinct generation_id) from queues_item")[0]
        rounds = trustdesk.query("select count(*), count(distinct item_id) from queues_round")[0]
        traced = trustdesk.query("select count(*) from queues_item where jsonb_array_length(trace) <> 1")[0]
        assert (items, rounds, traced) == ((MANY, MANY), (MANY, MANY), (0,))

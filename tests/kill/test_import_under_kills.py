"""kill -9 of every process during an import: what was acknowledged is there once, and routed once."""

import random
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.harness.instance import Instance
from tests.harness.loader import Loader

pytestmark = pytest.mark.kill

VICTIMS = ("web", "worker", "scheduler", "postgres")
SECONDS_FOR_CALM = 300


@dataclass(frozen=True)
class Kill:
    victim: str
    had_open_work: bool


def run(data_dir: Path, *, seed: int, alerts: int, kills: int) -> list[Kill]:
    """Import ``alerts`` under ``kills`` at seeded moments, then compare what was acknowledged with what is stored."""
    with Instance(data_dir) as trustdesk:
        key = trustdesk.manage(
            "create_api_key", "Loader", "--scope", "intake", "--requests-per-minute", "0", "--alerts-per-minute", "0"
        ).splitlines()[-1]
        loader = Loader(trustdesk.url, key, total=alerts)
        loader.start()
        try:
            done = kill_at_random(trustdesk, loader, random.Random(seed), alerts=alerts, kills=kills)
            loader.wait(SECONDS_FOR_CALM)
        finally:
            loader.stop()
        trustdesk.wait_ready(SECONDS_FOR_CALM)
        wait_until_routed(trustdesk)

        assert loader.unexpected == []
        assert len(loader.acknowledged) == alerts
        assert_all_there_once_and_routed_once(trustdesk, loader.acknowledged)
    return done


def kill_at_random(
    trustdesk: Instance, loader: Loader, chance: random.Random, *, alerts: int, kills: int
) -> list[Kill]:
    """Kill one process after another when given shares of the import are done; note whether work was open."""
    victims = [VICTIMS[number % len(VICTIMS)] for number in range(kills)]
    chance.shuffle(victims)
    moments = sorted(chance.uniform(0.02, 0.9) * alerts for _victim in victims)
    done = []
    for victim, moment in zip(victims, moments, strict=True):
        while len(loader.acknowledged) < moment and not loader.is_done():
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        done.append(Kill(victim, had_open_work=has_open_work(victim, trustdesk, loader)))
        trustdesk.kill(victim)
        trustdesk.wait_until_running(victim)
    return done


def has_open_work(victim: str, trustdesk: Instance, loader: Loader) -> bool:
    """Say whether ``victim`` has something to lose right now: a request without an answer, or alerts to route."""
    if victim == "web":
        return loader.open_requests > 0
    if victim == "postgres":
        return loader.open_requests > 0 or has_unrouted(trustdesk)
    return has_unrouted(trustdesk)


def has_unrouted(trustdesk: Instance) -> bool:
    try:
        return bool(trustdesk.query("select exists (select from intake_alerttoroute)")[0][0])
    except psycopg.OperationalError:
        return False


def wait_until_routed(trustdesk: Instance) -> None:
    deadline = time.monotonic() + SECONDS_FOR_CALM
    while has_unrouted(trustdesk):
        assert time.monotonic() < deadline, "alerts are still waiting to be routed"
        time.sleep(0.5)


def assert_all_there_once_and_routed_once(trustdesk: Instance, acknowledged: set[str]) -> None:
    stored = trustdesk.query("select external_id from intake_alert")
    generations = trustdesk.query("select id from intake_generation")
    items = trustdesk.query("select generation_id from queues_item")
    rounds = trustdesk.query(
        "select generation_id from queues_round join queues_item on queues_item.id = item_id where purpose = 'first'"
    )

    assert sorted(name for (name,) in stored) == sorted(acknowledged)
    assert len(generations) == len(acknowledged) // 2
    assert sorted(items) == sorted(generations)
    assert sorted(rounds) == sorted(generations)


def assert_hits(kills: list[Kill], fewest: int) -> None:
    hits = sum(kill.had_open_work for kill in kills)
    assert hits >= fewest, f"only {hits} of {len(kills)} kills hit open work: {kills}"


def test_2_000_alerts_live_through_a_kill_of_each_process(data_dir):
    kills = run(data_dir, seed=2026, alerts=2_000, kills=4)

    assert sorted(kill.victim for kill in kills) == sorted(VICTIMS)
    assert_hits(kills, 2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_20_000_alerts_live_through_kills(data_dir, seed):
    kills = run(data_dir, seed=seed, alerts=20_000, kills=16)

    assert_hits(kills, 5)

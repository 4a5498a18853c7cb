"""kill -9 of whatever runs the sweeps of enforcement: every end, every strike and every order happens once."""

import multiprocessing
import random
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from incidents.enforcement import tasks
from incidents.enforcement.models import EnforcementAction, Strike
from incidents.review.models import DecisionToStrike
from tests.enforcement import recount
from tests.enforcement.factories import approve, make_finding, propose
from tests.factories import make_actor, make_clause
from tests.harness.receiver import Receiver
from tests.outgoing.factories import make_endpoint
from trust import clock
from trust.audit.models import AuditEvent
from trust.outgoing import operations as outgoing
from trust.outgoing.models import Message, MessageToFollow
from trust.outgoing.tasks import deliver_due

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

SWEEPS = (tasks.end_due, deliver_due, tasks.follow_deliveries, tasks.give_strikes)
SECONDS_FOR_CALM = 120
LATER = timedelta(days=31)  # each suspension lasts thirty
FORKED = multiprocessing.get_context("fork")


def sweep(ahead: timedelta, seed: int) -> None:
    """Run the sweeps in any order, for ever, ``ahead`` of the clock; whoever starts this kills it."""
    for one in connections.all(initialized_only=True):
        one.connection = None  # where a browser ran before, the process that starts this keeps another one, by its loop
    order = random.Random(seed)
    while True:
        with clock.at(timezone.now() + ahead):
            order.choice(SWEEPS)()


def is_calm(ahead: timedelta) -> bool:
    over = EnforcementAction.objects.over(timezone.now() + ahead)
    waiting = Message.objects.filter(status=Message.Status.WAITING)
    return not any(rows.exists() for rows in (over, waiting, MessageToFollow.objects, DecisionToStrike.objects))


def run_under_kills(ahead: timedelta, kills: int, chance: random.Random) -> None:
    """Let two processes sweep, kill one of them at random moments, then wait until nothing is left to do."""
    until, done, hits = time.monotonic() + SECONDS_FOR_CALM + kills, False, 0
    running = [start(ahead, chance) for _process in range(2)]
    try:
        while not done:
            assert time.monotonic() < until, "the sweeps do not come to an end"
            time.sleep(chance.uniform(0.02, 0.3))  # a random moment is the point
            if hits < kills:
                place = chance.randrange(2)
                running[place].kill()
                running[place].join()
                running[place] = start(ahead, chance)
                hits += 1
                continue
            done = is_calm(ahead)
    finally:
        for process in running:
            process.kill()
            process.join()


def start(ahead: timedelta, chance: random.Random) -> multiprocessing.process.BaseProcess:
    connections.close_all()  # what is open is not shared with the one that begins
    process = FORKED.Process(target=sweep, args=(ahead, chance.randrange(10**9)), daemon=True)
    process.start()
    return process


def all_happens_once(actions: int, kills: int) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    clause = make_clause()
    with Receiver() as first, Receiver() as second:
        secrets = {receiver: make_endpoint(receiver.url)[1] for receiver in (first, second)}
        for _action in range(actions):
            actor = make_actor()
            make_finding(actor, clause=clause)
            approve(propose(actor))

        run_under_kills(timedelta(), kills, chance)
        run_under_kills(LATER, kills, chance)

        assert {row.status for row in EnforcementAction.objects.exclude(proposed_by=None)} == {"expired"}
        assert Strike.objects.count() == actions
        for kind in ("enforcement.expired", "enforcement.in_force", "strike.given"):
            assert AuditEvent.objects.filter(kind=kind).count() == actions, kind
        for receiver, secret in secrets.items():
            once = {request.headers["webhook-id"]: request.verified(secret) for request in list(receiver.received)}
            told = Counter((said["type"], said["data"]["action"]) for said in once.values())
            assert len(told) == 2 * actions
            assert set(told.values()) == {1}
    assert recount.faults() == []


@pytest.fixture
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed one held is free again within a second, not a minute."""
    monkeypatch.setattr(outgoing, "LEASE", timedelta(seconds=1))


@pytest.mark.usefixtures("_short_leases")
def test_all_happens_once_under_a_few_kills():
    all_happens_once(actions=12, kills=6)


@pytest.mark.long
@pytest.mark.usefixtures("_short_leases")
def test_all_happens_once_under_many_kills():
    all_happens_once(actions=300, kills=150)

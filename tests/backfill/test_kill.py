"""kill -9 of the process that opens rounds, at any statement: each chosen item ends with exactly one round."""

import os
import random
import signal
from collections import Counter

import pytest
from django.db import connection, connections, transaction

from incidents.backfill import operations, tasks
from incidents.backfill.models import Backfill
from incidents.queues.models import Item, Round
from policies.models import ClauseVersion
from tests.backfill.stage import begin, fresh, make_newer
from tests.factories import NOW, make_actor, make_clause, make_source
from tests.statistics.history import Judged, make_decisions
from trust.audit.models import AuditEvent
from trust.jobs.models import Job

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]
AT_ONCE = 5  # items of one step, so that few items take many steps


def work_until(statement: int) -> int:
    """Let a process of its own open rounds until it kills itself before a statement; return the signal, or 0."""
    pid = os.fork()
    if not pid:
        try:
            _work(statement)
        finally:
            os._exit(1)
    signalled = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with transaction.atomic():
        Job.objects.select_for_update().get()  # waits until the server has noticed the end of who held it
    return -signalled


def _work(statement: int) -> None:
    for one in connections.all(initialized_only=True):
        one.connection = None  # theirs; where a browser ran before, there is another one, by its loop
    left = statement

    def count(execute, *arguments):
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    operations.AT_ONCE = AT_ONCE
    with connection.execute_wrapper(count):
        tasks.open_rounds()
    os._exit(0)


def run(*, seed: int, many: int, kills: int) -> None:
    chance, old = random.Random(seed), make_clause()
    backfill = begin_over(old, many)

    for _kill in range(kills):
        done = Job.objects.get().done
        assert work_until(chance.randrange(1, 60)) == signal.SIGKILL
        assert Job.objects.get().done in range(done, many + 1, AT_ONCE)
        assert_consistent(backfill)
    assert work_until(0) == 0

    backfill = fresh(backfill)
    assert (backfill.job.status, backfill.job.done, backfill.job.total) == ("done", many, many)
    assert backfill.parts.filter(outcome="opened").count() == many
    assert_consistent(backfill)
    assert Round.objects.filter(status="open", purpose="rejudge").count() == many
    assert AuditEvent.objects.filter(kind="backfill.started").count() == 1


def begin_over(old: ClauseVersion, many: int) -> Backfill:
    """Begin a second look at so many items that were judged as violating ``old``."""
    actor, source = make_actor(), make_source()
    make_decisions([Judged(at=NOW, actor=actor, source=source, clause=old) for _item in range(many)])
    Item.objects.update(verdict="violating", severity=2)
    version = make_newer(old)
    return begin(version, wanted={"clauses": [old.clause.key]})


def assert_consistent(backfill: Backfill) -> None:
    """Check that what is done is told alike by the parts, the rounds, the progress and the audit."""
    opened = backfill.parts.filter(outcome="opened")
    rounds = Counter(Round.objects.filter(status="open").values_list("item", flat=True))
    assert rounds == Counter(opened.values_list("item", flat=True))
    assert set(rounds.values()) <= {1}
    assert fresh(backfill).job.done == len(rounds)
    events = AuditEvent.objects.filter(kind="item.opened_again")
    told = Counter(events.filter(subjects__subject_kind="queues.item").values_list("subjects__subject_id", flat=True))
    assert told == Counter(rounds.keys())


def test_40_items_live_through_2_kills():
    run(seed=2026, many=40, kills=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_600_items_live_through_40_kills(seed):
    run(seed=seed, many=600, kills=40)

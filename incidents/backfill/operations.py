"""Starting, carrying out and cancelling a second look at past items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction

from incidents.backfill import queries, rules
from incidents.backfill.models import Backfill, BackfillPart
from incidents.queues import operations as queues, rules as queue_rules
from incidents.queues.models import Queue
from policies.models import PolicyVersion
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.jobs import operations as jobs
from trust.jobs.models import Job
from trust.refusals import Refused

OPENING: Final = "backfill.open"
TASK: Final = "incidents.backfill.tasks.open_rounds"
AT_ONCE: Final = 200

Outcome: Final = BackfillPart.Outcome


def start(
    version: PolicyVersion,
    *,
    way: str,
    wanted: Mapping[str, Any],
    queue: Queue,
    reason: str,
    count: int,
    digest: str,
    by: User,
) -> Backfill:
    """Let the worker open a round for every past item that is found. Raises Refused.

    ``count`` and ``digest`` are what the person was shown: if other items match now, nothing is opened.
    """
    if sentence := _refusal(version, way, queue, reason, by):
        raise Refused(sentence)
    past = queries.past_items(version, way, wanted, by=by, now=clock.now())
    if (past.count, past.digest) != (count, digest):
        raise rules.changed(count, past.count)
    if sentence := rules.refusal_of_count(past.count):
        raise Refused(sentence)
    return _start(version, past.items, way=way, wanted=dict(wanted), queue=queue, reason=reason.strip(), by=by)


@transaction.atomic
def _start(version: PolicyVersion, items: list[int], *, by: User, **said: Any) -> Backfill:
    version = PolicyVersion.objects.select_for_update(of=("self",)).select_related("policy").get(pk=version.pk)
    if sentence := rules.refusal_to_look_again(version, by):
        raise Refused(sentence)
    job = jobs.start(OPENING, total=len(items), by=by, task=TASK)
    backfill = Backfill.objects.create(version=version, job=job, started_by=by, started_at=clock.now(), **said)
    BackfillPart.objects.bulk_create([BackfillPart(whole=backfill, item_id=item) for item in items], batch_size=2_000)
    data = {"way": backfill.way, "count": len(items), "queue": backfill.queue.slug, "job": job.pk}
    record("backfill.started", on=[backfill, version], by=by, reason=backfill.reason, data=data)
    return backfill


@transaction.atomic
def cancel(backfill: Backfill, *, by: User) -> None:
    """Open no further rounds; those that are open stay. Raises Refused."""
    backfill = Backfill.objects.select_related("job").get(pk=backfill.pk)
    if sentence := rules.refusal_to_cancel(backfill, by):
        raise Refused(sentence)
    jobs.cancel(backfill.job, by=by, task=TASK)
    record("backfill.cancelled", on=[backfill], by=by)


def open_some(job: Job) -> int:
    """Open the next rounds and return how many items that was about. What cannot be judged again is left alone.

    It runs in the transaction of the job's step: a kill leaves all of it undone, and none is opened twice.
    """
    backfill = Backfill.objects.select_related("version__policy", "queue", "started_by").get(job=job)
    parts = list(backfill.parts.filter(outcome=Outcome.WAITING).order_by("pk")[:AT_ONCE])
    if rules.refusal_to_look_again(backfill.version, backfill.started_by):  # no longer in force, or no longer theirs
        opened = {}
    else:
        opened = queues.open_again(
            [part.item_id for part in parts],
            queue=backfill.queue,
            category=backfill.version.policy_id,
            severity=max(backfill.version.clauses.values_list("usual_severity", flat=True), default=0),
            about=[backfill],
            by=backfill.started_by,
        )
    for part in parts:
        one = opened.get(part.item_id)
        part.outcome = Outcome.OPENED if one else Outcome.SKIPPED
        if one:
            part.round_id, part.verdict_before, part.severity_before = one.round, one.verdict, one.severity
    BackfillPart.objects.bulk_update(parts, ["outcome", "round", "verdict_before", "severity_before"])
    return len(parts)


def end(_job: Job) -> None:
    """Nothing is left to be tidied up: what was not opened is told by its outcome."""


def _refusal(version: PolicyVersion, way: str, queue: Queue, reason: str, by: User) -> str | None:
    if sentence := rules.refusal_to_look_again(version, by):
        return sentence
    if way == Backfill.Way.SEARCH and (sentence := rules.refusal_of_search(by)):
        return sentence
    is_known = Queue.objects.visible_to(by, clock.now()).filter(pk=queue.pk).exists()
    if sentence := rules.refusal_of_queue(queue, is_known=is_known):
        return sentence
    return queue_rules.refusal_of_reason(reason)

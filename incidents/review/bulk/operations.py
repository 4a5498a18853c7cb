"""Storing a query, starting what is to be done with all that it finds, cancelling it, taking it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.queues import listing, rules as queue_rules
from incidents.queues.models import Queue, RoundQuerySet
from incidents.review import findings as finding_rules
from incidents.review.bulk import rules
from incidents.review.findings import Finding
from incidents.review.models import Bulk, BulkPart
from policies.vocabulary import Severity, Verdict
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.jobs import operations as jobs
from trust.refusals import Refused

DOING, UNDOING = "review.bulk", "review.bulk_undo"
TASKS: Final = {DOING: "incidents.review.tasks.do_in_bulk", UNDOING: "incidents.review.tasks.undo_in_bulk"}

Action = Bulk.Action


@transaction.atomic
def store(filters: Mapping[str, str], *, by: User) -> Bulk:
    """Store a query with how many open items it finds now. Nothing is done to them. Raises Refused."""
    if sentence := rules.refusal_to_handle(by):
        raise Refused(sentence)
    bulk = Bulk(filters=dict(filters), made_by=by, made_at=clock.now())
    found = listing.measured(matching(bulk), most=rules.MOST)
    bulk.count, bulk.digest = found.count, found.digest
    if sentence := rules.refusal_of_count(bulk.count):
        raise Refused(sentence)
    bulk.save()
    record("bulk.selected", on=[bulk], by=by, data={"filters": bulk.filters, "count": bulk.count})
    return bulk


def start(
    bulk: Bulk, *, action: str, values: Mapping[str, Any], reason: str, count: int, digest: str, by: User
) -> Bulk:
    """Let the worker do ``action`` with all that the query finds. Raises Refused.

    ``count`` and ``digest`` are what the person was shown. If it finds other items now, that is stored, told (stale),
    and nothing is done.
    """
    if sentence := rules.refusal_to_start(bulk, by):
        raise Refused(sentence)
    now = listing.measured(matching(bulk), most=rules.MOST)
    if (now.count, now.digest) != (count, digest):
        Bulk.objects.filter(pk=bulk.pk, job=None).update(count=now.count, digest=now.digest)
        raise rules.changed(count, now.count)
    return _start(bulk, now.rounds, action=action, values=dict(values), reason=reason.strip(), by=by)


@transaction.atomic
def _start(bulk: Bulk, rounds: Sequence[int], *, action: str, values: dict[str, Any], reason: str, by: User) -> Bulk:
    bulk = locked(bulk)
    if sentence := rules.refusal_to_start(bulk, by) or rules.refusal_of_count(len(rounds)):
        raise Refused(sentence)
    if errors := _errors_in(action, values, reason, by):
        raise Refused(next(iter(errors.values()))[0], code="invalid", status=422, errors=errors)
    parts = [BulkPart(whole=bulk, place=place, round_id=round) for place, round in enumerate(rounds)]
    BulkPart.objects.bulk_create(parts, batch_size=2_000)
    bulk.action, bulk.values, bulk.reason = action, values, reason
    bulk.job = jobs.start(DOING, total=len(parts), by=by, task=TASKS[DOING])
    bulk.count = len(parts)
    bulk.save(update_fields=["count", "action", "values", "reason", "job"])
    data = {"action": action, **values, "filters": bulk.filters, "count": len(parts), "job": bulk.job.pk}
    record("bulk.started", on=[bulk], by=by, reason=reason, data=data)
    return bulk


@transaction.atomic
def cancel(bulk: Bulk, *, by: User) -> None:
    """Call off what is under way; what was done stays. Takes no lock, so it never waits. Raises Refused."""
    bulk = Bulk.objects.select_related("job", "undoing").get(pk=bulk.pk)
    if sentence := rules.refusal_to_cancel(bulk, by):
        raise Refused(sentence)
    for job in (bulk.job, bulk.undoing):
        if job is not None and job.is_open:
            jobs.cancel(job, by=by, task=TASKS[job.kind])
    record("bulk.cancelled", on=[bulk], by=by)


@transaction.atomic
def undo(bulk: Bulk, *, by: User) -> Bulk:
    """Let the worker take back everything that was done. Raises Refused."""
    bulk = locked(bulk)
    if sentence := rules.refusal_to_undo(bulk, by):
        raise Refused(sentence)
    done = bulk.parts.filter(outcome=BulkPart.Outcome.DONE).count()
    if not done:
        raise Refused(rules.nothing_to_undo())
    bulk.undoing = jobs.start(UNDOING, total=done, by=by, task=TASKS[UNDOING])
    bulk.save(update_fields=["undoing"])
    record("bulk.undo_started", on=[bulk], by=by, data={"count": done, "job": bulk.undoing.pk})
    return bulk


def matching(bulk: Bulk) -> RoundQuerySet:
    """Return the open rounds that the query finds now, of those whose maker may know. Raises Refused."""
    chosen = listing.read(bulk.filters, bulk.made_by)
    if chosen is None:
        raise Refused(rules.unreadable())
    rounds: RoundQuerySet = chosen.qs
    return rounds.filter(status="open")


def locked(bulk: Bulk) -> Bulk:
    rows = Bulk.objects.select_related("job", "undoing", "made_by")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=bulk.pk)


def finding_of(values: Mapping[str, Any]) -> list[Finding]:
    """Return what is found in each item by an action that judges. The version of the clause is the one chosen then."""
    if "clause" not in values:
        return []
    return [Finding(clause=values["clause"], severity=values["severity"], version=values.get("version"))]


def _errors_in(action: str, values: dict[str, Any], reason: str, by: User) -> dict[str, list[str]]:
    """Say by field what does not fit, and add to ``values`` the version of the clause that is in force."""
    if action not in Action.values:
        return {"action": [_("Choose what to do.")]}
    if sentence := queue_rules.refusal_of_reason(reason):
        return {"reason": [sentence]}
    if action == Action.MOVE:
        return _errors_in_queue(values, by)
    if action != Action.VIOLATING:
        return {}
    text = finding_rules.guidelines().by_key.get(str(values.get("clause", "")))
    if text is None:
        return {"clause": [_("Choose a clause that is in force.")]}
    if text.version.policy.restricted_category:
        return {"clause": [_("What this clause is about becomes restricted; judge such items one by one.")]}
    if values.get("severity") not in Severity.values:
        return {"severity": [_("Choose how severe it is.")]}
    values["version"] = text.version.number
    finding = finding_of(values)
    return finding_rules.errors_in(Verdict.VIOLATING, finding, [text], None)


def _errors_in_queue(values: Mapping[str, Any], by: User) -> dict[str, list[str]]:
    is_known = Queue.objects.visible_to(by, clock.now()).filter(pk=values.get("queue") or 0).exists()
    return {} if is_known else {"queue": [_("Choose a queue.")]}

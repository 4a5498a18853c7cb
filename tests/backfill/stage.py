"""The turns of a second look, as a person and the worker take them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from incidents.backfill import operations, queries, tasks
from incidents.backfill.models import Backfill
from incidents.queues.models import Item, Round
from incidents.review import operations as review
from incidents.review.findings import Finding
from policies.models import PolicyVersion
from tests.factories import NOW, make_clause, make_decision, make_policy_version, make_queue, make_user
from trust import clock
from trust.accounts.models import User
from trust.jobs import operations as jobs


def make_newer(old) -> PolicyVersion:
    """Replace the version of a clause by one of this moment that says something else."""
    PolicyVersion.objects.filter(pk=old.version_id).update(status="retired", retired_at=NOW)
    draft = make_policy_version(
        policy=old.version.policy, number=old.version.number + 1, status="draft", published_at=None
    )
    make_clause(version=draft, clause=old.clause, definition="What this is about, and more.")
    draft.status, draft.published_at = PolicyVersion.Status.PUBLISHED, timezone.now()
    draft.save(update_fields=["status", "published_at"])
    return draft


def past(version: PolicyVersion, way: str, wanted: Mapping[str, Any], by: User | None = None) -> list[int]:
    by = by or make_user(role="lead")
    return queries.past_items(version, way, wanted, by=by, now=clock.now()).items


def begin(version: PolicyVersion, way: str = "clause", by: User | None = None, **said: Any) -> Backfill:
    by = by or make_user(role="lead")
    wanted = said.pop("wanted", None) or {"clauses": [version.clauses.get().clause.key]}
    found = queries.past_items(version, way, wanted, by=by, now=clock.now())
    said = {"queue": said.pop("queue", None) or make_queue(), "reason": "A wider clause.", **said}
    shown = {"count": found.count, "digest": found.digest}
    return operations.start(version, way=way, wanted=wanted, by=by, **{**shown, **said})


def work_on(backfill: Backfill) -> Backfill:
    tasks.open_rounds()  # all of it, unless a step fails: then the job rests
    backfill = fresh(backfill)
    assert not backfill.job.is_open
    return backfill


def one_step() -> None:
    jobs.work_once(operations.OPENING, step=operations.open_some, end=operations.end)


def fresh(backfill: Backfill) -> Backfill:
    return Backfill.objects.select_related("job").get(pk=backfill.pk)


def judge(round: Round, *, clause: str = "", by: User | None = None) -> Any:
    """Judge a round as violating a clause, or as benign."""
    by = by or make_user()
    Round.objects.filter(pk=round.pk).update(lease_by=by, lease_until=timezone.now() + timedelta(hours=1), fence=1)
    findings = [Finding(clause=clause, severity=3)] if clause else []
    return review.decide(round, fence=1, verdict="violating" if clause else "benign", findings=findings, by=by)


def make_benign(**fields: Any) -> Item:
    return make_decision(verdict="benign", **fields).item

"""Makers of bulk actions as they stand in the database; what they do is tested by the operations."""

from typing import Any

from incidents.review.models import Bulk
from tests.factories import NOW
from trust.accounts.models import User
from trust.jobs.models import Job


def make_bulk(*, by: User, **fields: Any) -> Bulk:
    """Make a selection of one item that was not begun, unless a ``job`` is given."""
    values = {"filters": {}, "count": 1, "digest": "a" * 32, "made_at": NOW, **fields}
    return Bulk.objects.create(made_by=by, **values)


def make_ended_job(by: User) -> Job:
    times = {"asked_at": NOW, "started_at": NOW, "due_at": NOW, "ended_at": NOW}
    return Job.objects.create(kind="review.bulk", status="done", done=1, total=1, asked_by=by, **times)

"""Limits, and items that lead one to expect something."""

from typing import Any

from incidents.queues.models import Queue, Round
from incidents.wellbeing import operations
from incidents.wellbeing.models import Limits
from policies.models import Policy
from tests.factories import make_clause, make_round
from trust.accounts.models import User


def make_limits(person: User | None = None, **fields: Any) -> Limits:
    return Limits.objects.create(person=person, **fields)


def make_category(**fields: Any) -> Policy:
    """Make a policy in force, which items can be expected to be about."""
    return make_clause(**fields).version.policy


def make_expected(queue: Queue, severity: int, *categories: Policy, **fields: Any) -> Round:
    """Make a waiting round of which ``severity`` and ``categories`` are expected."""
    ids = [category.pk for category in categories]
    return make_round(queue=queue, expected_severity=severity, categories=ids, **fields)


def reveal(round: Round, *, by: User, seconds: int = 0) -> None:
    seen = operations.Seen(round.item_id, round.expected_severity, round.categories)
    operations.note_exposure(seen, seconds=seconds, by=by)

"""Ending a round with its outcome on the item, opening it again, moving it out of sight."""

from django.db import transaction

from incidents.queues import rules
from incidents.queues.models import Item, Round
from incidents.queues.operations.setting_up import queue_for_restricted
from trust import clock
from trust.accounts.models import User
from trust.refusals import Refused


@transaction.atomic(savepoint=False)  # in decide's transaction, which fails as a whole
def close_round(round: Round, *, fence: int, verdict: str, severity: int | None, by: User) -> None:
    """Close a round that ``by`` holds under ``fence``; its item takes the outcome. Raises Refused (lease-lost)."""
    now = clock.now()
    closed = Round.objects.filter(pk=round.pk, status=Round.Status.OPEN, lease_by=by, fence=fence).update(
        status=Round.Status.CLOSED, lease_by=None, lease_until=None, closed_at=now, closed_by=by
    )
    if not closed:
        raise Refused(rules.lease_lost(), code="lease-lost")
    Item.objects.filter(pk=round.item_id).update(
        status=Item.Status.CLOSED, verdict=verdict, severity=severity, closed_at=now
    )


@transaction.atomic
def reopen_round(round: Round, *, by: User) -> Round:
    """Open a closed round again, held by ``by`` under a new fence, and take the outcome off its item."""
    round = Round.objects.select_for_update(of=("self",)).select_related("queue").get(pk=round.pk)
    round.status = Round.Status.OPEN
    round.closed_at = round.closed_by = None
    round.lease_by = by
    round.lease_until = clock.now() + round.queue.lease
    round.fence += 1
    round.save(update_fields=["status", "closed_at", "closed_by", "lease_by", "lease_until", "fence"])
    Item.objects.filter(pk=round.item_id).update(status=Item.Status.OPEN, verdict="", severity=None, closed_at=None)
    return round


@transaction.atomic
def move_to_restricted_queue(generation_ids: list[int], *, category: str) -> int:
    """Move open rounds about generations that became restricted to their queue, out of any hands. Return how many."""
    queue = queue_for_restricted(category)
    rounds = Round.objects.filter(item__generation__in=generation_ids, status=Round.Status.OPEN)
    return rounds.exclude(queue=queue).update(queue=queue, lease_by=None, lease_until=None)

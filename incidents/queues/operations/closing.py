"""Ending a round with its outcome on the item, opening it again, moving it out of sight."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents.queues import rules
from incidents.queues.models import Item, Round
from incidents.queues.operations.setting_up import queue_for_restricted, queue_of
from trust import clock, prepared
from trust.accounts.models import User
from trust.refusals import Refused

_CLOSE = """
    with closed as (
        update queues_round
        set status = 'closed', lease_by_id = null, lease_until = null, closed_at = %(now)s, closed_by_id = %(by)s
        where id = %(round)s and status = 'open' and lease_by_id = %(by)s and fence = %(fence)s
        returning item_id
    )
    update queues_item set status = 'closed', verdict = %(verdict)s, severity = %(severity)s, closed_at = %(now)s
    from closed where id = closed.item_id
    returning id
"""


@dataclass(frozen=True)
class Outcome:
    """What an item was judged to be, and when."""

    verdict: str
    severity: int | None
    at: datetime | None


def close_round(round: Round, *, fence: int, verdict: str, severity: int | None, by: User) -> None:
    """Close a round that ``by`` holds under ``fence``; its item takes the outcome. Raises Refused (lease-lost).

    One statement, since every decision waits for it.
    """
    values = {"round": round.pk, "fence": fence, "verdict": verdict, "severity": severity, "by": by.pk}
    if not prepared.rows_of(_CLOSE, {**values, "now": clock.now()}):
        raise Refused(rules.lease_lost(), code="lease-lost")


@transaction.atomic
def reopen_round(round: Round, *, standing: Outcome | None, by: User) -> Round:
    """Open a closed round again, held by ``by`` under a new fence; its item goes back to ``standing``, or is open.

    What became restricted since is judged in its own queue.
    """
    round = Round.objects.select_for_update(of=("self",)).select_related("queue", "item").get(pk=round.pk)
    round.queue = queue_of(round)
    round.status = Round.Status.OPEN
    round.closed_at = round.closed_by = None
    round.lease_by = by
    round.lease_until = clock.now() + round.queue.lease
    round.fence += 1
    round.save(update_fields=["status", "closed_at", "closed_by", "lease_by", "lease_until", "fence", "queue"])
    outcome = standing or Outcome(verdict="", severity=None, at=None)
    Item.objects.filter(pk=round.item_id).update(
        status=Item.Status.CLOSED if standing else Item.Status.OPEN,
        verdict=outcome.verdict,
        severity=outcome.severity,
        closed_at=outcome.at,
    )
    return round


@transaction.atomic
def move_to_restricted_queue(generation_ids: list[int], *, category: str) -> int:
    """Move open rounds about generations that became restricted to their queue, out of any hands. Return how many."""
    queue = queue_for_restricted(category)
    rounds = Round.objects.filter(item__generation__in=generation_ids, status=Round.Status.OPEN)
    return rounds.exclude(queue=queue).update(queue=queue, lease_by=None, lease_until=None)

"""Closing a round with its outcome on the item, opening it again, moving it out of sight."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from incidents.queues import rules
from incidents.queues.models import Item, ItemToRate, Queue, Round
from incidents.queues.operations.grouping import leave_groups
from incidents.queues.operations.openness import IS_OPEN
from incidents.queues.operations.setting_up import queue_for_restricted, queue_of
from incidents.queues.stream.nudging import nudge
from incidents.search import operations as search
from trust import clock
from trust.accounts.models import User
from trust.refusals import Refused

# Two parts of the statement of a decision. The first finds the round while %(by)s holds it under %(fence)s and may know
# of its item, and keeps others away; the second closes it, with the outcome on its item, once the decision is ``made``.
HELD: Final = f"""
    select r.id, r.item_id from queues_round r
    where r.id = %(round)s and r.status = 'open' and r.lease_by_id = %(by)s and r.fence = %(fence)s
        and r.lease_until > %(now)s and {IS_OPEN.format(now="%(now)s")}
    for no key update
"""  # noqa: S608  parts of our own
CLOSED_BY_MADE: Final = """
    closed as (
        update queues_round r
        set status = 'closed', lease_by_id = null, lease_until = null, closed_at = %(now)s, closed_by_id = %(by)s
        from made where r.id = made.round_id
    ), judged as (
        update queues_item i
        set status = 'closed', verdict = %(verdict)s::text, severity = %(severity)s, closed_at = %(now)s
        from made where i.id = made.item_id
        returning i.id, i.actor_id
    ), to_rate as (
        insert into queues_itemtorate (item_id) select id from judged
    )
"""


@dataclass(frozen=True)
class Outcome:
    """What an item was judged to be, and when."""

    verdict: str
    severity: int | None
    at: datetime | None


@transaction.atomic
def reopen_round(round: Round, *, standing: Outcome | None, by: User) -> Round:
    """Open a closed round again, held by ``by`` under a new fence; its item goes back to ``standing``, or is open.

    What became restricted since is judged in its own queue. Raises Refused where another round of its purpose is open.
    """
    round = Round.objects.select_for_update(of=("self",)).select_related("queue", "item").get(pk=round.pk)
    outcome = standing or Outcome(verdict="", severity=None, at=None)
    Item.objects.filter(pk=round.item_id).update(  # first, so that no further round is opened from here on
        status=Item.Status.CLOSED if standing else Item.Status.OPEN,
        verdict=outcome.verdict,
        severity=outcome.severity,
        closed_at=outcome.at,
    )
    if Round.objects.filter(item=round.item_id, purpose=round.purpose, status=Round.Status.OPEN).exists():
        raise Refused(rules.waits_elsewhere())
    round.queue = queue_of(round)
    round.status = Round.Status.OPEN
    round.closed_at = round.closed_by = None
    round.lease_by = by
    round.lease_until = clock.now() + round.queue.lease
    round.fence += 1
    round.save(update_fields=["status", "closed_at", "closed_by", "lease_by", "lease_until", "fence", "queue"])
    nudge()
    ItemToRate.objects.create(item_id=round.item_id)
    search.wait_for_index([round.item.generation_id] if round.item.generation_id else [])
    return round


@transaction.atomic
def move_to_restricted_queue(generation_ids: list[int], *, category: str) -> int:
    """Move open rounds about generations that became restricted to their queue, out of any hands. Return how many.

    What is in a queue of that category already, as what was escalated is, stays there with whoever has it. Their items
    leave their groups: nothing is concluded from restricted content for other content. Nobody finds them.
    """
    leave_groups(generation_ids)
    judged = Item.objects.filter(generation__in=generation_ids).exclude(verdict="")
    ItemToRate.objects.bulk_create(ItemToRate(item=item) for item in judged.only("pk"))
    search.drop(generation_ids)
    queue = queue_for_restricted(category)
    fitting = list(Queue.objects.filter(restricted_category=category).values_list("pk", flat=True))
    items = Item.objects.filter(generation__in=generation_ids)
    rounds = Round.objects.filter(item__in=items, status=Round.Status.OPEN)
    return rounds.exclude(queue__in=fitting).update(queue=queue, lease_by=None, lease_until=None)

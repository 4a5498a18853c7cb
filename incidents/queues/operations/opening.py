"""Asking for a further judgement of an item."""

from django.db import transaction

from incidents.queues import rules
from incidents.queues.models import Item, Round
from incidents.queues.operations.setting_up import default_queue, queue_of
from incidents.search import operations as search
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def ask_second_opinion(item: Item, *, by: User) -> Round:
    """Open a round for a second opinion in the queue that the item was judged in. Raises Refused.

    What became restricted since waits in its own queue. It never goes to whoever judged the item before; the item keeps
    its outcome until the round is closed.
    """
    item = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    rounds = list(item.rounds.select_related("queue", "item").order_by("pk"))
    if reason := rules.refusal_to_ask_second_opinion(rounds, by):
        raise Refused(reason)

    now, last = clock.now(), rounds[-1]
    queue = queue_of(last)
    opened = Round.objects.create(
        item=item,
        queue=queue,
        purpose=Round.Purpose.SECOND_OPINION,
        priority=last.priority,
        expected_severity=last.expected_severity,
        categories=last.categories,
        due_at=now + queue.allowance,
        created_at=now,
        asked_by=by,
    )
    search.wait_for_index([item.generation_id] if item.generation_id else [])
    record("item.second_opinion_asked", on=[item], by=by, data={"round": opened.pk})
    return opened


@transaction.atomic
def open_for_appeal(item: Item, *, by: User) -> Round:
    """Open a round that ``by`` holds at once, to judge ``item`` anew in an appeal; it never waits in a queue.

    Whether they may is for the room of appeals to say. Raises Refused where one is open.
    """
    item = Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
    rounds = list(item.rounds.select_related("queue", "item").order_by("pk"))
    if any(one.purpose == Round.Purpose.APPEAL and one.status == Round.Status.OPEN for one in rounds):
        raise Refused(rules.waits_elsewhere())

    now = clock.now()
    queue = queue_of(rounds[-1]) if rounds else default_queue()
    return Round.objects.create(
        item=item,
        queue=queue,
        purpose=Round.Purpose.APPEAL,
        priority=rounds[-1].priority if rounds else 0,
        due_at=now + queue.allowance,
        created_at=now,
        lease_by=by,
        lease_until=now + queue.lease,
        fence=1,
        seen_fence=1,
    )

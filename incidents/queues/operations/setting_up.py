"""The queues that every installation has."""

from dataclasses import asdict
from datetime import timedelta

from django.db import transaction

from incidents.intake.models import Restriction
from incidents.queues import default_queues, matching, rules
from incidents.queues.models import Queue, Round, RuleSet
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def set_up_queues() -> int:
    """Make the default queues and their rules unless there are queues. Return how many were made."""
    if Queue.objects.exists():
        return 0
    queues = Queue.objects.bulk_create(
        Queue(position=position, **asdict(new)) for position, new in enumerate(default_queues.QUEUES, start=1)
    )
    if not RuleSet.objects.exists():
        RuleSet.objects.create(number=1, rules=matching.stored(default_queues.RULES), made_at=clock.now())
    record("queues.set_up", on=queues, by=None, data={"rules": len(default_queues.RULES)})
    return len(queues)


@transaction.atomic
def set_up_queue(
    queue: Queue, *, lease: timedelta, longest_hold: timedelta, most_holds: int, answer_within: timedelta, by: User
) -> Queue:
    """Change how people work together in a queue, from the next lease, hold and hand-over on. Raises Refused."""
    if reason := rules.refusal_to_set_up_queue(by):
        raise Refused(reason)

    queue = Queue.objects.select_for_update().get(pk=queue.pk)
    queue.lease = lease
    queue.longest_hold = longest_hold
    queue.most_holds = most_holds
    queue.answer_within = answer_within
    fields = ["lease", "longest_hold", "most_holds", "answer_within"]
    queue.save(update_fields=fields)
    data = {name: str(getattr(queue, name)) for name in fields}
    record("queue.set_up", on=[queue], by=by, data=data)
    return queue


def default_queue() -> Queue:
    """Return the queue of what no rule claims, making it where none is marked so."""
    queue = Queue.objects.filter(is_default=True).first()
    return queue or _make(default_queues.GENERAL)


def audit_queue() -> Queue:
    """Return the queue of samples for audit, making it where none is marked so."""
    queue = Queue.objects.filter(is_for_audit=True).first()
    return queue or _make(default_queues.AUDIT)


def queue_for_restricted(category: str) -> Queue:
    """Return the queue that holds what is restricted as ``category``, making it where there is none."""
    queues = Queue.objects.filter(restricted_category=category, is_for_leads=False)
    queue = queues.order_by("position", "pk").first()
    return queue or _make(default_queues.RESTRICTED[category])


def queue_for_leads(category: str) -> Queue:
    """Return the queue of what is escalated to leads out of queues for ``category``, making it where there is none."""
    queue = Queue.objects.filter(restricted_category=category, is_for_leads=True).first()
    return queue or _make(default_queues.FOR_LEADS[category])


def queue_of(round: Round) -> Queue:
    """Return the queue where ``round``, which comes with queue and item, belongs now. 1 or 2 queries."""
    restriction = Restriction.objects.filter(generation=round.item.generation_id).first()
    if restriction is None or restriction.category == round.queue.restricted_category:
        return round.queue
    return queue_for_restricted(restriction.category)


@transaction.atomic
def _make(new: default_queues.NewQueue) -> Queue:
    queue, is_made = Queue.objects.get_or_create(slug=new.slug, defaults=asdict(new))
    if is_made:
        record("queue.made", on=[queue], by=None)
    return queue

"""Joining a queue with open eyes, and leaving work for a while."""

from django.db import transaction

from incidents.queues import queries, rules
from incidents.queues.models import Joining, Queue, Round
from incidents.queues.stream.nudging import nudge
from incidents.wellbeing import operations as wellbeing
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def take_break(*, by: User) -> int:
    """Give back what ``by`` has, but for what they put on hold, and stop their clock. Return how many."""
    if reason := rules.refusal_to_take_part(by):
        raise Refused(reason)
    asleep = queries.holds_of(by, clock.now()).values_list("pk", flat=True)
    held = list(Round.objects.select_for_update(no_key=True).held().filter(lease_by=by).exclude(pk__in=list(asleep)))
    Round.objects.filter(pk__in=[round.pk for round in held]).update(lease_by=None, lease_until=None)
    wellbeing.start_break(by=by)
    nudge()
    return len(held)


@transaction.atomic
def join(queue: Queue, *, by: User) -> None:
    """Remember that ``by`` was told what ``queue`` holds and takes work from it. Raises Refused."""
    if reason := rules.refusal_to_take_part(by):
        raise Refused(reason)
    Joining.objects.get_or_create(person=by, queue=queue, defaults={"at": clock.now()})


@transaction.atomic
def set_notice(queue: Queue, *, notice: str, asks_before_joining: bool, by: User) -> Queue:
    """Say what to expect of a queue, and whether it is asked once before one joins. Raises Refused."""
    queue = Queue.objects.select_for_update().get(pk=queue.pk)
    if reason := rules.refusal_to_set_notice(by):
        raise Refused(reason)

    queue.notice = notice
    queue.asks_before_joining = asks_before_joining
    queue.save(update_fields=["notice", "asks_before_joining"])
    record("queue.notice_set", on=[queue], by=by, data={"asks_before_joining": asks_before_joining})
    return queue

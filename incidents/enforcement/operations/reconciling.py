"""Telling each endpoint what is in force for it, and sending again what it answers to have lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from incidents.enforcement import missing
from incidents.enforcement.models import Delivery, EnforcementAction, InForceTelling
from incidents.enforcement.operations.state import locked
from trust import clock
from trust.audit.operations import record
from trust.outgoing import operations as outgoing
from trust.outgoing.models import Endpoint, Message

KIND: Final = "enforcement.in_force"
FOLLOW_UP: Final = "incidents.enforcement.tasks.send_missing"
MOST_TOLD: Final = 500
ORDERS: Final = (Delivery.Purpose.CARRY_OUT, Delivery.Purpose.EXTEND)


@transaction.atomic
def tell_in_force() -> bool:
    """Write one page for one endpoint whose time has come. Returns whether there was one; two at once take others.

    A fixed number of statements, however many are told. Before it received a page an endpoint gets no other.
    """
    now = clock.now()
    if not settings.CONFIRM_IN_FORCE_HOURS:
        return False
    endpoint = _due(now).select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
    if endpoint is None or not _due(now).filter(pk=endpoint.pk).exists():  # another was quicker
        return False
    telling, _is_new = InForceTelling.objects.get_or_create(endpoint=endpoint, defaults={"begun_at": now})
    if telling.ended_at:
        telling.begun_at, telling.page, telling.after, telling.ended_at = now, 0, 0, None
    found = list(_in_force_for(endpoint).filter(pk__gt=telling.after).select_related("actor")[: MOST_TOLD + 1])
    told, has_more = found[:MOST_TOLD], len(found) > MOST_TOLD

    telling.page += 1
    telling.after = told[-1].pk if told else telling.after
    telling.ended_at = None if has_more else now
    telling.save()
    data = {"page": telling.page, "more": has_more, "actions": [_said(enforcement) for enforcement in told]}
    event = outgoing.Event(KIND, data, about=KIND, follow_up=FOLLOW_UP, reads_answer=True)
    outgoing.write(event, to=[endpoint])
    record("enforcement.in_force_told", on=[endpoint], by=None, data={"page": telling.page, "actions": len(told)})
    return True


@transaction.atomic
def send_missing(limit: int = 1) -> int:
    """Follow answers: what runs still, and the endpoint was told of and has none of, it gets again as it was sent.

    Returns how many answers were looked at; safe to run twice at once. The actions are held in order.
    """
    answers = outgoing.take_answers(FOLLOW_UP, limit=limit)
    for message, answer in answers:
        told = {one["action"] for one in message.payload["data"]["actions"]}
        for number in sorted(missing.ids_in(answer, told=told)):
            _send_again(number, endpoint=message.endpoint_id)
    return len(answers)


def _send_again(number: int, *, endpoint: int) -> None:
    enforcement = locked(EnforcementAction(pk=number))
    if enforcement.status not in EnforcementAction.RUNNING:
        return
    orders = enforcement.deliveries.filter(purpose__in=ORDERS, message__endpoint=endpoint)
    lost = [
        delivery
        for delivery in orders.select_related("message__endpoint").order_by("pk")
        if outgoing.send_lost_again(delivery.message)
    ]
    if not lost:
        return
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in lost]).update(lost_at=clock.now())
    record("enforcement.missing", on=[enforcement, enforcement.actor, lost[0].message.endpoint], by=None)


def _due(now: datetime) -> Any:
    """Endpoints to be told now: a page is left, or the last telling began long enough ago, or the endpoint did."""
    since = now - timedelta(hours=settings.CONFIRM_IN_FORCE_HOURS)
    tellings = InForceTelling.objects.filter(endpoint=OuterRef("pk"))
    on_its_way = Message.objects.filter(endpoint=OuterRef("pk"), status=Message.Status.WAITING, about=KIND)
    return Endpoint.objects.active().filter(
        ~Exists(on_its_way),
        ~Exists(tellings.filter(ended_at__isnull=False, begun_at__gt=since)),
        created_at__lte=since,
    )


def _in_force_for(endpoint: Endpoint) -> Any:
    """What runs and the endpoint has received the order for, in the order of its numbers."""
    received = Delivery.objects.filter(
        enforcement=OuterRef("pk"),
        purpose=Delivery.Purpose.CARRY_OUT,
        message__endpoint=endpoint,
        message__status=Message.Status.DELIVERED,
    )
    return EnforcementAction.objects.running().filter(Exists(received)).order_by("pk")


def _said(enforcement: EnforcementAction) -> dict[str, Any]:
    actor = enforcement.actor
    return {
        "action": enforcement.pk,
        "kind": enforcement.kind,
        "parameters": enforcement.parameters,
        "actor": {"namespace": actor.namespace, "kind": actor.kind, "external_id": actor.external_id},
        "ends_at": enforcement.ends_at.isoformat() if enforcement.ends_at else None,
    }

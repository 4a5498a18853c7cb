from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from incidents.enforcement import kinds, links, queries, rules
from incidents.enforcement.models import Delivery, EnforcementAction, Extension
from incidents.enforcement.operations.state import FOLLOW_UP, locked, move, settle_standing, tell
from incidents.enforcement.operations.statements import freeze
from incidents.enforcement.statements import with_link
from policies import operations as policies
from policies.vocabulary import EnforcementKind
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.outgoing import operations as outgoing
from trust.outgoing.models import Endpoint, Message
from trust.refusals import Refused

Status = EnforcementAction.Status
Purpose = Delivery.Purpose

MOST_SENT_AGAIN: Final = 1_000


@transaction.atomic
def follow_deliveries(limit: int = 100) -> int:
    """Let actions follow their finished deliveries. Returns how many were looked at; safe to run twice at once."""
    messages = outgoing.take_finished(FOLLOW_UP, limit=limit)
    told = EnforcementAction.objects.filter(
        deliveries__message__in=messages, deliveries__purpose=Purpose.CARRY_OUT, status=Status.APPROVED
    )
    for enforcement in told.order_by("pk").distinct():
        _follow(locked(enforcement))
    return len(messages)


@transaction.atomic
def begin_next() -> EnforcementAction | None:
    """Begin one action whose time has come; None when there is none. Two at once take different ones.

    One for each transaction, as in ``end_next``.
    """
    due = EnforcementAction.objects.to_begin(clock.now()).select_related("actor", "approved_by")
    enforcement = due.order_by("starts_at", "pk").select_for_update(skip_locked=True, of=("self",)).first()
    if enforcement is None:
        return None
    move(enforcement, Status.APPROVED)
    record("enforcement.begun", on=[enforcement, enforcement.actor], by=None)
    carry_out(enforcement, by=None)
    return enforcement


@transaction.atomic
def end_next() -> EnforcementAction | None:
    """End one action that is past its time; None when there is none. Two at once take different ones.

    One for each transaction: whoever holds several actors must hold them in order.
    """
    due = EnforcementAction.objects.over(clock.now()).select_related("actor").order_by("ends_at", "pk")
    enforcement = due.select_for_update(skip_locked=True, of=("self",)).first()
    if enforcement is None:
        return None
    move(enforcement, Status.EXPIRED)
    record("enforcement.expired", on=[enforcement, enforcement.actor], by=None)
    end(enforcement, why="expired", by=None)
    return enforcement


@transaction.atomic
def send_again(delivery: Delivery, *, by: User) -> Delivery:
    """Put a delivery that was given up on its way again, under the same ``webhook_id``. Raises Refused."""
    locked(delivery.enforcement)
    delivery = Delivery.objects.select_related("message", "enforcement__actor").get(pk=delivery.pk)
    if reason := rules.refusal_to_send_again(delivery, by):
        raise Refused(reason)

    delivery.message = outgoing.send_again(delivery.message, by=by)
    return delivery


def send_all_again(*, by: User) -> int:
    """Put what was given up on its way again where that is still right, the oldest first. Returns how many.

    Up to a thousand, each in a transaction of its own. What was carried out must not be after its end: such stay.
    """
    given_up = Delivery.objects.filter(message__status=Message.Status.DEAD).order_by("message")
    sent = 0
    for delivery in given_up.select_related("message", "enforcement__actor")[:MOST_SENT_AGAIN]:
        try:
            send_again(delivery, by=by)
        except Refused:  # it has ended, or somebody else was quicker
            continue
        sent += 1
    return sent


def carry_out(enforcement: EnforcementAction, *, by: User | None) -> None:
    """Tell every endpoint of what was approved, and let the standing follow. In the transaction of the approval.

    With no endpoint to tell, it is in force at once.
    """
    endpoints = list(Endpoint.objects.active().order_by("pk"))
    approver = enforcement.approved_by.pseudonym if enforcement.approved_by else None
    address, statement = links.address_of(enforcement), freeze(enforcement)
    said: dict[str, Any] = {
        "approved_by": approver,
        "appeal_url": address,
        "statement": {"language": statement.language, "text": with_link(statement.text, address)},
    }
    if enforcement.by_rule_id:
        said["rule"] = enforcement.by_rule_id
    tell(enforcement, Purpose.CARRY_OUT, to=endpoints, **said)
    _stop_clocks(enforcement, by=by)
    if not endpoints:
        put_in_force(enforcement, by=None)
    settle_standing(enforcement.actor, by=by)


def told_to_carry_out(enforcement: EnforcementAction) -> list[Endpoint]:
    """Return the endpoints that were given the order, the withdrawn ones left out. One that is off is told once on."""
    orders = enforcement.deliveries.filter(purpose=Purpose.CARRY_OUT).exclude(message__status=Message.Status.WITHDRAWN)
    return list(Endpoint.objects.filter(pk__in=orders.values("message__endpoint")).order_by("pk"))


def lapse_extensions(enforcement: EnforcementAction) -> None:
    """Close what waited to extend an action that ends, and withdraw what nobody was told of yet."""
    for extension in enforcement.extensions.waiting().order_by("pk"):
        extension.status, extension.decided_at = Extension.Status.LAPSED, clock.now()
        extension.save(update_fields=["status", "decided_at"])
        record("enforcement.extension_lapsed", on=[extension, enforcement, enforcement.actor], by=None)
    for delivery in enforcement.deliveries.filter(purpose=Purpose.EXTEND).select_related("message").order_by("pk"):
        outgoing.withdraw(delivery.message)


def put_in_force(enforcement: EnforcementAction, *, by: User | None) -> None:
    """Must run inside the transaction that holds ``enforcement``."""
    move(enforcement, Status.IN_FORCE, in_force_at=clock.now())
    record("enforcement.in_force", on=[enforcement, enforcement.actor], by=by)


def undo(enforcement: EnforcementAction, *, reason: str, by: User) -> None:
    """Reverse what runs, whichever rule allows it. Must run inside the transaction that holds ``enforcement``."""
    move(enforcement, Status.REVERSED, reversed_by=by, reversed_at=clock.now(), reversal_reason=reason.strip())
    record("enforcement.reversed", on=[enforcement, enforcement.actor], by=by, reason=reason)
    end(enforcement, why="reversed", by=by)


def end(enforcement: EnforcementAction, *, why: str, by: User | None) -> None:
    """Tell to lift it whoever was told to carry it out, and let the standing follow. In the transaction of the end.

    An endpoint that is off, even one that said to be gone, is told when it is on again: it may still hold the order.
    An order that was never tried is withdrawn instead. What merely informed ends by itself without a message.
    """
    lapse_extensions(enforcement)
    orders = enforcement.deliveries.filter(purpose=Purpose.CARRY_OUT).select_related("message__endpoint")
    told = [delivery.message.endpoint for delivery in orders.order_by("pk") if not outgoing.withdraw(delivery.message)]
    if why != "expired" or kinds.KINDS[EnforcementKind(enforcement.kind)].is_lifted:
        tell(enforcement, Purpose.LIFT, to=told, why=why, lifted_by=by.pseudonym if by else None)
    settle_standing(enforcement.actor, by=by)


def _stop_clocks(enforcement: EnforcementAction, *, by: User | None) -> None:
    """Stop the clocks of the gaps that were closed by the clauses which this rests on."""
    decisions = queries.decisions_under(enforcement)
    texts = {violation.clause for decision in decisions for violation in decision.violations.all()}
    for text in sorted(texts, key=lambda text: text.pk):
        policies.note_first_enforcement(text, by=by)


def _follow(enforcement: EnforcementAction) -> None:
    is_received, is_trusted = queries.is_told(enforcement)
    if enforcement.status != Status.APPROVED or not is_received:
        return
    if is_trusted:
        put_in_force(enforcement, by=None)
        return
    move(enforcement, Status.DELIVERED)
    record("enforcement.delivered", on=[enforcement, enforcement.actor], by=None)

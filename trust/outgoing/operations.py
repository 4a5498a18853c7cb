"""Endpoints, and messages on their way: written in the transaction of what they tell, claimed, sent, finished."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Func
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext as _

from trust import clock, webhook_secrets
from trust.accounts.models import User
from trust.audit.operations import record
from trust.celery import hint
from trust.outgoing import http, rules, webhook
from trust.outgoing.models import Attempt, Endpoint, Message, MessageToFollow
from trust.refusals import Refused

LEASE: Final = timedelta(seconds=60)  # four times what a delivery may take
FAILURES_TO_PAUSE: Final = 20
PAUSE: Final = timedelta(minutes=30)
FORMER_SIGNS_FOR: Final = timedelta(hours=24)
MOST_KEPT: Final = 1024  # characters of an answer, in the log

Status = Message.Status


@dataclass(frozen=True)
class Event:
    """What to tell: ``kind`` is dotted ("enforcement.approved"), ``about`` names the one thing it concerns."""

    kind: str
    data: dict[str, Any]
    about: str = ""
    follow_up: str = ""
    reads_answer: bool = False


# ── Endpoints ────────────────────────────────────────────


@transaction.atomic
def create_endpoint(name: str, *, url: str, trusts_receipt: bool = True, by: User | None) -> tuple[Endpoint, str]:
    """Make an endpoint. Returns it with its secret, which cannot be read again. Raises Refused."""
    refusal = rules.refusal_to_manage(by) or rules.refusal_of_name(name) or rules.refusal_of_url(url)
    if refusal:
        raise Refused(refusal)
    if Endpoint.objects.filter(name=name).exists():
        raise Refused(_("There is an endpoint called %(name)s already.") % {"name": name})

    secret = webhook_secrets.new_secret()
    endpoint = Endpoint.objects.create(
        name=name,
        url=url,
        sealed_secret=webhook_secrets.seal(secret),
        trusts_receipt=trusts_receipt,
        created_at=clock.now(),
    )
    record("endpoint.created", on=[endpoint], by=by)
    return endpoint, secret


@transaction.atomic
def switch_off(endpoint: Endpoint, *, by: User | None) -> Endpoint:
    """Send nothing more to an endpoint; what waits for it stays. Raises Refused."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if reason := rules.refusal_to_manage(by):
        raise Refused(reason)

    endpoint.is_active = False
    endpoint.save(update_fields=["is_active"])
    record("endpoint.switched_off", on=[endpoint], by=by)
    return endpoint


@transaction.atomic
def switch_on(endpoint: Endpoint, *, by: User | None) -> Endpoint:
    """Send to an endpoint again, at once and with a clean sheet: what waited goes out now. Raises Refused."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if reason := rules.refusal_to_manage(by):
        raise Refused(reason)

    endpoint.is_active = True
    endpoint.failures = 0
    endpoint.paused_until = None
    endpoint.gone_at = None
    endpoint.save(update_fields=["is_active", "failures", "paused_until", "gone_at"])
    record("endpoint.switched_on", on=[endpoint], by=by)
    hint("trust.outgoing.tasks.deliver_due")
    return endpoint


@transaction.atomic
def change_secret(endpoint: Endpoint, *, by: User | None) -> tuple[Endpoint, str]:
    """Give an endpoint a new secret; the former one signs beside it for a day. Raises Refused.

    Returns it with the secret, which cannot be read again.
    """
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if reason := rules.refusal_to_manage(by):
        raise Refused(reason)

    secret = webhook_secrets.new_secret()
    endpoint.sealed_former, endpoint.former_until = endpoint.sealed_secret, clock.now() + FORMER_SIGNS_FOR
    endpoint.sealed_secret = webhook_secrets.seal(secret)
    endpoint.save(update_fields=["sealed_secret", "sealed_former", "former_until"])
    record("endpoint.secret_changed", on=[endpoint], by=by, data={"former_until": endpoint.former_until})
    return endpoint, secret


# ── Messages ─────────────────────────────────────────────


def write(event: Event, *, to: list[Endpoint]) -> list[Message]:
    """Write one message for each endpoint. Must run inside the transaction of what it tells; that records it."""
    now = clock.now()
    payload = {"type": event.kind, "timestamp": now.isoformat(), "data": event.data}
    messages = Message.objects.bulk_create(
        Message(
            endpoint=endpoint,
            kind=event.kind,
            payload=payload,
            about=event.about,
            follow_up=event.follow_up,
            reads_answer=event.reads_answer,
            tries_left=webhook.TRIES,
            next_attempt_at=now,
            created_at=now,
        )
        for endpoint in to
    )
    if messages:
        hint("trust.outgoing.tasks.deliver_due")
    return messages


@transaction.atomic
def claim_due() -> Message | None:
    """Take the next message that is due, under a lease, with its endpoint; None when nothing is. No audit event."""
    now = _database_time()
    message = (
        Message.objects.due(now)
        .select_related("endpoint")
        .order_by("next_attempt_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if message is None:
        return None
    Message.objects.filter(pk=message.pk).update(
        leased_until=now + LEASE,
        attempts_made=F("attempts_made") + 1,
        tries_left=Greatest(F("tries_left") - 1, 0),
    )
    message.attempts_made += 1
    message.tries_left = max(message.tries_left - 1, 0)
    return message


@transaction.atomic
def finish(claimed: Message, *, answer: http.Answer) -> Message:
    """Write down what came of a claimed attempt: delivered, to be tried again, or given up.

    A late finisher, whose lease went to someone else, counts when the receiver said yes and changes nothing else.
    """
    message = Message.objects.select_for_update().select_related("endpoint").get(pk=claimed.pk)
    _note_attempt(message, claimed.attempts_made, answer)
    if message.status != Status.WAITING:
        return message
    if answer.is_received:
        _mark_delivered(message, answer)
    elif message.attempts_made == claimed.attempts_made:
        _mark_failed(message, answer)
    return message


@transaction.atomic
def send_again(message: Message, *, by: User) -> Message:
    """Put a message that was given up on its way again, with the same ``webhook_id``. Raises Refused.

    Who may do so is for the room to say that wrote the message.
    """
    message = Message.objects.select_for_update().get(pk=message.pk)
    if reason := rules.refusal_to_send_again(message):
        raise Refused(reason)

    message.status = Status.WAITING
    message.tries_left = webhook.TRIES
    message.next_attempt_at = clock.now()
    message.save(update_fields=["status", "tries_left", "next_attempt_at"])
    record("message.sent_again", on=[message], by=by)
    hint("trust.outgoing.tasks.deliver_due")
    return message


def send_lost_again(message: Message) -> bool:
    """Put a message that its receiver has lost on its way again, with the same ``webhook_id``.

    Returns whether it was: one on its way already stays there. Must run inside the transaction of who found it lost.
    """
    lost = Message.objects.select_for_update().filter(pk=message.pk, status=Status.DELIVERED).first()
    if lost is None:
        return False
    lost.status = Status.WAITING
    lost.tries_left = webhook.TRIES
    lost.next_attempt_at = clock.now()
    lost.save(update_fields=["status", "tries_left", "next_attempt_at"])
    record("message.lost", on=[lost], by=None)
    hint("trust.outgoing.tasks.deliver_due")
    return True


def withdraw(message: Message) -> bool:
    """Take back a message that was never tried. Returns whether it could be. Must run inside a transaction."""
    return bool(
        Message.objects.filter(pk=message.pk, status=Status.WAITING, attempts_made=0).update(
            status=Status.WITHDRAWN, next_attempt_at=None
        )
    )


def take_finished(follow_up: str, *, limit: int) -> list[Message]:
    """Take the messages that ``follow_up`` has yet to learn of. Must run inside the caller's transaction."""
    return [message for message, _answer in take_answers(follow_up, limit=limit)]


def take_answers(follow_up: str, *, limit: int) -> list[tuple[Message, str]]:
    """Take the same with what was answered, at most 64 KiB each; "" for what was given up or reads no answer."""
    rows = list(
        MessageToFollow.objects.filter(follow_up=follow_up)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("message")
        .order_by("pk")[:limit]
    )
    MessageToFollow.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return [(row.message, row.answer) for row in sorted(rows, key=lambda row: row.message_id)]


# ── Parts of finish ──────────────────────────────────────


def _note_attempt(message: Message, number: int, answer: http.Answer) -> None:
    Attempt.objects.create(
        message=message,
        number=number,
        at=clock.now(),
        status_code=answer.status_code,
        fault=answer.fault,
        answer=answer.text[:MOST_KEPT],
        duration_ms=answer.duration_ms,
    )


def _mark_delivered(message: Message, answer: http.Answer) -> None:
    message.status = Status.DELIVERED
    message.delivered_at = clock.now()
    _end(message, answer.text if message.reads_answer else "")
    Endpoint.objects.filter(pk=message.endpoint_id).update(failures=0, paused_until=None)


def _mark_failed(message: Message, answer: http.Answer) -> None:
    endpoint = Endpoint.objects.select_for_update().get(pk=message.endpoint_id)
    endpoint.failures += 1
    if answer.status_code == webhook.GONE:
        endpoint.is_active = False
        endpoint.gone_at = clock.now()
        record("endpoint.gone", on=[endpoint, message], by=None)
    elif endpoint.failures >= FAILURES_TO_PAUSE:
        endpoint.paused_until = clock.now() + PAUSE
        record("endpoint.paused", on=[endpoint, message], by=None, data={"failures": endpoint.failures})
    endpoint.save(update_fields=["failures", "is_active", "gone_at", "paused_until"])

    wait = None if answer.status_code == webhook.GONE else webhook.wait_after(message, answer)
    if wait is None:
        message.status = Status.DEAD
        message.given_up_at = clock.now()
        record("message.given_up", on=[message], by=None, data={"attempts": message.attempts_made})
        _end(message)
        return
    message.next_attempt_at = clock.now() + wait
    message.leased_until = None
    message.save(update_fields=["next_attempt_at", "leased_until"])


def _end(message: Message, answer: str = "") -> None:
    message.next_attempt_at = None
    message.leased_until = None
    message.save(update_fields=["status", "delivered_at", "given_up_at", "next_attempt_at", "leased_until"])
    if message.follow_up:
        MessageToFollow.objects.create(message=message, follow_up=message.follow_up, answer=answer)
        hint(message.follow_up)


def _database_time() -> datetime | Func:
    """Leases go by the clock of the database, which all workers share."""
    return clock.given() or Now()

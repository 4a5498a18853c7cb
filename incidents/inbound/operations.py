"""Every write about inbound webhooks: their addresses and secrets, and what came to them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from incidents.inbound import rules, signatures
from incidents.inbound.models import BOTH_HOLD_FOR, Arrival, InboundWebhook, Refusal, Tally
from incidents.intake import operations as intake
from incidents.intake.formats import openai_safety_webhook
from incidents.intake.formats.reader import Reader
from trust import clock, webhook_secrets
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

MOST_SIGNED_A_MINUTE: Final = 600
MOST_REFUSED_A_MINUTE: Final = 60  # further ones are turned away without being written down
REMEMBERED_FOR: Final = timedelta(days=30)
FORGOTTEN_AT_ONCE: Final = 1_000

_READER: Final = Reader(openai_safety_webhook.FORMAT)


# ── Addresses and secrets ────────────────────────────────


@transaction.atomic
def create(name: str, *, source: str, secret: str = "", by: User) -> InboundWebhook:
    """Make an address. Without ``secret`` it refuses everything until one is entered. Raises Refused."""
    name, secret = name.strip(), secret.strip()
    refusal = rules.refusal_to_manage(by) or rules.refusal_of_name(name)
    if refusal := refusal or (rules.refusal_of_secret(secret) if secret else None):
        raise Refused(refusal)
    if InboundWebhook.objects.filter(name=name).exists():
        raise Refused(_("There is an inbound webhook called %(name)s already.") % {"name": name})

    sealed = webhook_secrets.seal(secret) if secret else None
    webhook = InboundWebhook.objects.create(name=name, source=source, sealed_secret=sealed, created_at=clock.now())
    Tally.objects.create(webhook=webhook)
    record("inbound.created", on=[webhook], by=by, data={"source": source, "has_secret": bool(secret)})
    return webhook


@transaction.atomic
def set_secret(webhook: InboundWebhook, *, secret: str, by: User) -> InboundWebhook:
    """Put a secret in force; the one before it holds for a day more, so that nothing is refused meanwhile."""
    webhook = InboundWebhook.objects.select_for_update().get(pk=webhook.pk)
    secret = secret.strip()
    if reason := rules.refusal_to_manage(by) or rules.refusal_of_secret(secret):
        raise Refused(reason)
    if webhook.sealed_secret is not None and webhook_secrets.unseal(webhook.sealed_secret) == secret:
        raise Refused(_("This secret is in force already."))

    if webhook.sealed_secret is not None:
        webhook.sealed_former, webhook.former_until = webhook.sealed_secret, clock.now() + BOTH_HOLD_FOR
    webhook.sealed_secret = webhook_secrets.seal(secret)
    webhook.save(update_fields=["sealed_secret", "sealed_former", "former_until"])
    record("inbound.secret_set", on=[webhook], by=by, data={"both_hold": webhook.sealed_former is not None})
    return webhook


@transaction.atomic
def end_former_secret(webhook: InboundWebhook, *, by: User) -> InboundWebhook:
    """Believe the former secret no more, at once. Raises Refused."""
    webhook = _locked_to_change(webhook, by)
    if webhook.sealed_former is None:
        raise Refused(_("There is no former secret."))

    webhook.sealed_former = webhook.former_until = None
    webhook.save(update_fields=["sealed_former", "former_until"])
    record("inbound.former_secret_ended", on=[webhook], by=by)
    return webhook


@transaction.atomic
def switch_on(webhook: InboundWebhook, *, by: User) -> InboundWebhook:
    webhook = _locked_to_change(webhook, by)
    webhook.is_active = True
    webhook.save(update_fields=["is_active"])
    record("inbound.switched_on", on=[webhook], by=by)
    return webhook


@transaction.atomic
def switch_off(webhook: InboundWebhook, *, by: User) -> InboundWebhook:
    """Refuse whatever comes; the provider keeps trying for as long as it does. Raises Refused."""
    webhook = _locked_to_change(webhook, by)
    webhook.is_active = False
    webhook.save(update_fields=["is_active"])
    record("inbound.switched_off", on=[webhook], by=by)
    return webhook


def _locked_to_change(webhook: InboundWebhook, by: User) -> InboundWebhook:
    webhook = InboundWebhook.objects.select_for_update().get(pk=webhook.pk)
    if reason := rules.refusal_to_manage(by):
        raise Refused(reason)
    return webhook


# ── What comes ───────────────────────────────────────────


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Taken:
    """What became of a request that was believed; ``errors`` by path when it could not be read."""

    outcome: Outcome
    errors: dict[str, list[str]] = field(default_factory=dict)


class NotBelieved(Exception):  # noqa: N818  an answer to a stranger, not a failure
    """Nothing shows that a provider sent this; the one who did learns no more."""


class TooMany(Exception):  # noqa: N818  an answer to the provider
    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def believe(token: UUID, body: bytes, headers: Mapping[str, str]) -> InboundWebhook:
    """Return the webhook whose secret signed ``body``. Raises NotBelieved or TooMany; both are noted for admins.

    ``headers`` by names in lower case. Two statements; nothing of ``body`` is read but its bytes.
    """
    webhook = InboundWebhook.objects.filter(token=token).first()
    if webhook is None:
        raise NotBelieved
    if refusal := signatures.refusal_of(webhook, body, headers, clock.now()):
        note_refused(token, refusal)
        raise NotBelieved
    if seconds := _count_signed(webhook):
        note_refused(token, Refusal.TOO_MANY)
        raise TooMany(seconds)
    return webhook


def take(webhook: InboundWebhook, body: bytes, *, message_id: str) -> Taken:
    """Store what a signed request tells, once however often it is sent, durably before this returns."""
    try:
        return _take(webhook, body, message_id)
    except IntegrityError:  # the same request was taken at this very moment: now it is known
        return _take(webhook, body, message_id)


@transaction.atomic
def _take(webhook: InboundWebhook, body: bytes, message_id: str) -> Taken:
    now, digest = clock.now(), hashlib.sha256(message_id.encode()).digest()
    if Arrival.objects.filter(webhook=webhook, message_digest=digest).exists():
        return _tallied(webhook, Outcome.DUPLICATE)
    if not openai_safety_webhook.may_be_about_safety(body):
        return _tallied(webhook, Outcome.IGNORED)

    receipt = intake.accept([body], source=webhook.source, reader=_READER)
    if receipt.rejected:
        note_refused(webhook.token, Refusal.NOT_READ)
        return Taken(Outcome.REJECTED, receipt.rejected[0].errors)
    Arrival.objects.create(webhook=webhook, message_digest=digest, received_at=now)
    return _tallied(webhook, Outcome.ACCEPTED if receipt.accepted else Outcome.DUPLICATE)


_COUNTERS: Final = {Outcome.ACCEPTED: "received", Outcome.DUPLICATE: "repeated", Outcome.IGNORED: "ignored"}


def _tallied(webhook: InboundWebhook, outcome: Outcome) -> Taken:
    counter = _COUNTERS[outcome]
    Tally.objects.filter(webhook=webhook).update(**{counter: F(counter) + 1}, last_received_at=clock.now())
    return Taken(outcome)


def note_refused(token: UUID, refusal: Refusal) -> None:
    """Count a refused request and why, unless very many came in this minute. One statement; no audit event."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_REFUSED, {"token": token, "refusal": refusal.value, "most": MOST_REFUSED_A_MINUTE})


def _count_signed(webhook: InboundWebhook) -> int:
    """Count a signed request in this minute; return the seconds to wait once there were too many, else 0."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_SIGNED, {"webhook": webhook.pk})
        counted, seconds_left = cursor.fetchone()
    return max(seconds_left, 1) if counted > MOST_SIGNED_A_MINUTE else 0


_NOTE_REFUSED: Final = """
    update inbound_tally set
        refused = refused + 1, last_refused_at = now(), last_refusal = %(refusal)s,
        refused_in_minute = case when minute = date_trunc('minute', now()) then refused_in_minute else 0 end + 1,
        signed_in_minute = case when minute = date_trunc('minute', now()) then signed_in_minute else 0 end,
        minute = date_trunc('minute', now())
    where webhook_id = (select id from inbound_inboundwebhook where token = %(token)s)
        and (minute is distinct from date_trunc('minute', now()) or refused_in_minute < %(most)s)
"""
_COUNT_SIGNED: Final = """
    update inbound_tally set
        signed_in_minute = case when minute = date_trunc('minute', now()) then signed_in_minute else 0 end + 1,
        refused_in_minute = case when minute = date_trunc('minute', now()) then refused_in_minute else 0 end,
        minute = date_trunc('minute', now())
    where webhook_id = %(webhook)s
    returning signed_in_minute, 60 - extract(second from now())::int
"""


def forget_arrivals() -> int:
    """Delete what is known of requests a month old, a thousand at a time, and return how many."""
    old = Arrival.objects.filter(received_at__lt=clock.now() - REMEMBERED_FOR).order_by("received_at")
    deleted, _by_model = Arrival.objects.filter(pk__in=old.values("pk")[:FORGOTTEN_AT_ONCE]).delete()
    return deleted

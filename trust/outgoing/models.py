from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from trust.permissions import Permission


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def visible_to(self, person: Any) -> EndpointQuerySet:
        return self if person.may(Permission.READ_SETTINGS) else self.none()

    def active(self) -> EndpointQuerySet:
        return self.filter(is_active=True)


class Endpoint(models.Model):
    """An outside system that is told what was decided. Its secret is sealed with the field key.

    Once its secret was changed the former one signs beside it until ``former_until``.
    """

    name = models.CharField(max_length=100, unique=True)
    url = models.URLField(max_length=500)
    sealed_secret = models.BinaryField()
    sealed_former = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    trusts_receipt = models.BooleanField(default=True, help_text=_("A 2xx answer means that the action is in force"))
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row"))
    paused_until = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True, help_text=_("When it answered 410 and was switched off"))
    created_at = models.DateTimeField()

    objects = EndpointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed_former__isnull=True, former_until__isnull=True)
                | Q(sealed_former__isnull=False, former_until__isnull=False),
                name="endpoint_former_is_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def secrets_at(self, now: datetime) -> list[bytes]:
        """Return the sealed secrets that sign now, the newest first."""
        former = self.sealed_former if self.former_until is not None and self.former_until > now else None
        return [bytes(sealed) for sealed in (self.sealed_secret, former) if sealed is not None]


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, now: datetime | models.Func) -> MessageQuerySet:
        """Messages that may be sent now: one at a time to each endpoint, and those about one thing in their order.

        The row's own lease is asked for beside the endpoint's: only conditions on the row itself are checked again once
        a lock on it is had. Served by index ``message_due``.
        """
        in_flight = Message.objects.filter(endpoint=OuterRef("endpoint"), status="waiting", leased_until__gt=now)
        earlier = Message.objects.filter(
            endpoint=OuterRef("endpoint"), status="waiting", about=OuterRef("about"), pk__lt=OuterRef("pk")
        ).exclude(about="")
        return self.filter(
            ~Exists(in_flight),
            ~Exists(earlier),
            Q(leased_until__isnull=True) | Q(leased_until__lte=now),
            Q(endpoint__paused_until__isnull=True) | Q(endpoint__paused_until__lte=now),
            status=Message.Status.WAITING,
            next_attempt_at__lte=now,
            endpoint__is_active=True,
        )

    def for_log(self) -> MessageQuerySet:
        """Load the attempts of each, the last first, in one more query, and not what it says."""
        tried = models.Prefetch("attempts", Attempt.objects.order_by("-number"), to_attr="tried")
        return self.defer("payload").prefetch_related(tried)


class Message(models.Model):
    """One thing to tell one endpoint: sent until it is received, always with the same ``webhook_id``.

    ``about`` names what it concerns: messages about one thing leave in the order in which they were written.
    ``follow_up`` is the task to wake once it was delivered or given up; it gets the answer where it ``reads_answer``.
    ``attempts_made`` counts from the claim on and
    is the fencing number of the lease.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        DEAD = "dead", _("Given up")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    webhook_id = models.UUIDField(unique=True, default=uuid.uuid4)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    about = models.CharField(max_length=80, blank=True)
    follow_up = models.CharField(max_length=120, blank=True)
    reads_answer = models.BooleanField(default=False, db_default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    tries_left = models.PositiveSmallIntegerField()
    next_attempt_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True, help_text=_("The last time"))

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="waiting") | Q(next_attempt_at__isnull=False), name="message_waiting_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(status="delivered") | Q(delivered_at__isnull=False), name="message_delivered_whole"
            ),
            models.CheckConstraint(
                condition=~Q(status="dead") | Q(given_up_at__isnull=False), name="message_given_up_whole"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(status="waiting"), name="message_due"),
            models.Index(fields=["endpoint", "about", "id"], condition=Q(status="waiting"), name="message_in_order"),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="message_of_endpoint"),
            models.Index(fields=["endpoint", "id"], condition=Q(status="dead"), name="message_given_up"),
            models.Index(fields=["-given_up_at", "-id"], condition=Q(status="dead"), name="message_given_up_lately"),
        ]

    def __str__(self) -> str:
        return str(self.webhook_id)


class Attempt(models.Model):
    """One try to deliver a message, and the answer. Append-only."""

    class Fault(models.TextChoices):
        REFUSED_ADDRESS = "refused_address", _("The address is not allowed")
        NAME_NOT_FOUND = "name_not_found", _("The name was not found")
        NO_CONNECTION = "no_connection", _("No connection")
        TLS = "tls", _("The certificate or the encryption is not right")
        TOO_SLOW = "too_slow", _("No answer within 15 seconds")
        NOT_HTTP = "not_http", _("The answer was not HTTP")

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True)
    fault = models.CharField(max_length=20, choices=Fault.choices, blank=True)
    answer = models.CharField(max_length=1024, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="attempt_number_once")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.number}"

    @property
    def is_received(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300


class MessageToFollow(models.Model):
    """To do for the room that wrote a message: it was delivered, with this answer if it reads it, or given up."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    follow_up = models.CharField(max_length=120)
    answer = models.TextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["follow_up", "id"], name="message_to_follow")]

    def __str__(self) -> str:
        return str(self.message_id)

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from trust.permissions import Permission

BOTH_HOLD_FOR: Final = timedelta(hours=24)


class InboundWebhookQuerySet(models.QuerySet["InboundWebhook"]):
    def visible_to(self, person: Any) -> InboundWebhookQuerySet:
        return self if person.may(Permission.READ_SETTINGS) else self.none()


class InboundWebhook(models.Model):
    """An address of ours at which a provider tells us of something, signed with a secret that the provider made.

    While the secret is changed the former one holds beside it, until ``former_until``. ``token`` names the address.
    """

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    name = models.CharField(max_length=100, unique=True)
    source = models.SlugField(max_length=60)
    sealed_secret = models.BinaryField(null=True)
    sealed_former = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = InboundWebhookQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed_former__isnull=True, former_until__isnull=True)
                | Q(sealed_former__isnull=False, former_until__isnull=False, sealed_secret__isnull=False),
                name="inboundwebhook_former_secret_ends",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("inbound:webhook", args=[self.pk])

    def sealed_in_force(self, now: datetime) -> list[bytes]:
        """Return the secrets that sign for this webhook now, the newest first."""
        former = self.sealed_former if self.former_until is not None and self.former_until > now else None
        return [bytes(sealed) for sealed in (self.sealed_secret, former) if sealed is not None]


class Refusal(models.TextChoices):
    """Why a request was turned away. Said to admins, never to who sent it."""

    OFF = "off", _("The webhook is switched off")
    NO_SECRET = "no_secret", _("No secret was entered yet")
    NOT_SIGNED = "not_signed", _("It carried no signature")
    OTHER_TIME = "other_time", _("Its time was more than five minutes off")
    OTHER_SIGNATURE = "other_signature", _("The signature was not made with a secret in force")
    TOO_LARGE = "too_large", _("It was too large")
    TOO_MANY = "too_many", _("More came in a minute than are taken")
    NOT_READ = "not_read", _("It was signed, but could not be read as an event")


class Tally(models.Model):
    """What came to a webhook so far, and how much in this minute. A row of its own: it changes with every request."""

    webhook = models.OneToOneField(InboundWebhook, on_delete=models.CASCADE, primary_key=True, related_name="tally")
    received = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    ignored = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    last_received_at = models.DateTimeField(null=True)
    last_refused_at = models.DateTimeField(null=True)
    last_refusal = models.CharField(max_length=20, choices=Refusal.choices, blank=True)
    minute = models.DateTimeField(null=True)
    signed_in_minute = models.IntegerField(default=0)
    refused_in_minute = models.IntegerField(default=0)

    def __str__(self) -> str:
        return str(self.pk)


class Arrival(models.Model):
    """A request that was taken, by SHA-256 of its webhook-id: by it one that is sent again is known."""

    webhook = models.ForeignKey(InboundWebhook, on_delete=models.PROTECT, related_name="arrivals", db_index=False)
    message_digest = models.BinaryField(max_length=32)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "message_digest"], name="arrival_once")]
        indexes = [models.Index(fields=["received_at"], name="arrival_by_age")]

    def __str__(self) -> str:
        return str(self.pk)

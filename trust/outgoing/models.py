from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Endpoint(models.Model):
    """An outside system that is told what was decided. Its secret is sealed with the field key."""

    name = models.CharField(max_length=100, unique=True)
    url = models.URLField(max_length=500)
    sealed_secret = models.BinaryField()
    is_active = models.BooleanField(default=True)
    trusts_receipt = models.BooleanField(default=True, help_text=_("A 2xx answer means that the action is in force"))
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One thing to tell one endpoint: sent until it is received, always with the same ``webhook_id``."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        DEAD = "dead", _("Given up")

    webhook_id = models.UUIDField(unique=True, default=uuid.uuid4)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(status="waiting"), name="message_due"),
        ]

    def __str__(self) -> str:
        return str(self.webhook_id)


class Attempt(models.Model):
    """One try to deliver a message, and the answer. Append-only."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    answer = models.CharField(max_length=1024, blank=True)
    duration_ms = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="attempt_number_once")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.number}"

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Mail(models.Model):
    """One digest to one person: at most one in each hour of the clock. Tried until a server took it, or dropped."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    hour = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "hour"], name="mail_once_an_hour"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(dropped_at__isnull=True), name="mail_sent_or_dropped"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(sent_at__isnull=True, dropped_at__isnull=True), name="mail_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} to {self.person_id}"


class Notice(models.Model):
    """What a person is told of, once. ``subject`` is the number of the action, appeal, message or endpoint."""

    class Kind(models.TextChoices):
        SECOND_PERSON = "second_person", _("An action waits for a second person")
        APPEAL_RECEIVED = "appeal_received", _("An appeal came in")
        APPEAL_OVERDUE = "appeal_overdue", _("An appeal is overdue")
        GIVEN_UP = "given_up", _("A delivery was given up")
        ENDPOINT_OFF = "endpoint_off", _("An endpoint is switched off")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    subject = models.BigIntegerField()
    at = models.DateTimeField()
    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, null=True, related_name="notices")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "subject"], name="notice_once")]
        indexes = [models.Index(fields=["person", "at"], condition=Q(mail__isnull=True), name="notice_to_send")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} to {self.person_id}"


class OptOut(models.Model):
    """A person who wants no mail."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.person_id)

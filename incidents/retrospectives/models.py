from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.response.models import Incident


class RetrospectiveQuerySet(models.QuerySet["Retrospective"]):
    def visible_to(self, person: Any) -> RetrospectiveQuerySet:
        """Whoever may read the incident may read its retrospective."""
        return self.filter(incident__in=Incident.objects.visible_to(person))

    def for_list(self) -> RetrospectiveQuerySet:
        """Load what ``retrospectives/_row.html`` reads, in 1 query."""
        return self.select_related("incident", "created_by")


class Retrospective(models.Model):
    """The written look back on an incident. Frozen, with its ``facts``, when the second person signs, by a trigger.

    ``version`` is what people sign; every change raises it, and so takes earlier signatures out of force.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SIGNED = "signed", _("Signed off")

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="retrospective")
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    facts = models.JSONField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = RetrospectiveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="draft", signed_at__isnull=True, facts__isnull=True)
                | models.Q(status="signed", signed_at__isnull=False, facts__isnull=False),
                name="retrospective_signed_whole",
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="retrospective_newest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("retrospectives:detail", args=[self.pk])

    def is_signed(self) -> bool:
        return self.status == Retrospective.Status.SIGNED


class Section(models.Model):
    """One section of prose. An empty one blocks sign-off. ``version`` counts its own changes, for its editors."""

    class Key(models.TextChoices):
        WHAT_HAPPENED = "what_happened", _("What happened")
        HOW_NOTICED = "how_noticed", _("How it was noticed")
        WHAT_WE_DID = "what_we_did", _("What we did")
        WHAT_WENT_WELL = "what_went_well", _("What went well")
        WHAT_WENT_WRONG = "what_went_wrong", _("What went wrong")
        LESSONS = "lessons", _("Lessons")

    retrospective = models.ForeignKey(Retrospective, on_delete=models.PROTECT, related_name="sections")
    key = models.CharField(max_length=20, choices=Key.choices)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["retrospective", "key"], name="section_once")]

    def __str__(self) -> str:
        return self.key


class ActionItem(models.Model):
    """Something to do after an incident, with an owner and a day to check back. Only "done" changes after sign-off."""

    retrospective = models.ForeignKey(Retrospective, on_delete=models.PROTECT, related_name="action_items")
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    check_back_on = models.DateField()
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, done_by__isnull=True)
                | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="actionitem_done_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class SignOff(models.Model):
    """One person's signature. Two different people sign a retrospective. Append-only."""

    retrospective = models.ForeignKey(Retrospective, on_delete=models.PROTECT, related_name="sign_offs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["retrospective", "version", "by"], name="signoff_once_each")]

    def __str__(self) -> str:
        return f"{self.retrospective_id} by {self.by_id}"

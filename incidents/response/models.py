from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.enforcement.models import EnforcementAction
from incidents.queues.models import Item
from policies.vocabulary import Severity


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, person: Any) -> IncidentQuerySet:
        return self if person.may("read_incidents") else self.none()


class Incident(models.Model):
    """Items, actors and actions that belong to one safety event."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CONTAINED = "contained", _("Contained")
        RESOLVED = "resolved", _("Resolved")

    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    is_anticipated = models.BooleanField(default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    detected_at = models.DateTimeField()
    contained_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(started_at__isnull=True) | Q(started_at__lte=F("detected_at")),
                name="incident_started_before_detected",
            ),
            models.CheckConstraint(
                condition=Q(status="open", contained_at__isnull=True, resolved_at__isnull=True)
                | Q(status="contained", contained_at__isnull=False, resolved_at__isnull=True)
                | Q(status="resolved", contained_at__isnull=False, resolved_at__isnull=False),
                name="incident_times_with_status",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="incident_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="incident_by_status"),
        ]

    def __str__(self) -> str:
        return self.title


class IncidentItem(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="item_links")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="incident_links")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "item"], name="incidentitem_once")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.item_id}"


class IncidentActor(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="actor_links")
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="incident_links")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "actor"], name="incidentactor_once")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.actor_id}"


class IncidentEnforcement(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="enforcement_links")
    enforcement = models.ForeignKey(EnforcementAction, on_delete=models.PROTECT, related_name="incident_links")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "enforcement"], name="incidentenforcement_once")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.enforcement_id}"

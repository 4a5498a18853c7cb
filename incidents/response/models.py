from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.enforcement.models import EnforcementAction
from incidents.queues.models import Item
from incidents.review.models import Decision
from policies.vocabulary import Severity
from trust.permissions import Permission


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, person: Any) -> IncidentQuerySet:
        """Reviewers see incidents that they opened, own, or whose items they decided; other readers see all."""
        if person.may(Permission.READ_ALL_INCIDENTS):
            return self
        if not person.may(Permission.READ_INCIDENTS):
            return self.none()
        decided = Decision.objects.filter(item=OuterRef("item"), by=person)
        judged = IncidentItem.objects.filter(incident=OuterRef("pk")).filter(Exists(decided))
        return self.filter(Q(created_by=person) | Q(owner=person) | Exists(judged))

    def for_list(self) -> IncidentQuerySet:
        """Load what ``response/_row.html`` reads, in 1 query."""
        return self.select_related("owner")


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

    def get_absolute_url(self) -> str:
        return reverse("response:detail", args=[self.pk])


class IncidentItemQuerySet(models.QuerySet["IncidentItem"]):
    def visible_to(self, person: Any, now: datetime) -> IncidentItemQuerySet:
        """Drop restricted items, unless ``person`` holds a clearance for their category that is in force."""
        return self.filter(item__in=Item.objects.open_to(person, now))


class IncidentItem(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="item_links")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="incident_links")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = IncidentItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "item"], name="incidentitem_once")]
        indexes = [models.Index(fields=["incident", "-id"], name="incidentitem_newest")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.item_id}"


class IncidentActor(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="actor_links")
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="incident_links")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "actor"], name="incidentactor_once")]
        indexes = [models.Index(fields=["incident", "-id"], name="incidentactor_newest")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.actor_id}"


class IncidentEnforcement(models.Model):
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="enforcement_links")
    enforcement = models.ForeignKey(EnforcementAction, on_delete=models.PROTECT, related_name="incident_links")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "enforcement"], name="incidentenforcement_once")]
        indexes = [models.Index(fields=["incident", "-id"], name="incidentenforcement_newest")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.enforcement_id}"

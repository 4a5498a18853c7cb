from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def about(self, *subjects: models.Model) -> AuditEventQuerySet:
        """Events that name all of ``subjects``. Served by index ``auditsubject_by_object``."""
        events = self
        for subject in subjects:
            named = AuditSubject.objects.filter(
                event=OuterRef("pk"), subject_kind=kind_of(subject), subject_id=subject.pk
            )
            events = events.filter(Exists(named))
        return events

    def for_page(self) -> AuditEventQuerySet:
        """Load what ``trust.audit.queries.entries`` reads, in 2 queries however many rows."""
        return self.select_related("by").prefetch_related("subjects")

    def visible_to(self, person: Any) -> AuditEventQuerySet:
        """Auditors and admins see all events, reviewers and leads their own acts."""
        from_all = person.may("read_whole_audit")
        return self if from_all else self.filter(by=person) if person.may("read_audit") else self.none()


class AuditEvent(models.Model):
    """Who did what, when, why. Append-only; the objects it names are its subjects."""

    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    kind = models.CharField(max_length=80)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    via_key = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="auditevent_newest"),
            models.Index(fields=["by", "-at", "-id"], name="auditevent_by_person"),
            models.Index(fields=["kind", "-at", "-id"], name="auditevent_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class AuditSubject(models.Model):
    """One object that an event is about. ``subject_kind`` is the model's label: "enforcement.enforcementaction"."""

    event = models.ForeignKey(AuditEvent, on_delete=models.PROTECT, related_name="subjects")
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "subject_kind", "subject_id"], name="auditsubject_once"),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-event"], name="auditsubject_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}"


def kind_of(subject: models.Model) -> str:
    return subject._meta.label_lower

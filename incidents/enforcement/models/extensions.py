from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.enforcement.models.actions import EnforcementAction
from policies.vocabulary import SEVERE, EnforcementKind


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def waiting(self) -> ExtensionQuerySet:
        """Proposed, and not decided on yet. Served by index ``extension_waiting_once``."""
        return self.filter(status=Extension.Status.PROPOSED)


class Extension(models.Model):
    """A later end for an action that runs, from proposal to verdict. Decided once and then never changed.

    ``former_ends_at`` is the end that it moves; ``kind`` is the action's, so that the constraint knows what is severe.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed")  # the action ended first

    enforcement = models.ForeignKey(EnforcementAction, on_delete=models.PROTECT, related_name="extensions")
    kind = models.CharField(max_length=16, choices=EnforcementKind.choices)
    former_ends_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.TextField()
    status = models.CharField(max_length=10, choices=Status.choices)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("former_ends_at")), name="extension_is_later"),
            models.CheckConstraint(
                condition=~Q(status="approved", kind__in=sorted(SEVERE))
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="extension_severe_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | Q(status="lapsed", decided_by__isnull=True, decided_at__isnull=False)
                | Q(status__in=["approved", "declined"], decided_by__isnull=False, decided_at__isnull=False),
                name="extension_decided_whole",
            ),
            models.UniqueConstraint(
                fields=["enforcement"], condition=Q(status="proposed"), name="extension_waiting_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enforcement_id} until {self.ends_at}"

    def get_absolute_url(self) -> str:
        return self.enforcement.get_absolute_url()

    @property
    def is_severe(self) -> bool:
        return EnforcementKind(self.kind).is_severe

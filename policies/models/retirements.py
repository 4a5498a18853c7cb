from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from policies.models.guidelines import PolicyVersion


class RetirementQuerySet(models.QuerySet["Retirement"]):
    def waiting(self) -> RetirementQuerySet:
        """Proposals that can be decided: their version is in force still. Served by ``retirement_one_of_a_version``."""
        return self.filter(status=Retirement.Status.PROPOSED, version__status=PolicyVersion.Status.PUBLISHED)


class Retirement(models.Model):
    """A proposal to retire a version with nothing in its place, and its answer. A trigger keeps all but the answer."""

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        DECLINED = "declined"

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="retirements")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PROPOSED)
    reason = models.TextField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    objects = RetirementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=~Q(status="declined"), name="retirement_one_of_a_version"
            ),
            models.CheckConstraint(
                condition=~Q(status="approved") | ~Q(decided_by=F("proposed_by")), name="retirement_by_two_people"
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(status="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="retirement_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.status}"

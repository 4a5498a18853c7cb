from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.models.guidelines import Clause
from trust.accounts.models import User
from trust.permissions import Permission


class PolicyGapQuerySet(models.QuerySet["PolicyGap"]):
    def open(self) -> PolicyGapQuerySet:
        return self.filter(status=PolicyGap.Status.OPEN)

    def drafting(self) -> PolicyGapQuerySet:
        return self.filter(status=PolicyGap.Status.DRAFTING)

    def visible_to(self, person: User) -> PolicyGapQuerySet:
        return self if person.may(Permission.READ_POLICIES) else self.none()


class PolicyGap(models.Model):
    """Misuse that no clause covers, and its clock: opened, drafted, published, first enforced."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DRAFTING = "drafting", _("Drafting")
        COVERED = "covered", _("Covered")
        NOT_A_VIOLATION = "not_a_violation", _("Closed as not a violation")

    title = models.CharField(max_length=200)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN)
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, related_name="gaps")
    items = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    drafted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    first_enforced_at = models.DateTimeField(null=True)

    objects = PolicyGapQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["title"], condition=Q(status__in=["open", "drafting"]), name="policygap_one_open_by_title"
            ),
        ]

    def __str__(self) -> str:
        return self.title

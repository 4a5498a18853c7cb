from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.intake.models import Source
from policies.models import Clause, ClauseVersion, Policy


class DailyCount(models.Model):
    """How often one thing was counted of one actor on one day: the grain from which every cut adds up exactly.

    ``text``, the clause at its version, ``clause``, ``policy`` and ``severity`` are given for violations alone. A count
    may be negative for a moment, when a retraction was swept before its decision; it is never read without what is
    still to count.
    """

    class Kind(models.TextChoices):
        DECISION = "decision", _("Decisions")
        VIOLATION = "violation", _("Violations")
        REFERRAL = "referral", _("Referrals")

    day = models.DateField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.ForeignKey(ClauseVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, related_name="+")
    severity = models.PositiveSmallIntegerField(null=True)
    verdict = models.CharField(max_length=16)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "kind", "clause", "policy", "severity", "verdict", "source", "actor", "text"],
                nulls_distinct=False,
                name="dailycount_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="violation",
                    clause__isnull=False,
                    policy__isnull=False,
                    severity__isnull=False,
                    text__isnull=False,
                )
                | Q(
                    ~Q(kind="violation"),
                    clause__isnull=True,
                    policy__isnull=True,
                    severity__isnull=True,
                    text__isnull=True,
                ),
                name="dailycount_text_of_violations_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.count}"

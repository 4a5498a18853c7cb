from __future__ import annotations

from django.db import models

from incidents.actors.models import Actor
from incidents.intake.models import Source
from policies.models import Clause, Policy


class DailyCount(models.Model):
    """How many findings of one kind one actor caused on one day: the grain from which every cut adds up exactly.

    ``clause``, ``policy`` and ``severity`` are null for decisions without a violation.
    """

    day = models.DateField()
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, related_name="+")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, related_name="+")
    severity = models.PositiveSmallIntegerField(null=True)
    verdict = models.CharField(max_length=16)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="+")
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "clause", "severity", "verdict", "source", "actor"],
                nulls_distinct=False,
                name="dailycount_once",
            ),
            models.CheckConstraint(condition=models.Q(count__gte=0), name="dailycount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.count}"

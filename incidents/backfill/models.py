from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.queues.models import Item, Queue, Round
from policies.models import PolicyVersion
from policies.vocabulary import Verdict
from trust.jobs.models import Job


class BackfillQuerySet(models.QuerySet["Backfill"]):
    def visible_to(self, person: Any) -> BackfillQuerySet:
        return self if person.may("look_again") else self.none()


class Backfill(models.Model):
    """Past items that are judged again because a version might cover them. Append-only.

    ``wanted`` is what they were found by: {"clauses": [keys]}, {"categories": [[taxonomy, version, name]],
    "named": name} or {"q": text}, and {"days": n} where only younger items were wanted.
    """

    class Way(models.TextChoices):
        CLAUSE = "clause", _("Decisions that cite a clause")
        CATEGORY = "category", _("What a detector flagged")
        SEARCH = "search", _("What a search finds")

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="backfills", db_index=False)
    way = models.CharField(max_length=8, choices=Way.choices)
    wanted = models.JSONField()
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=500)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="backfill")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    started_at = models.DateTimeField()

    objects = BackfillQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("backfill:detail", args=[self.pk])


class BackfillPart(models.Model):
    """One item of it, once, and the round that was opened for it. A trigger keeps what came of it.

    ``verdict_before`` is how the item stood then, "" where nobody had judged it.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Not opened yet")
        OPENED = "opened", _("Opened")
        SKIPPED = "skipped", _("Left alone")

    whole = models.ForeignKey(Backfill, on_delete=models.PROTECT, related_name="parts", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    round = models.OneToOneField(Round, on_delete=models.PROTECT, null=True, related_name="backfill_part")
    verdict_before = models.CharField(max_length=16, choices=Verdict.choices, blank=True)
    severity_before = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["whole", "item"], name="backfillpart_item_once"),
            models.CheckConstraint(
                condition=Q(outcome="opened", round__isnull=False) | (~Q(outcome="opened") & Q(round__isnull=True)),
                name="backfillpart_opened_has_round",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} in {self.whole_id}"

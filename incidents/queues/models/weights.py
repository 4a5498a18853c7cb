"""What makes the alerts of a source or a detector count less, or more, on their way into the queues."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from incidents.intake.models import DetectorVersion, Source

LONGEST: Final = timedelta(days=90)
MOST_STEPS: Final = 5


class DampingQuerySet(models.QuerySet["Damping"]):
    def in_force(self, now: datetime) -> DampingQuerySet:
        """Neither over nor lifted. Served by index ``damping_by_end``: nothing has to end them."""
        return self.filter(begins_at__lte=now, until__gt=now, lift__isnull=True)

    def for_panel(self) -> DampingQuerySet:
        """Load what ``quality/_damping.html`` reads, in the same query. Newest first."""
        return self.select_related("by", "lift__by", "source", "detector_version").order_by("-pk")


class Damping(models.Model):
    """That a source or a detector is muted, or put back by ``steps`` of priority, until a moment. Append-only.

    Exactly one of ``source``, ``detector_version`` and ``detector`` is given; ``detector`` is a name, and means every
    version of it, also those to come. Without ``steps`` it is muted.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="dampings")
    detector_version = models.ForeignKey(DetectorVersion, on_delete=models.PROTECT, null=True, related_name="dampings")
    detector = models.CharField(max_length=200, blank=True)
    steps = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begins_at = models.DateTimeField()
    until = models.DateTimeField()

    objects = DampingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source__isnull=False, detector_version__isnull=True, detector="")
                | Q(source__isnull=True, detector_version__isnull=False, detector="")
                | (Q(source__isnull=True, detector_version__isnull=True) & ~Q(detector="")),
                name="damping_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(steps__isnull=True) | Q(steps__gte=1, steps__lte=MOST_STEPS), name="damping_steps_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("begins_at"), until__lte=F("begins_at") + LONGEST),
                name="damping_ends_within_90_days",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="damping_has_reason"),
        ]
        indexes = [models.Index(fields=["until"], name="damping_by_end")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_muted(self) -> bool:
        return self.steps is None

    def is_in_force(self, now: datetime) -> bool:
        """Read ``lift`` without a query when it was loaded."""
        return self.begins_at <= now < self.until and not hasattr(self, "lift")

    def effect(self) -> str:
        if self.steps is None:
            return _("Muted")
        return _("Priority lowered by %(steps)s") % {"steps": self.steps}


class DampingLift(models.Model):
    """That a damping was ended early. Append-only."""

    damping = models.OneToOneField(Damping, on_delete=models.PROTECT, primary_key=True, related_name="lift")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Reliability(models.Model):
    """How often the alerts of a detector's version, or of one sort from one source, were right: quality's last word.

    Of ``judged`` items ``violating`` were found to be so; ``steps`` is what routing adds to the priority of the next.
    ``is_report`` parts a source's reports by people from its detectors' alerts.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, null=True, related_name="+")
    detector_version = models.ForeignKey(DetectorVersion, on_delete=models.PROTECT, null=True, related_name="+")
    is_report = models.BooleanField(default=False)
    violating = models.PositiveIntegerField()
    judged = models.PositiveIntegerField()
    steps = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "detector_version", "is_report"], nulls_distinct=False, name="reliability_once"
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=False, detector_version__isnull=True)
                | Q(source__isnull=True, detector_version__isnull=False, is_report=False),
                name="reliability_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(steps__gte=-2, steps__lte=2), name="reliability_steps_within_two"),
            models.CheckConstraint(condition=Q(violating__lte=F("judged")), name="reliability_part_of_judged"),
        ]

    def __str__(self) -> str:
        return f"{self.violating} of {self.judged}"

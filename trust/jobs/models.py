from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trust.accounts.models import User


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> JobQuerySet:
        return self.filter(status__in=Job.OPEN)

    def due(self, kind: str, now: datetime) -> JobQuerySet:
        """Open jobs that may go on, the one that waited longest first. Served by index ``job_open_by_due``."""
        return self.open().filter(kind=kind, due_at__lte=now).order_by("due_at", "pk")


class Job(models.Model):
    """Long work that is done in steps: ``done`` of ``total``. What it is about points here; ``result`` is its own."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    OPEN = (Status.WAITING, Status.RUNNING)

    kind = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField()
    result = models.JSONField(default=dict)
    language = models.CharField(max_length=10, default="en")  # of who asked: what the steps keep in words is for them
    failures = models.PositiveSmallIntegerField(default=0)  # steps in a row
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()  # when its next step may be done
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=models.F("total")), name="job_done_at_most_total"),
            models.CheckConstraint(
                condition=Q(status__in=("waiting", "running"), ended_at__isnull=True)
                | Q(status__in=("done", "cancelled", "failed"), ended_at__isnull=False),
                name="job_ended_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "due_at", "id"],
                name="job_open_by_due",
                condition=Q(status__in=("waiting", "running")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    def time_left(self, now: datetime) -> timedelta | None:
        """Return how long the rest takes at the pace so far; None while that cannot be known."""
        if not self.is_open or self.started_at is None or not self.done:
            return None
        return (now - self.started_at) / self.done * (self.total - self.done)


class Cancellation(models.Model):
    """Someone's wish that a job end. A row of its own: asking never waits for the step that is being done."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="cancellation")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.job_id)

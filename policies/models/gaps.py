from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policies.models.guidelines import Clause, PolicyVersion
from policies.vocabulary import Severity
from trust.accounts.models import User
from trust.permissions import Permission


class PolicyGapQuerySet(models.QuerySet["PolicyGap"]):
    def open(self) -> PolicyGapQuerySet:
        return self.filter(status=PolicyGap.Status.OPEN)

    def drafting(self) -> PolicyGapQuerySet:
        return self.filter(status=PolicyGap.Status.DRAFTING)

    def covered(self) -> PolicyGapQuerySet:
        return self.filter(status=PolicyGap.Status.COVERED)

    def visible_to(self, person: User) -> PolicyGapQuerySet:
        return self if person.may(Permission.READ_POLICIES) else self.none()


class PolicyGap(models.Model):
    """Misuse that no clause covers, and its clock: opened, drafted, published, first enforced.

    The times are those of the clock that runs now, ``clock_number``; ``reopened_at`` is when that began, None for the
    first. ``GapEvent`` keeps those of all. ``covered_by`` is the version whose publication covered it.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DRAFTING = "drafting", _("Drafting")
        COVERED = "covered", _("Covered")
        NOT_A_VIOLATION = "not_a_violation", _("Closed as not a violation")

    title = models.CharField(max_length=200)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.OPEN)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, related_name="gaps")
    covered_by = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    items = models.PositiveIntegerField(default=0)
    highest_severity = models.PositiveSmallIntegerField(choices=Severity.choices, default=0, db_default=0)
    clock_number = models.PositiveIntegerField(default=1, db_default=1)
    opened_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField(null=True)
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
            models.CheckConstraint(
                condition=~Q(status__in=["drafting", "covered"]) | Q(clause__isnull=False),
                name="policygap_answered_by_a_clause",
            ),
            models.CheckConstraint(
                condition=~Q(status="open")
                | Q(covered_by__isnull=True, drafted_at__isnull=True, published_at__isnull=True)
                & Q(first_enforced_at__isnull=True),
                name="policygap_open_has_only_begun",
            ),
            models.CheckConstraint(
                condition=Q(clock_number=1, reopened_at__isnull=True)
                | Q(clock_number__gt=1, reopened_at__isnull=False),
                name="policygap_later_clock_began_later",
            ),
            models.CheckConstraint(condition=Q(highest_severity__lte=4), name="policygap_severity_0_to_4"),
        ]
        indexes = [models.Index(fields=["-last_seen_at", "-id"], name="policygap_last_seen")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("policies:gap", args=[self.pk])

    @property
    def clock_began_at(self) -> datetime:
        return self.reopened_at or self.opened_at


class GapEvent(models.Model):
    """What happened to a gap, in which of its clocks. Append-only; the clocks of all gaps are read from here.

    ``clause_key`` and ``version_number`` are told as they were: a draft that is discarded leaves nothing to point at.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        OWNED = "owned", _("given an owner")
        DRAFTED = "drafted", _("taken up in a draft")
        DROPPED = "dropped", _("dropped from its draft")
        COVERED = "covered", _("covered")
        ENFORCED = "enforced", _("first enforced")
        CLOSED = "closed", _("closed as not a violation")
        REOPENED = "reopened", _("opened again")

    gap = models.ForeignKey(PolicyGap, on_delete=models.PROTECT, related_name="events", db_index=False)
    clock_number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    clause_key = models.CharField(max_length=80, blank=True)
    version_number = models.PositiveIntegerField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gap", "clock_number", "kind"],
                condition=Q(kind__in=["opened", "covered", "enforced", "closed", "reopened"]),
                name="gapevent_once_in_a_clock",
            ),
            models.CheckConstraint(
                condition=~Q(kind="opened") | Q(clock_number=1), name="gapevent_opened_is_the_first_clock"
            ),
            models.CheckConstraint(
                condition=~Q(kind="reopened") | Q(clock_number__gt=1), name="gapevent_reopened_is_a_later_clock"
            ),
        ]
        indexes = [models.Index(fields=["gap", "clock_number", "at", "id"], name="gapevent_of_gap")]

    def __str__(self) -> str:
        return f"{self.gap_id} {self.kind}"


class GapDay(models.Model):
    """How many items of one expected severity came into a gap on one day (UTC): kept with each that joins or leaves."""

    gap = models.ForeignKey(PolicyGap, on_delete=models.PROTECT, related_name="days", db_index=False)
    day = models.DateField()
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    items = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gap", "day", "severity"], name="gapday_once")]

    def __str__(self) -> str:
        return f"{self.gap_id} {self.day}"

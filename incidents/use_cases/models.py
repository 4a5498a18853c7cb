from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.intake.models import Stage
from incidents.queues.models import Item
from trust.permissions import Permission


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, person: Any) -> ApplicationQuerySet:
        """Leads and auditors see all; reviewers what they entered, and what concerns actors that they may see."""
        if not person.may(Permission.READ_USE_CASES):
            return self.none()
        if person.may(Permission.APPROVE_USE_CASES) or person.may(Permission.READ_WHOLE_AUDIT):
            return self
        return self.filter(Q(entered_by=person) | Q(actor__in=Actor.objects.visible_to(person)))

    def waiting(self) -> ApplicationQuerySet:
        """Not decided yet. Served by index ``application_waiting``."""
        return self.filter(status=Application.Status.APPLIED)

    def in_force(self, now: datetime) -> ApplicationQuerySet:
        """Approved, and neither ended nor expired. Served by index ``application_approved``."""
        return self.filter(Application.not_expired(now), status=Application.Status.APPROVED)

    def ended(self, now: datetime) -> ApplicationQuerySet:
        """Declined, withdrawn, replaced or expired."""
        is_expired = Q(status=Application.Status.APPROVED, expires_at__lte=now)
        return self.filter(Q(status__in=Application.ENDED) | is_expired)

    def in_force_when(self, moment: Any) -> ApplicationQuerySet:
        """Those that were in force at ``moment``, a time or an OuterRef: what came since changes nothing of it."""
        not_ended = Q(ended_at__isnull=True) | Q(ended_at__gt=moment)
        began = Q(status__in=Application.ONCE_APPROVED, decided_at__lte=moment)
        return self.filter(began, not_ended, Application.not_expired(moment))

    def with_names(self) -> ApplicationQuerySet:
        """Load what a row of a list reads in the same query."""
        return self.select_related("actor", "entered_by", "decided_by", "ended_by")


class Application(models.Model):
    """An actor asks to use the service for something: ``name`` is what its generations declare as their use case.

    What was asked for is frozen, and what was decided once it is, by a trigger. ``expected_volume`` is generations a
    month. ``expires_at`` is the end (UTC) of the last day on which it is in force; nothing has to run for that.
    """

    class Status(models.TextChoices):
        APPLIED = "applied", _("Waits for review")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REPLACED = "replaced", _("Replaced")

    class State(models.TextChoices):
        """Where it stands at a moment: a status, but that what is approved is in force or has expired."""

        APPLIED = "applied", _("Waits for review")
        IN_FORCE = "in_force", _("In force")
        EXPIRED = "expired", _("Expired")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        REPLACED = "replaced", _("Replaced by a later one")

    ENDED = (Status.DECLINED, Status.WITHDRAWN, Status.REPLACED)
    ONCE_APPROVED = (Status.APPROVED, Status.WITHDRAWN, Status.REPLACED)

    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="applications", db_index=False)
    name = models.CharField(max_length=200)
    description = models.TextField()
    expected_volume = models.BigIntegerField()
    stage = models.CharField(max_length=24, choices=Stage.choices)
    contact = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.APPLIED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    via_key = models.BigIntegerField(null=True)
    idempotency_key = models.CharField(max_length=100, null=True)
    request_digest = models.CharField(max_length=64, blank=True)
    entered_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    conditions = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True)
    decline_reason = models.TextField(blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True)

    objects = ApplicationQuerySet.as_manager()

    # Not a column: set on what ``apply`` returns when the same application had been sent before.
    is_repeat: bool = False

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["actor", "name"], condition=Q(status="applied"), name="application_one_waits"
            ),
            models.UniqueConstraint(
                fields=["actor", "name"], condition=Q(status="approved"), name="application_one_approved"
            ),
            models.UniqueConstraint(fields=["via_key", "idempotency_key"], name="application_idempotency_key_once"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(description="") & Q(expected_volume__gte=1), name="application_says_what"
            ),
            models.CheckConstraint(
                condition=Q(status="applied", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(status="applied") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="application_decided_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["applied", "declined"])
                | Q(decided_by__isnull=False) & ~Q(decided_by=F("entered_by")),
                name="application_approved_by_another",
            ),
            models.CheckConstraint(
                condition=(Q(status="declined") & ~Q(decline_reason=""))
                | (~Q(status="declined") & Q(decline_reason="")),
                name="application_declined_says_why",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["approved", "withdrawn", "replaced"])
                | Q(conditions="", expires_at__isnull=True),
                name="application_conditions_of_approved",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("decided_at")),
                name="application_expires_after_approval",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["applied", "approved", "declined"],
                    ended_by__isnull=True,
                    ended_at__isnull=True,
                    end_reason="",
                )
                | Q(
                    status="replaced",
                    ended_by__isnull=False,
                    ended_at__isnull=False,
                    ended_at__gte=F("decided_at"),
                    end_reason="",
                )
                | (
                    Q(
                        status="withdrawn",
                        ended_by__isnull=False,
                        ended_at__isnull=False,
                        ended_at__gte=F("decided_at"),
                    )
                    & ~Q(end_reason="")
                ),
                name="application_ended_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["entered_at", "id"], condition=Q(status="applied"), name="application_waiting"),
            models.Index(fields=["-entered_at", "-id"], condition=Q(status="approved"), name="application_approved"),
            models.Index(fields=["-entered_at", "-id"], name="application_newest"),
            models.Index(fields=["name", "-entered_at", "-id"], name="application_by_name"),
            models.Index(fields=["actor", "name", "-decided_at"], name="application_of_actor"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("use_cases:detail", args=[self.pk])

    @staticmethod
    def not_expired(moment: Any) -> Q:
        return Q(expires_at__isnull=True) | Q(expires_at__gt=moment)

    @property
    def last_day(self) -> date | None:
        """The last day (UTC) on which it is in force, None without an end."""
        return (self.expires_at - timedelta(days=1)).date() if self.expires_at else None

    def state_at(self, now: datetime) -> Application.State:
        if self.status != self.Status.APPROVED:
            return self.State(self.status)
        is_over = self.expires_at is not None and self.expires_at <= now
        return self.State.EXPIRED if is_over else self.State.IN_FORCE


class Fit(models.Model):
    """What a person says of an item: whether its generation fits the approved use case that it declares. Append-only.

    Each person's first word on an item stands until another supersedes it; of an item the newest word counts.
    """

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        CANNOT_TELL = "cannot_tell", _("Cannot tell")

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="fits", db_index=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="fits")
    answer = models.CharField(max_length=11, choices=Answer.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "by"], condition=Q(supersedes__isnull=True), name="fit_first_once_per_person"
            ),
        ]
        indexes = [models.Index(fields=["item", "-id"], name="fit_of_item")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.answer}"

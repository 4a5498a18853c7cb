from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.enforcement.links import ANSWER_WITHIN
from incidents.enforcement.models import EnforcementAction
from incidents.intake.models import Restriction
from incidents.review.models import Decision
from trust.accounts.models import Clearance
from trust.permissions import Permission


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, person: Any, now: datetime) -> AppealQuerySet:
        """Leads and auditors see all, but what concerns restricted items only with a clearance in force."""
        return self.open_to(person, now) if person.may(Permission.READ_APPEALS) else self.none()

    def open_to(self, person: Any, now: datetime) -> AppealQuerySet:
        """Leave out what concerns restricted items that ``person`` has no clearance in force for."""
        cleared = Clearance.objects.in_force(now).filter(person=person, category=OuterRef("category"))
        resting_on = Restriction.objects.filter(
            generation__item__decisions__enforcement_links__enforcement=OuterRef("enforcement")
        )
        return self.filter(~Exists(resting_on.filter(~Exists(cleared))))

    def open(self) -> AppealQuerySet:
        """Waiting to be judged. Served by index ``appeal_open_by_due``."""
        return self.filter(status=Appeal.Status.OPEN)

    def open_to_judge(self, person: Any) -> AppealQuerySet:
        """Those whose action ``person`` took no part in: the same function of the database as its trigger asks."""
        if not person.may(Permission.JUDGE_APPEALS):
            return self.none()
        took_part = Func(
            F("enforcement_id"), Value(person.pk), function="appeals_took_part", output_field=BooleanField()
        )
        return self.alias(took_part=took_part).filter(took_part=False)

    def with_names(self) -> AppealQuerySet:
        """Load what a row of a list reads in the same query."""
        return self.select_related("enforcement__actor", "judgement")


class Appeal(models.Model):
    """An actor's objection to one action, as it came: only ``status`` changes, with the judgement, by a trigger.

    ``reference`` is what the actor is told: random, so that nobody counts appeals by it.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        JUDGED = "judged", _("Judged")

    class Way(models.TextChoices):
        LINK = "link", _("Signed link")
        KEY = "key", _("API key")

    enforcement = models.ForeignKey(EnforcementAction, on_delete=models.PROTECT, related_name="appeals")
    reference = models.CharField(max_length=11, unique=True)
    text = models.TextField()
    way = models.CharField(max_length=4, choices=Way.choices)
    via_key = models.BigIntegerField(null=True)
    idempotency_key = models.CharField(max_length=100, null=True)
    request_digest = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.OPEN)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()

    objects = AppealQuerySet.as_manager()

    # Not a column: set on what ``receive`` returns when the same appeal had been sent before.
    is_repeat: bool = False

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enforcement"], condition=Q(status="open"), name="appeal_one_open"),
            models.UniqueConstraint(fields=["via_key", "idempotency_key"], name="appeal_idempotency_key_once"),
            models.CheckConstraint(
                condition=Q(way="link", via_key__isnull=True) | Q(way="key", via_key__isnull=False),
                name="appeal_way_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("received_at")) & Q(due_at__lte=F("received_at") + ANSWER_WITHIN),
                name="appeal_due_within_half_a_year",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(status="open"), name="appeal_open_by_due"),
            models.Index(fields=["-received_at", "-id"], name="appeal_newest"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("appeals:detail", args=[self.pk])


class AppealJudgement(models.Model):
    """What came of an appeal. Append-only; by nobody who took part in the action, which a trigger holds too.

    ``reason`` is for the team, ``statement`` for the actor. ``has_lifted`` says that the action was reversed with it.
    """

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        PARTLY = "partly", _("Partly overturned")
        OVERTURNED = "overturned", _("Overturned")

    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, related_name="judgement")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.TextField()
    statement = models.TextField()
    has_lifted = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="upheld") | Q(has_lifted=False), name="judgement_upheld_lifts_nothing"
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(statement=""), name="judgement_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.appeal_id}"


class OverturnedDecision(models.Model):
    """A decision that fell with a judgement, and the one that stands in its place. Append-only."""

    judgement = models.ForeignKey(AppealJudgement, on_delete=models.PROTECT, related_name="overturned")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="overturned_by")
    superseding = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="overturns")

    def __str__(self) -> str:
        return f"{self.decision_id} by {self.superseding_id}"


class Asks(models.Model):
    """How often one address or one link asked for the public page in one minute: the counter behind the limit.

    ``who`` is a keyed digest: no address and no link is kept.
    """

    pk = models.CompositePrimaryKey("who", "minute")
    who = models.CharField(max_length=64)
    minute = models.DateTimeField()
    asks = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.who} {self.minute}"

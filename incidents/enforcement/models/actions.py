from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.enforcement.models.acting import MILD, ActingRule
from incidents.review.models import Decision
from policies.vocabulary import BREAKABLE, SEVERE, EnforcementKind
from trust.outgoing.models import Endpoint, Message
from trust.permissions import Permission


class StrikeQuerySet(models.QuerySet["Strike"]):
    def counting(self, now: datetime) -> StrikeQuerySet:
        """Strikes that were not voided and have not expired."""
        return self.filter(voided_at__isnull=True, expires_at__gt=now)


class Strike(models.Model):
    """Weight on an actor from an upheld decision: at most one per decision; expires; can be voided with a reason.

    ``voided_by`` None: it followed its item's outcome, and counts again once that comes back.
    """

    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="strikes")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="strike")
    weight = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    void_reason = models.CharField(max_length=300, blank=True)

    objects = StrikeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["actor", "expires_at"], condition=Q(voided_at__isnull=True), name="strike_counting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(voided_by__isnull=True) | Q(voided_at__isnull=False), name="strike_voided_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weight} on {self.actor_id}"


class EnforcementActionQuerySet(models.QuerySet["EnforcementAction"]):
    def visible_to(self, person: Any) -> EnforcementActionQuerySet:
        """Leads and auditors see all; reviewers what they proposed, and what concerns actors that they may see."""
        if not person.may(Permission.READ_ENFORCEMENT):
            return self.none()
        if person.may(Permission.APPROVE_ENFORCEMENT) or person.may(Permission.READ_WHOLE_AUDIT):
            return self
        return self.filter(Q(proposed_by=person) | Q(actor__in=Actor.objects.visible_to(person)))

    def open(self) -> EnforcementActionQuerySet:
        """Recommended or proposed: waiting for a person."""
        return self.filter(status__in=EnforcementAction.OPEN)

    def running(self) -> EnforcementActionQuerySet:
        """Approved and not at its end."""
        return self.filter(status__in=EnforcementAction.RUNNING)

    def to_begin(self, now: datetime) -> EnforcementActionQuerySet:
        """Approved for a time that has come. Served by index ``enforcement_beginning``."""
        return self.filter(status=EnforcementAction.Status.SCHEDULED, starts_at__lte=now)

    def over(self, now: datetime) -> EnforcementActionQuerySet:
        """Running past their end. Served by index ``enforcement_ending``."""
        return self.running().filter(ends_at__lte=now)

    def to_review(self) -> EnforcementActionQuerySet:
        """Carried out by one person at once, and not looked at by another yet. Served by ``enforcement_to_review``."""
        return self.filter(broke_glass=True, reviewed_at__isnull=True)

    def to_check(self) -> EnforcementActionQuerySet:
        """Carried out by a rule, and drawn for a person who did not look yet."""
        return self.filter(check_drawn__isnull=False, check_drawn__checked_at__isnull=True)

    def failing(self) -> EnforcementActionQuerySet:
        """Those with a delivery that was given up, or that goes on failing."""
        failing = Delivery.objects.filter(enforcement=OuterRef("pk")).filter(
            Q(message__status=Message.Status.DEAD)
            | Q(message__status=Message.Status.WAITING, message__attempts_made__gt=0)
        )
        return self.filter(Exists(failing))

    def with_names(self) -> EnforcementActionQuerySet:
        """Load what a row of a list reads in the same query."""
        return self.select_related("actor", "proposed_by", "approved_by")


# What was approved by somebody, whatever became of it.
DECIDED: Final = ["scheduled", "approved", "delivered", "in_force", "expired", "reversed", "withdrawn"]
SHORTEST_STAKE: Final = 40  # signs that say what is at stake when one person alone carries out a severe action


class EnforcementAction(models.Model):
    """A consequence for one actor, from recommendation or proposal to its end."""

    class Status(models.TextChoices):
        RECOMMENDED = "recommended", _("Recommended")
        PROPOSED = "proposed", _("Proposed")
        SCHEDULED = "scheduled", _("Scheduled")
        APPROVED = "approved", _("Approved")
        DELIVERED = "delivered", _("Delivered")
        IN_FORCE = "in_force", _("In force")
        EXPIRED = "expired", _("Expired")
        REVERSED = "reversed", _("Reversed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class ReviewOutcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REVERSED = "reversed", _("Found wrong")

    OPEN = (Status.RECOMMENDED, Status.PROPOSED)
    RUNNING = (Status.APPROVED, Status.DELIVERED, Status.IN_FORCE)
    AHEAD = (Status.SCHEDULED,)  # approved, and nobody told yet
    ENDED = (Status.EXPIRED, Status.REVERSED, Status.DECLINED, Status.WITHDRAWN)

    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="enforcement")
    kind = models.CharField(max_length=16, choices=EnforcementKind.choices)
    parameters = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=Status.choices)
    evidence = models.JSONField(default=list)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_via_key = models.BigIntegerField(null=True)
    by_rule = models.ForeignKey(ActingRule, on_delete=models.PROTECT, null=True, related_name="actions")
    idempotency_key = models.CharField(max_length=100, null=True)
    request_digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approval_reason = models.TextField(blank=True)
    broke_glass = models.BooleanField(default=False, db_default=False)
    stake = models.TextField(blank=True, db_default="")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_outcome = models.CharField(max_length=10, choices=ReviewOutcome.choices, blank=True, db_default="")
    review_reason = models.TextField(blank=True, db_default="")
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)
    decline_reason = models.TextField(blank=True)
    in_force_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)  # a copy: what the newest approved extension says, if there is one
    reversed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reversed_at = models.DateTimeField(null=True)
    reversal_reason = models.TextField(blank=True)

    objects = EnforcementActionQuerySet.as_manager()

    # Not a column: set on what ``propose`` returns when the same proposal had been sent before.
    is_repeat: bool = False

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(SEVERE), status__in=DECIDED)
                | Q(proposed_by__isnull=False) & Q(approved_by__isnull=False) & ~Q(approved_by=F("proposed_by"))
                | Q(broke_glass=True, kind__in=sorted(BREAKABLE)),
                name="enforcement_severe_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(broke_glass=False, stake="", reviewed_by__isnull=True)
                | Q(broke_glass=True, kind__in=sorted(BREAKABLE))
                & Q(proposed_by__isnull=False, approved_by__isnull=False, approved_by=F("proposed_by"))
                & GreaterThanOrEqual(Length(Trim("stake")), SHORTEST_STAKE)
                & (Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("approved_by"))),
                name="enforcement_glass_by_one_and_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_at__isnull=True, review_outcome="", review_reason="")
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False, review_outcome__in=["confirmed", "reversed"])
                & ~Q(review_reason=""),
                name="enforcement_reviewed_whole",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["recommended", "declined"])
                | Q(proposed_by__isnull=False) & Q(proposed_at__isnull=False)
                | Q(by_rule__isnull=False),
                name="enforcement_is_a_persons",
            ),
            models.CheckConstraint(
                condition=Q(by_rule__isnull=True)
                | Q(proposed_by__isnull=True, approved_by__isnull=True, approved_at__isnull=False, kind__in=MILD),
                name="enforcement_by_rule_is_nobodys_and_not_severe",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False)
                | Q(by_rule__isnull=False),
                name="enforcement_approved_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=DECIDED) | Q(approved_by__isnull=False) | Q(by_rule__isnull=False),
                name="enforcement_carried_out_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["reversed", "withdrawn"])
                | Q(reversed_by__isnull=False, reversed_at__isnull=False),
                name="enforcement_reversed_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | Q(declined_at__isnull=False), name="enforcement_declined_whole"
            ),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(starts_at__isnull=False), name="enforcement_scheduled_for_a_time"
            ),
            models.UniqueConstraint(
                fields=["actor", "kind"], condition=Q(status="recommended"), name="enforcement_recommended_once"
            ),
            models.UniqueConstraint(
                fields=["proposed_via_key", "idempotency_key"], name="enforcement_idempotency_key_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="enforcement_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="enforcement_by_status"),
            models.Index(fields=["actor", "-created_at", "-id"], name="enforcement_of_actor"),
            models.Index(
                fields=["ends_at"],
                condition=Q(status__in=["approved", "delivered", "in_force"], ends_at__isnull=False),
                name="enforcement_ending",
            ),
            models.Index(
                fields=["by_rule", "-created_at", "-id"],
                condition=Q(by_rule__isnull=False),
                name="enforcement_of_rule",
            ),
            models.Index(fields=["starts_at"], condition=Q(status="scheduled"), name="enforcement_beginning"),
            models.Index(
                fields=["approved_at", "id"],
                condition=Q(broke_glass=True, reviewed_at__isnull=True),
                name="enforcement_to_review",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("enforcement:detail", args=[self.pk])

    @property
    def review_due_at(self) -> datetime | None:
        """When another lead has to have looked at it: None where nobody broke the glass or it was looked at."""
        if not self.broke_glass or self.reviewed_at or not self.approved_at:
            return None
        return self.approved_at + timedelta(hours=settings.BREAK_GLASS_REVIEW_HOURS)

    @property
    def is_severe(self) -> bool:
        return EnforcementKind(self.kind).is_severe


class EnforcementDecision(models.Model):
    """A decision that an enforcement action rests on."""

    enforcement = models.ForeignKey(EnforcementAction, on_delete=models.PROTECT, related_name="decision_links")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="enforcement_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enforcement", "decision"], name="enforcementdecision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.enforcement_id} on {self.decision_id}"


class Delivery(models.Model):
    """Telling one endpoint to carry an action out, or to lift it."""

    class Purpose(models.TextChoices):
        CARRY_OUT = "carry_out", _("Carry out")
        LIFT = "lift", _("Lift")
        EXTEND = "extend", _("Extend")

    enforcement = models.ForeignKey(EnforcementAction, on_delete=models.PROTECT, related_name="deliveries")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="delivery")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    lost_at = models.DateTimeField(null=True)  # when the endpoint last said that it has none of it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enforcement", "message"], name="delivery_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.enforcement_id}"


class InForceTelling(models.Model):
    """Where telling one endpoint what is in force for it stands: begun when, and past which action, page by page.

    ``ended_at`` None: a further page is to be written.
    """

    endpoint = models.OneToOneField(Endpoint, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    page = models.PositiveIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.endpoint_id} page {self.page}"

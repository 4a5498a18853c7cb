from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.review.models import Decision
from policies.vocabulary import SEVERE, EnforcementKind
from trust.outgoing.models import Message


class Strike(models.Model):
    """Weight on an actor from an upheld decision: at most one per decision; expires; can be voided with a reason."""

    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="strikes")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="strike")
    weight = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "expires_at"], condition=Q(voided_at__isnull=True), name="strike_counting"),
        ]

    def __str__(self) -> str:
        return f"{self.weight} on {self.actor_id}"


class EnforcementActionQuerySet(models.QuerySet["EnforcementAction"]):
    def visible_to(self, person: Any) -> EnforcementActionQuerySet:
        return self if person.may("read_enforcement") else self.none()

    def open(self) -> EnforcementActionQuerySet:
        return self.filter(status__in=EnforcementAction.OPEN)


class EnforcementAction(models.Model):
    """A consequence for one actor, from recommendation or proposal to its end."""

    class Status(models.TextChoices):
        RECOMMENDED = "recommended", _("Recommended")
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        DELIVERED = "delivered", _("Delivered")
        IN_FORCE = "in_force", _("In force")
        EXPIRED = "expired", _("Expired")
        REVERSED = "reversed", _("Reversed")
        DECLINED = "declined", _("Declined")

    OPEN = (Status.RECOMMENDED, Status.PROPOSED)
    CARRIED_OUT = (Status.APPROVED, Status.DELIVERED, Status.IN_FORCE, Status.EXPIRED, Status.REVERSED)

    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="enforcement")
    kind = models.CharField(max_length=16, choices=EnforcementKind.choices)
    parameters = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=Status.choices)
    evidence = models.JSONField(default=list)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_via_key = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    declined_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)
    in_force_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    reversed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reversed_at = models.DateTimeField(null=True)
    reversal_reason = models.TextField(blank=True)

    objects = EnforcementActionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(
                    kind__in=sorted(SEVERE), status__in=["approved", "delivered", "in_force", "expired", "reversed"]
                )
                | Q(proposed_by__isnull=False) & Q(approved_by__isnull=False) & ~Q(approved_by=F("proposed_by")),
                name="enforcement_severe_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["recommended", "declined"])
                | Q(proposed_by__isnull=False) & Q(proposed_at__isnull=False),
                name="enforcement_is_a_persons",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="enforcement_approved_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "delivered", "in_force", "expired", "reversed"])
                | Q(approved_by__isnull=False),
                name="enforcement_carried_out_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(status="reversed") | Q(reversed_by__isnull=False, reversed_at__isnull=False),
                name="enforcement_reversed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="enforcement_newest"),
            models.Index(fields=["status", "-created_at", "-id"], name="enforcement_by_status"),
            models.Index(fields=["actor", "-created_at", "-id"], name="enforcement_of_actor"),
            models.Index(
                fields=["ends_at"], condition=Q(status="in_force", ends_at__isnull=False), name="enforcement_ending"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


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

    enforcement = models.ForeignKey(EnforcementAction, on_delete=models.PROTECT, related_name="deliveries")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="delivery")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enforcement", "message"], name="delivery_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.enforcement_id}"

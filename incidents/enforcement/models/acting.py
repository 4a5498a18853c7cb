"""Rules that act by themselves: what they carry out, how much of it in a day, and what people found afterwards."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policies.models import Clause
from policies.vocabulary import SEVERE, EnforcementKind, Severity

MILD: Final = sorted(kind for kind in EnforcementKind if kind not in SEVERE)
LARGEST_CAP: Final = 10_000


class ActingRuleQuerySet(models.QuerySet["ActingRule"]):
    def armed(self) -> ActingRuleQuerySet:
        """Those that act. Served by index ``actingrule_armed``."""
        return self.filter(armed_at__isnull=False, disarmed_at__isnull=True)

    def to_arm(self) -> ActingRuleQuerySet:
        """Written, and waiting for a lead who did not write it."""
        return self.filter(armed_at__isnull=True, disarmed_at__isnull=True)

    def with_names(self) -> ActingRuleQuerySet:
        """Load what a row of a list reads in the same query."""
        return self.select_related("clause", "written_by", "armed_by", "disarmed_by")


class ActingRule(models.Model):
    """What is carried out by itself on an upheld finding. Written once, armed by another, switched off for good.

    ``share`` is the percentage of what it does that a person looks at afterwards; ``cap`` how many actions a day (UTC).
    ``actor_kinds`` empty: any.
    """

    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="acting_rules")
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    from_strikes = models.PositiveSmallIntegerField(default=1)
    actor_kinds = ArrayField(models.CharField(max_length=20), default=list)
    kind = models.CharField(max_length=16, choices=EnforcementKind.choices)
    parameters = models.JSONField(default=dict)
    share = models.PositiveSmallIntegerField(default=10)
    cap = models.PositiveIntegerField(default=20)
    reason = models.TextField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    armed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    armed_at = models.DateTimeField(null=True)
    disarmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    disarmed_at = models.DateTimeField(null=True)
    disarm_reason = models.TextField(blank=True)

    objects = ActingRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MILD), name="actingrule_is_not_severe"),
            models.CheckConstraint(
                condition=Q(severity__lte=4, share__lte=100, cap__gte=1, cap__lte=LARGEST_CAP),
                name="actingrule_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(armed_by__isnull=True, armed_at__isnull=True)
                | Q(armed_by__isnull=False, armed_at__isnull=False) & ~Q(armed_by=F("written_by")),
                name="actingrule_armed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(disarmed_by__isnull=True, disarmed_at__isnull=True)
                | Q(disarmed_by__isnull=False, disarmed_at__isnull=False) & ~Q(disarm_reason=""),
                name="actingrule_disarmed_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(armed_at__isnull=False, disarmed_at__isnull=True),
                name="actingrule_armed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.clause_id} at S{self.severity}"

    def get_absolute_url(self) -> str:
        return reverse("enforcement:rule", args=[self.pk])

    @property
    def state(self) -> str:
        if self.disarmed_at:
            return "off"
        return "armed" if self.armed_at else "written"

    @property
    def state_label(self) -> str:
        return str({"off": _("Off"), "armed": _("Armed"), "written": _("Waits to be armed")}[self.state])


class ActingRuleDay(models.Model):
    """What a rule did on one day (UTC), and what its cap left to people. ``cap`` is the rule's: no day goes past it."""

    rule = models.ForeignKey(ActingRule, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    cap = models.PositiveIntegerField()
    acted = models.PositiveIntegerField(default=0)
    held_back = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "day"], name="actingruleday_once"),
            models.CheckConstraint(condition=Q(acted__lte=F("cap")), name="actingruleday_within_cap"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.day}: {self.acted}"


class ActingCheckQuerySet(models.QuerySet["ActingCheck"]):
    def waiting(self) -> ActingCheckQuerySet:
        """Drawn, and not looked at yet. Served by index ``actingcheck_waiting``."""
        return self.filter(checked_at__isnull=True)


class ActingCheck(models.Model):
    """One action of a rule that was drawn for a person to look at: was it right? Answered once.

    ``share`` is the percentage that was drawn at the time: what an estimate weighs by.
    """

    class Outcome(models.TextChoices):
        RIGHT = "right", _("It was right")
        WRONG = "wrong", _("It was wrong")

    enforcement = models.OneToOneField("EnforcementAction", on_delete=models.PROTECT, related_name="check_drawn")
    rule = models.ForeignKey(ActingRule, on_delete=models.PROTECT, related_name="checks")
    share = models.PositiveSmallIntegerField()
    drawn_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    reason = models.TextField(blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)

    objects = ActingCheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", reason="", checked_by__isnull=True, checked_at__isnull=True)
                | Q(outcome__in=["right", "wrong"], checked_by__isnull=False, checked_at__isnull=False) & ~Q(reason=""),
                name="actingcheck_answered_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["drawn_at", "id"], condition=Q(checked_at__isnull=True), name="actingcheck_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.enforcement_id} {self.outcome}"

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from incidents.intake.models import Alert, DetectorVersion
from incidents.queues.models import Group, Item, Queue, Round
from policies.models import ClauseVersion, PolicyGap
from policies.vocabulary import Severity, Side, Verdict
from trust.jobs.models import Job


class DecisionQuerySet(models.QuerySet["Decision"]):
    def effective(self) -> DecisionQuerySet:
        """Decisions that stand: not retracted."""
        return self.filter(~Exists(Retraction.objects.filter(decision=OuterRef("pk"))))


class Decision(models.Model):
    """One reviewer's verdict in one round. Append-only. A later one in the same round supersedes a retracted one."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="decisions")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    via_key = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict.choices)
    note = models.TextField(blank=True)
    is_detector_wrong = models.BooleanField(default=False)
    gap = models.ForeignKey(PolicyGap, on_delete=models.PROTECT, null=True, related_name="decisions")
    idempotency_key = models.CharField(max_length=100, null=True)
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    decided_at = models.DateTimeField()

    objects = DecisionQuerySet.as_manager()

    # Not a column: set on what ``decide`` returns when the same decision had been sent before.
    is_repeat: bool = False

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(supersedes__isnull=True), name="decision_first_once_per_round"
            ),
            models.UniqueConstraint(fields=["by", "idempotency_key"], name="decision_idempotency_key_once"),
        ]
        indexes = [
            models.Index(fields=["item", "-decided_at", "-id"], name="decision_of_item"),
            models.Index(fields=["by", "-decided_at", "-id"], name="decision_by_person"),
            models.Index(fields=["-decided_at", "-id"], name="decision_newest"),
            models.Index(
                fields=["-decided_at", "-id"],
                condition=models.Q(verdict="no_policy_fits"),
                name="decision_without_policy",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Violation(models.Model):
    """A decision's finding: a clause at a version. The span is in code points of one message. Append-only."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="violations", db_index=False)
    clause = models.ForeignKey(ClauseVersion, on_delete=models.PROTECT, related_name="violations")
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    side = models.CharField(max_length=12, choices=Side.choices)
    complied = models.BooleanField(null=True)
    span_message = models.PositiveIntegerField(null=True)
    span_start = models.PositiveIntegerField(null=True)
    span_end = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "clause", "side"], name="violation_once"),
            models.CheckConstraint(condition=Q(severity__lte=4), name="violation_severity_0_to_4"),
            models.CheckConstraint(
                condition=Q(span_message__isnull=True, span_start__isnull=True, span_end__isnull=True)
                | Q(span_message__isnull=False, span_start__isnull=False, span_end__gt=models.F("span_start")),
                name="violation_span_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Retraction(models.Model):
    """Takes a decision back: what "undo" writes. Append-only."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="retraction")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class DecisionInUse(models.Model):
    """Marks a decision that approved enforcement rests on: it can no longer be taken back."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, primary_key=True, related_name="in_use")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Draft(models.Model):
    """What a person typed into the decision form of a round and has not sent, by the names of the form's fields.

    ``was_held`` says that they held the round when any of it was kept: it may be theirs again.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    fields = models.JSONField()
    was_held = models.BooleanField(default=False, db_default=False)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "person"], name="draft_once")]
        indexes = [models.Index(fields=["saved_at", "id"], name="draft_by_age")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.round_id}"


class DecisionToCount(models.Model):
    """To do for statistics: add a decision to the rollups (weight 1), or take a retracted one out (-1)."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    weight = models.SmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.decision_id} {self.weight:+d}"


class DecisionToStrike(models.Model):
    """To do for enforcement: give strikes for a decision (weight 1), or void those of a retracted one (-1)."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    weight = models.SmallIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.decision_id} {self.weight:+d}"


class DetectorWrongQuerySet(models.QuerySet["DetectorWrong"]):
    def in_force(self) -> DetectorWrongQuerySet:
        """Words whose decision was not taken back."""
        return self.filter(decision__retraction__isnull=True)


class DetectorWrong(models.Model):
    """A reviewer's word, given with a decision, that a detector's alert was wrong, and how. Append-only.

    It stands as long as the decision does: ``in_force``. Words from before these came with decisions have none.
    """

    class Kind(models.TextChoices):
        NOTHING_HERE = "nothing_here", _("Nothing of the kind is there")
        WRONG_CATEGORY = "wrong_category", _("Another category fits")
        WRONG_PLACE = "wrong_place", _("Marked in the wrong place")
        MISSED_MORE = "missed_more", _("Missed something worse")

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="said_wrong")
    detector_version = models.ForeignKey(DetectorVersion, on_delete=models.PROTECT, related_name="said_wrong")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, related_name="said_wrong")
    at = models.DateTimeField()

    objects = DetectorWrongQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)


class GroupDecision(models.Model):
    """One decision applied to other items of its group. Append-only; it is split again by taking its parts back."""

    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+", db_index=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="applied")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class GroupDecisionPart(models.Model):
    """One item of it: with the decision it got, or without one, where it was left open as a check. Append-only."""

    whole = models.ForeignKey(GroupDecision, on_delete=models.PROTECT, related_name="parts")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, related_name="part_of")

    def __str__(self) -> str:
        return f"{self.item_id} in {self.whole_id}"


class BulkQuerySet(models.QuerySet["Bulk"]):
    def visible_to(self, person: Any, now: datetime) -> BulkQuerySet:
        """Those of leads, but of others none about a queue that ``person`` may not see. 1 query more."""
        if not person.may("manage_queues"):
            return self.none()
        slugs = list(Queue.objects.visible_to(person, now).values_list("slug", flat=True))
        about = Q(filters__queue__isnull=True) | Q(filters__queue__in=slugs)
        return self.filter(Q(made_by=person) | about)


class Bulk(models.Model):
    """A stored query over the list of all queues, and what a lead had done with everything that it found.

    ``count`` and ``digest`` say what it found when it was last shown: it begins only if it finds the same again.
    ``values`` are what the action needs: a clause and a severity, a queue, a priority.
    """

    class Action(models.TextChoices):
        BENIGN = "benign", _("Judge as benign")
        VIOLATING = "violating", _("Judge as violating one clause")
        MOVE = "move", _("Move to another queue")
        PRIORITY = "priority", _("Change the priority")
        RELEASE = "release", _("Release what is held")

    JUDGING = (Action.BENIGN, Action.VIOLATING)

    filters = models.JSONField()
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=32)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    action = models.CharField(max_length=10, choices=Action.choices, blank=True)
    values = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="bulk")
    undoing = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="undone_bulk")

    objects = BulkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(action="", job__isnull=True, undoing__isnull=True) | (~Q(action="") & Q(job__isnull=False)),
                name="bulk_job_with_action",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class BulkPart(models.Model):
    """One round of it, and what became of it. ``before`` is where a round that was moved had been."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Not done")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Skipped")
        UNDONE = "undone", _("Taken back")
        KEPT = "kept", _("Not taken back")

    LEFT_ALONE = (Outcome.SKIPPED, Outcome.KEPT)

    whole = models.ForeignKey(Bulk, on_delete=models.PROTECT, related_name="parts", db_index=False)
    place = models.PositiveIntegerField()
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    why = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, related_name="bulk_part")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["whole", "place"], name="bulkpart_once")]

    def __str__(self) -> str:
        return f"{self.round_id} in {self.whole_id}"

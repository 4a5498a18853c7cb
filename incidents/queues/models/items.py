from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.intake.models import Generation, Restriction
from policies.vocabulary import Verdict
from trust.accounts.models import Clearance


class QueueQuerySet(models.QuerySet["Queue"]):
    def visible_to(self, person: Any, now: datetime) -> QueueQuerySet:
        """Queues whose name ``person`` may see: restricted ones with a clearance in force, the leads' own as a lead."""
        cleared = Clearance.objects.in_force(now).filter(person=person, category=OuterRef("restricted_category"))
        visible = self.filter(Q(restricted_category="") | Exists(cleared))
        return visible if person.may("manage_queues") else visible.filter(is_for_leads=False)


class Queue(models.Model):
    """A line of items waiting for reviewers; one ``is_for_leads`` takes what is escalated to them.

    A person keeps at most ``most_holds`` items on hold here, each for ``longest_hold``; who is handed one by name has
    ``answer_within`` to take it.
    """

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    notice = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)
    allowance = models.DurationField(default=timedelta(hours=24))
    lease = models.DurationField(default=timedelta(minutes=15))
    is_default = models.BooleanField(default=False)
    is_for_audit = models.BooleanField(default=False)
    is_for_leads = models.BooleanField(default=False, db_default=False)
    longest_hold = models.DurationField(default=timedelta(days=3), db_default=timedelta(days=3))
    most_holds = models.PositiveSmallIntegerField(default=10, db_default=10)
    answer_within = models.DurationField(default=timedelta(hours=4), db_default=timedelta(hours=4))
    asks_before_joining = models.BooleanField(default=False, db_default=False)
    restricted_category = models.CharField(
        max_length=40, blank=True, choices=[(Clearance.CHILD_SAFETY, _("Child safety"))]
    )

    objects = QueueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="queue_one_default"),
            models.UniqueConstraint(
                fields=["is_for_audit"], condition=Q(is_for_audit=True), name="queue_one_for_audit"
            ),
            models.UniqueConstraint(
                fields=["restricted_category"], condition=Q(is_for_leads=True), name="queue_one_for_leads_of_category"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RuleSet(models.Model):
    """One version of the routing rules, in their order; the newest is in force. Append-only.

    ``rules`` are ``matching.Rule``s as JSON. ``restores`` is the number of the version that this one goes back to.
    """

    number = models.PositiveIntegerField(unique=True)
    rules = models.JSONField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    restores = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.number)

    def get_absolute_url(self) -> str:
        return reverse("queues:rule_version", args=[self.number])


class RuleDraft(models.Model):
    """The rules as one person is changing them, and the version that they started from.

    ``edition`` changes with every change: by it a page that shows an older state of the draft is told from a newer one.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    based_on = models.PositiveIntegerField()
    rules = models.JSONField()
    edition = models.UUIDField(default=uuid.uuid4)
    changed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.pk)


def _closed_to(person: Any, now: datetime) -> models.QuerySet[Restriction]:
    """Restrictions for which ``person`` has no clearance in force."""
    cleared = Clearance.objects.in_force(now).filter(person=person, category=OuterRef("category"))
    return Restriction.objects.filter(~Exists(cleared))


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, person: Any, now: datetime) -> ItemQuerySet:
        """Items whose content ``person`` may see: leads all, reviewers what they hold or decided.

        Restricted ones need a clearance on top.
        """
        if not person.may("view_content"):
            return self.none()
        if person.may("manage_queues"):
            return self.open_to(person, now)
        return self.open_to(person, now).held_or_decided_by(person, now)

    def held_or_decided_by(self, person: Any, now: datetime) -> ItemQuerySet:
        """Items of rounds that ``person`` holds or closed."""
        own = Round.objects.filter(item=OuterRef("pk")).filter(
            Q(lease_by=person, lease_until__gt=now, status=Round.Status.OPEN) | Q(closed_by=person)
        )
        return self.filter(Exists(own))

    def open_to(self, person: Any, now: datetime) -> ItemQuerySet:
        """Items whose existence ``person`` may know of: restricted ones only with a clearance in force."""
        return self.filter(~Exists(_closed_to(person, now).filter(generation=OuterRef("generation"))))

    def for_record(self) -> ItemQuerySet:
        """Load the generation with its content and restriction, and the actor, in the same query."""
        return self.select_related("actor", "generation__content", "generation__restriction")


class Item(models.Model):
    """What is judged: one generation with all its alerts. The outcome is copied here when its round closes.

    ``closed_as`` is what a routing rule closed it as, without a judgement; rule and version stand beside it. An item is
    closed as muted by no rule: its trace names the damping.
    ``inclusion_probability`` is the chance that an item like it had to reach a person, where ``sampled_as`` says that
    there was a draw; neither changes once it is set.
    """

    class Kind(models.TextChoices):
        GENERATION = "generation", _("Generation")
        APPEAL = "appeal", _("Appeal")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class ClosedAs(models.TextChoices):
        BENIGN = "benign", _("Benign, by a rule")
        DUPLICATE = "duplicate", _("Duplicate, by a rule")
        NOT_SAMPLED = "not_sampled", _("Not sampled")
        MUTED = "muted", _("Muted")

    class SampledAs(models.TextChoices):
        RANDOM_SAMPLE = "random_sample", _("Random sample")
        AUDIT = "audit", _("Sample of what a rule closes")
        SAMPLE_RATE = "sample_rate", _("Sample of what a rule keeps")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.GENERATION)
    generation = models.OneToOneField(Generation, on_delete=models.PROTECT, null=True, related_name="item")
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="items")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    verdict = models.CharField(max_length=16, choices=Verdict.choices, blank=True)
    severity = models.PositiveSmallIntegerField(null=True)
    trace = models.JSONField(default=list)
    tags = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    closed_as = models.CharField(max_length=12, choices=ClosedAs.choices, default="", db_default="", blank=True)
    closed_by_rule = models.CharField(max_length=40, default="", db_default="", blank=True)
    closed_by_version = models.PositiveIntegerField(null=True)
    sampled_as = models.CharField(max_length=13, choices=SampledAs.choices, default="", db_default="", blank=True)
    inclusion_probability = models.FloatField(default=1.0, db_default=1.0)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True) | Q(status="closed", closed_at__isnull=False),
                name="item_closed_at_with_status",
            ),
            models.CheckConstraint(
                condition=Q(kind="appeal") | Q(generation__isnull=False), name="item_has_generation"
            ),
            models.CheckConstraint(
                condition=Q(closed_as="", closed_by_rule="", closed_by_version__isnull=True)
                | (Q(status="closed", verdict="", closed_by_version__isnull=False) & ~Q(closed_as="")),
                name="item_closed_by_rule_whole",
            ),
            models.CheckConstraint(
                condition=Q(inclusion_probability__gte=0, inclusion_probability__lte=1),
                name="item_inclusion_probability_in_0_to_1",
            ),
        ]
        indexes = [models.Index(fields=["actor", "-created_at", "-id"], name="item_of_actor")]

    def __str__(self) -> str:
        return str(self.pk)


FREE = Q(status="open", lease_by__isnull=True)
# Told by the lease's end alone, so that what one person holds is never looked for in the index of a whole queue.
HELD = Q(status="open", lease_until__isnull=False)
HELD_BY_SOMEBODY = Q(status="open", lease_by__isnull=False)


class RoundQuerySet(models.QuerySet["Round"]):
    def free(self) -> RoundQuerySet:
        """Open rounds that nobody took. Served by index ``round_free_in_claim_order``."""
        return self.filter(FREE)

    def held(self) -> RoundQuerySet:
        """Open rounds that somebody took, also those whose lease ran out since. As many as there are reviewers."""
        return self.filter(HELD)

    def open_to(self, person: Any, now: datetime) -> RoundQuerySet:
        """Rounds whose item ``person`` may know of, also before routing has moved what became restricted."""
        return self.filter(~Exists(_closed_to(person, now).filter(generation__item=OuterRef("item"))))

    def for_queue_page(self) -> RoundQuerySet:
        """Load what ``queues/_row.html`` reads: the generation and the holder. 1 query."""
        return self.select_related("item__generation", "lease_by")

    def held_by(self, person: Any, now: datetime) -> RoundQuerySet:
        return self.filter(HELD, lease_by=person, lease_until__gt=now)


class Round(models.Model):
    """One ask for one judgement of an item: the narrow row that is claimed, in the order rank, due_at, id.

    ``rank`` is the priority turned round, so that the claim order runs one way. ``fence`` grows with each new lease;
    ``seen_fence`` is the lease under which the content was last shown. ``expected_severity`` and ``categories`` (ids of
    policies) are what the alerts lead one to expect: who had enough of either is handed other rounds. ``asked_by`` is
    who asked for a second opinion, and is told of it.
    """

    class Purpose(models.TextChoices):
        FIRST = "first", _("First review")
        SECOND_OPINION = "second_opinion", _("Second opinion")
        APPEAL = "appeal", _("Appeal")
        REJUDGE = "rejudge", _("Judged again under a newer policy")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="rounds")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="rounds", db_index=False)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.FIRST)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    priority = models.SmallIntegerField(default=0)
    rank = models.GeneratedField(expression=-F("priority"), output_field=models.IntegerField(), db_persist=True)
    expected_severity = models.PositiveSmallIntegerField(default=0, db_default=0)
    categories = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    lease_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    seen_fence = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "purpose"], condition=Q(status="open"), name="round_one_open_by_purpose"
            ),
            models.CheckConstraint(
                condition=Q(lease_by__isnull=True, lease_until__isnull=True)
                | Q(lease_by__isnull=False, lease_until__isnull=False),
                name="round_lease_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True) | Q(status="closed", closed_at__isnull=False),
                name="round_closed_at_with_status",
            ),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=True) | Q(purpose="second_opinion"), name="round_asked_is_second_opinion"
            ),
        ]
        indexes = [
            models.Index(fields=["queue", "rank", "due_at", "id"], condition=FREE, name="round_free_in_claim_order"),
            models.Index(fields=["queue", "lease_until"], condition=HELD, name="round_held_by_queue"),
            models.Index(fields=["lease_by", "queue"], condition=HELD_BY_SOMEBODY, name="round_held_by_person"),
            models.Index(fields=["queue", "created_at"], name="round_by_arrival"),
            models.Index(fields=["queue", "closed_at"], condition=Q(status="closed"), name="round_by_close"),
            models.Index(fields=["due_at", "id"], condition=Q(status="open"), name="round_open_by_due"),
            models.Index(fields=["-closed_at", "-id"], condition=Q(status="closed"), name="round_newest_closed"),
            models.Index(fields=["asked_by", "-id"], condition=Q(asked_by__isnull=False), name="round_asked_by_person"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Skip(models.Model):
    """A person passed a round over: they are not handed it again before ``until``."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "round"], name="skip_once")]

    def __str__(self) -> str:
        return f"{self.round_id} by {self.person_id}"


class ItemToRate(models.Model):
    """To do for quality: an item whose verdict changed, or that got a further alert once it had one."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+", db_index=False)

    def __str__(self) -> str:
        return str(self.item_id)

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from incidents.intake.models import Restriction
from incidents.review.models import Decision
from policies.models import PolicyGap
from trust.accounts.models import User
from trust.permissions import Permission


class Search(models.Model):
    """One look for items without a fitting policy that are about the same. Due until it has ended."""

    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    items = models.PositiveIntegerField(default=0)  # that were looked at

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at__isnull=True), name="guidance_search_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(started_at__isnull=False), name="guidance_search_starts_first"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, person: User) -> SuggestionQuerySet:
        """Suggestions whose words ``person`` may read; those of restricted content nobody, from the moment it is."""
        if not person.may(Permission.SUGGEST_GAPS):
            return self.none()
        restricted = Member.objects.filter(suggestion=OuterRef("pk")).filter(
            Exists(Restriction.objects.filter(generation=OuterRef("decision__item__generation")))
        )
        return self.filter(~Exists(restricted))

    def offered(self) -> SuggestionQuerySet:
        return self.filter(status=Suggestion.Status.OFFERED)


class Suggestion(models.Model):
    """Items that may be one gap, by the words that they have in common. A person takes or dismisses it, once."""

    class Status(models.TextChoices):
        OFFERED = "offered", _("Offered")
        TAKEN = "taken", _("Taken")
        DISMISSED = "dismissed", _("Dismissed")

    search = models.ForeignKey(Search, on_delete=models.PROTECT, related_name="suggestions")
    words = ArrayField(models.CharField(max_length=60))
    size = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OFFERED)
    gap = models.ForeignKey(PolicyGap, on_delete=models.PROTECT, null=True, related_name="+")
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="offered", settled_by__isnull=True, settled_at__isnull=True)
                | (~Q(status="offered") & Q(settled_by__isnull=False, settled_at__isnull=False)),
                name="suggestion_settled_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(status="taken", gap__isnull=False) | (~Q(status="taken") & Q(gap__isnull=True)),
                name="suggestion_taken_into_a_gap",
            ),
        ]
        indexes = [models.Index(fields=["-size", "-id"], condition=Q(status="offered"), name="suggestion_offered")]

    def __str__(self) -> str:
        return str(self.pk)


class Member(models.Model):
    """A decision that a suggestion is about. ``is_joined``: taking the suggestion counted it in the gap."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="members", db_index=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    is_joined = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["suggestion", "decision"], name="guidance_member_once"),
            models.UniqueConstraint(
                fields=["decision"], condition=Q(is_joined=True), name="guidance_member_joined_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policies.vocabulary import Standing
from trust import clock


class ActorQuerySet(models.QuerySet["Actor"]):
    def visible_to(self, person: Any) -> ActorQuerySet:
        """Actors whose standing ``person`` may read: leads and auditors all, reviewers those they judge or judged."""
        if not person.may("read_actors"):
            return self.none()
        if person.may("manage_queues") or person.may("read_whole_audit"):
            return self
        held = Q(items__rounds__lease_by=person, items__rounds__lease_until__gt=clock.now())
        own = Actor.objects.filter(held | Q(items__rounds__closed_by=person))
        return self.filter(pk__in=own.values("pk"))


class Actor(models.Model):
    """The account, user, API key or organisation behind generations. Actors of one namespace and id are one."""

    class Kind(models.TextChoices):
        ACCOUNT = "account", _("Account")
        USER = "user", _("User")
        API_KEY = "api_key", _("API key")
        ORGANISATION = "organisation", _("Organisation")

    namespace = models.CharField(max_length=60, default="default")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    external_id = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children", db_index=False)
    standing = models.CharField(max_length=12, choices=Standing.choices, default=Standing.UNKNOWN)
    tier = models.CharField(max_length=40, blank=True, default="", db_default="")  # a word of the deployer, or nothing
    tier_told_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = ActorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["namespace", "kind", "external_id"], name="actor_once"),
            models.CheckConstraint(
                condition=Q(tier="", tier_told_at__isnull=True) | (~Q(tier="") & Q(tier_told_at__isnull=False)),
                name="actor_tier_told_at_some_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="actor_newest"),
            models.Index(fields=["external_id"], name="actor_by_external_id", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["parent", "-id"], name="actor_newest_child"),
            models.Index(fields=["tier", "-created_at", "-id"], name="actor_newest_of_tier", condition=~Q(tier="")),
        ]

    def __str__(self) -> str:
        return self.external_id

    def get_absolute_url(self) -> str:
        return reverse("actors:detail", args=[self.pk])


class Identifier(models.Model):
    """A trait by which actors are linked, kept only as an HMAC."""

    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="identifiers")
    kind = models.CharField(max_length=40)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "kind", "digest"], name="identifier_once")]
        indexes = [models.Index(fields=["kind", "digest"], name="identifier_by_digest")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.actor_id}"

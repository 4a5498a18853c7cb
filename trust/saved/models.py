from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from trust.saved import places
from trust.saved.places import Place


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, person: Any) -> SavedViewQuerySet:
        """One's own, and what others share, of the lists that one may open."""
        names = [place.name for place in places.open_to(person)]
        return self.filter(Q(owner=person) | Q(is_shared=True), place__in=names)

    def for_tabs(self, person: Any) -> SavedViewQuerySet:
        """Load what the tabs of a list read, by name. ``is_start`` says which one the person's list opens with."""
        start = StartView.objects.filter(person=person, view=OuterRef("pk"))
        return self.annotate(is_start=Exists(start)).select_related("owner").order_by("name", "pk")


class SavedView(models.Model):
    """What a list is narrowed by, under a name, for its owner or for the team. Who follows it sees what they may see.

    ``query`` holds the names and values of the list's address, as the list read them when it was saved.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    place = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    query = models.JSONField()
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "place", "name"], name="savedview_once")]
        indexes = [models.Index(fields=["place", "name"], condition=Q(is_shared=True), name="savedview_shared")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("saved:open", args=[self.pk])

    @property
    def list(self) -> Place:
        """The list that the view is of. Raises LookupError where none registered; ``visible_to`` leaves those out."""
        if place := places.named(self.place):
            return place
        raise LookupError(self.place)


class StartView(models.Model):
    """The view that a person's list opens with when its address asks for nothing."""

    pk = models.CompositePrimaryKey("person_id", "place")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=20)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.person_id} {self.place}"

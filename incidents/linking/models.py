from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor


class Word(models.Model):
    """What a person said of two actors, with the evidence for it: that they are linked, or that they are not.

    Append-only: the newest of a pair stands. ``first`` is the actor with the smaller number.
    """

    class Verdict(models.TextChoices):
        ASSERTED = "asserted", _("Linked")
        REJECTED = "rejected", _("Not linked")

    first = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+", db_index=False)
    second = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="+", db_index=False)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    evidence = models.CharField(max_length=1_000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(first__lt=F("second")), name="word_pair_in_order")]
        indexes = [
            models.Index(fields=["first", "-id"], name="word_of_first"),
            models.Index(fields=["second", "-id"], name="word_of_second"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.verdict}"

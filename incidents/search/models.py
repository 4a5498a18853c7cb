from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.intake.models import Generation


class Kind(models.TextChoices):
    GENERATION = "generation", _("Generation")
    NOTE = "note", _("Note")


class Document(models.Model):
    """What can be found: the words of a generation, or of a note on it, and what they can be narrowed by.

    ``words`` hold no text but its words and their places, so they are content all the same: see ``vectors``.
    ``object_id`` is the generation, or the decision that the note stands on; ``at`` is when it happened.
    """

    kind = models.CharField(max_length=12, choices=Kind.choices)
    object_id = models.BigIntegerField()
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="document_once")]
        indexes = [
            GinIndex(fields=["words"], name="document_words"),
            models.Index(fields=["at"], name="document_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class GenerationToIndex(models.Model):
    """To do: a generation whose documents are to be made anew. The same one may stand here several times.

    Without a foreign key: it is written where people and senders wait.
    """

    generation_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.generation_id)


class SearchUse(models.Model):
    """How often one person searched, and asked for counts, in one minute: the counters behind the limit."""

    pk = models.CompositePrimaryKey("person_id", "minute")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    minute = models.DateTimeField()
    searches = models.IntegerField(default=0)
    counts = models.IntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"{self.person_id} {self.minute}"

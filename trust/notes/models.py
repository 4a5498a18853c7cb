from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan, LessThanOrEqual

LONGEST_TEXT: Final = 2_000


class NoteQuerySet(models.QuerySet["Note"]):
    def about(self, subject_kind: str, subject_id: int) -> NoteQuerySet:
        """Notes on one object. Served by index ``note_of_subject``."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

    def for_list(self) -> NoteQuerySet:
        """Load what ``notes/_note.html`` and the API read, in 2 queries however many rows."""
        whole = self.select_related("by", "withdrawal__by", "resolution__by", "amended_by")
        return whole.prefetch_related(
            models.Prefetch("mentions", Mention.objects.select_related("person").order_by("pk"))
        )


class Note(models.Model):
    """What a person wrote about an object. Append-only: a ``Withdrawal`` takes it back, a note that amends corrects it.

    ``subject_kind`` is the label of the object's model, as in the audit: "queues.item".
    """

    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    text = models.TextField()
    amends = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="amended_by")
    idempotency_key = models.CharField(max_length=100, null=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "idempotency_key"], name="note_idempotency_key_once"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("text"), LONGEST_TEXT), name="note_is_short"),
            models.CheckConstraint(condition=GreaterThan(Length(Trim("text")), 0), name="note_says_something"),
            models.CheckConstraint(condition=~Q(amends=F("id")), name="note_amends_another"),
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id", "-id"], name="note_of_subject")]

    def __str__(self) -> str:
        return str(self.pk)


class Withdrawal(models.Model):
    """A note was taken back: who and when. Append-only; the text is shown to nobody any more."""

    note = models.OneToOneField(Note, on_delete=models.PROTECT, related_name="withdrawal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.note_id)


class Resolution(models.Model):
    """What a note asked for is settled: who said so and when. Append-only; only of kinds that are ``resolvable``."""

    note = models.OneToOneField(Note, on_delete=models.PROTECT, related_name="resolution")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.note_id)


class Mention(models.Model):
    """A person whom a note names, as it was resolved when the note was saved. Append-only."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="mentions", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "person"], name="mention_once")]

    def __str__(self) -> str:
        return f"{self.note_id} {self.person_id}"


class MentionToRead(models.Model):
    """To do for one person: a note that names them, until they open its object or it is taken back or amended."""

    pk = models.CompositePrimaryKey("person_id", "note_id")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="to_read")

    def __str__(self) -> str:
        return f"{self.note_id} {self.person_id}"


class Presence(models.Model):
    """Where a person is: the one object whose page they opened or used last. Unlogged, and nothing is counted of it."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="presence_at_subject")]

    def __str__(self) -> str:
        return str(self.person_id)

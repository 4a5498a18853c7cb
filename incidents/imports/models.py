from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.intake.models import Batch
from trust.accounts.models import User
from trust.jobs.models import Job
from trust.permissions import Permission


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, person: Any) -> ImportQuerySet:
        return self.all() if person.may(Permission.IMPORT_ALERTS) else self.none()

    def for_page(self) -> ImportQuerySet:
        return self.select_related("made_by", "rehearsal__cancellation", "job__cancellation", "batch")


class Import(models.Model):
    """A file on its way in: uploaded, perhaps rehearsed, imported as one batch. Its bytes are in ``Part``."""

    class Delimiter(models.TextChoices):
        COMMA = ",", _("commas")
        SEMICOLON = ";", _("semicolons")
        TAB = "\t", _("tabs")
        BAR = "|", _("vertical bars")

    file_name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text=_("Bytes as sent"))
    records = models.PositiveIntegerField()
    columns = models.JSONField(default=list)  # of a CSV file
    delimiter = models.CharField(max_length=1, choices=Delimiter.choices, blank=True, default="")  # of a CSV file
    format = models.CharField(max_length=60)
    source = models.SlugField(max_length=60, db_index=False)
    mapping = models.JSONField(null=True)  # of columns; null: not chosen yet, or not asked for
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    rehearsal = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="rehearsed_import")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="running_import")
    batch = models.OneToOneField(Batch, on_delete=models.PROTECT, null=True, related_name="running_import")
    file_gone_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(job__isnull=False), name="import_batch_comes_of_a_job"
            )
        ]
        indexes = [models.Index(fields=["made_at"], name="import_with_file", condition=Q(file_gone_at__isnull=True))]

    def __str__(self) -> str:
        return str(self.pk)

    def told(self) -> models.QuerySet[Finding]:
        """Return what its dry run found. What one before found holds no more, even while it is not deleted yet."""
        if self.rehearsal is None or self.rehearsal.started_at is None:
            return Finding.objects.none()
        return Finding.objects.filter(of=self)


class Part(models.Model):
    """Some records of a file, packed: [place in the file, bytes] each. ``first`` counts the records before them.

    Raw content: deleted as it is imported, when the file is discarded, and after a day.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="parts", db_index=False)
    first = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "first"], name="part_once")]

    def __str__(self) -> str:
        return f"{self.of_id}/{self.first}"


class Foreseen(models.Model):
    """What the dry run of a file would have stored by now: an alert's digest, or that of a generation's content."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="foreseen", db_index=False)
    is_generation = models.BooleanField()
    name = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "is_generation", "name"], name="foreseen_once")]

    def __str__(self) -> str:
        return self.name


class Finding(models.Model):
    """What a dry run says of a record that would not be accepted as it is. It may quote the record.

    Deleted when the file is discarded or a day old, once another dry run begins, and a week after an import.
    """

    class Outcome(models.TextChoices):
        DUPLICATE = "duplicate", _("Duplicate")
        DIFFERS = "differs", _("Duplicate that says something else")
        REJECTED = "rejected", _("Rejected")

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="findings", db_index=False)
    index = models.PositiveIntegerField()
    external_id = models.CharField(max_length=200, null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    errors = models.JSONField(default=dict)
    is_restricted = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["of", "id"], name="finding_of_import")]

    def __str__(self) -> str:
        return f"{self.of_id}/{self.index}"

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from incidents.review.models import Decision
from policies.models import Clause, PolicyVersion
from policies.vocabulary import Severity

# Names what belongs to a draft, or is one. A draft that is discarded goes, and what was said of it stays.
_OF_DRAFT: Final[dict[str, Any]] = {
    "on_delete": models.DO_NOTHING,
    "db_constraint": False,
    "related_name": "+",
    "db_index": False,
}


class Mark(models.Model):
    """What a writer said of a clause that a draft changes. Append-only: the newest of a clause stands.

    ``successor`` is the clause that takes the place of one that the draft takes out. Refused once it is published.
    """

    version = models.ForeignKey(PolicyVersion, **_OF_DRAFT)
    clause = models.ForeignKey(Clause, **_OF_DRAFT)
    changes_meaning = models.BooleanField()
    successor = models.ForeignKey(Clause, null=True, **_OF_DRAFT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["version", "clause", "-id"], name="mark_newest_of_clause")]

    def __str__(self) -> str:
        return f"{self.clause_id} in {self.version_id}"


class SampleQuerySet(models.QuerySet["Sample"]):
    def open(self) -> SampleQuerySet:
        """Those of versions that are not published, each the newest of its version."""
        newer = Sample.objects.filter(version=OuterRef("version"), pk__gt=OuterRef("pk"))
        unpublished = PolicyVersion.objects.unpublished().filter(pk=OuterRef("version"))
        return self.filter(Exists(unpublished), ~Exists(newer))


class Sample(models.Model):
    """Past decisions drawn to be judged again under a draft. Append-only; the newest of a version counts.

    ``digest`` is of the wording that they are judged by: once the draft says something else, the sample is of the past.
    ``cited`` and ``flagged`` are how many decisions it was drawn from, of each ``Sampled.Stratum``.
    """

    version = models.ForeignKey(PolicyVersion, **_OF_DRAFT)
    digest = models.CharField(max_length=64)
    seed = models.CharField(max_length=32)
    cited = models.PositiveIntegerField()
    flagged = models.PositiveIntegerField()
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField()

    objects = SampleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["version", "-id"], name="sample_newest_of_version")]

    def __str__(self) -> str:
        return str(self.pk)


class SampledQuerySet(models.QuerySet["Sampled"]):
    def for_judging(self) -> SampledQuerySet:
        """Load the draft and what was decided about in the same query."""
        about = ("decision__item__actor", "decision__item__generation")
        return self.select_related("sample__version__policy", *about)


class Sampled(models.Model):
    """One past decision of a sample. Append-only."""

    class Stratum(models.TextChoices):
        CITED = "cited", _("cites a clause that changes")
        FLAGGED = "flagged", _("flagged for the policy, and judged benign")

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    stratum = models.CharField(max_length=8, choices=Stratum.choices)

    objects = SampledQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sample", "decision"], name="sampled_once")]

    def __str__(self) -> str:
        return f"{self.decision_id} in {self.sample_id}"


class Rejudgement(models.Model):
    """How a past decision's item is judged under the draft, by somebody else who did not see it. Append-only.

    A trigger refuses who made the decision.
    """

    sampled = models.OneToOneField(Sampled, on_delete=models.PROTECT, related_name="answer")
    clause = models.ForeignKey(Clause, null=True, **_OF_DRAFT)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices, null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(clause__isnull=True, severity__isnull=True)
                | Q(clause__isnull=False, severity__isnull=False, severity__lte=4),
                name="rejudgement_severity_with_clause",
            )
        ]

    def __str__(self) -> str:
        return str(self.sampled_id)

    @property
    def violates(self) -> bool:
        return self.clause_id is not None

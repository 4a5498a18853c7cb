from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from incidents.intake.models import AlertKind, DetectorVersion, Source
from incidents.queues.models import Item
from policies.models import Clause, Mapping, Policy
from policies.vocabulary import Verdict


class ArrivalCount(models.Model):
    """How many alerts came in on a day (UTC), by what they have in common: the grain from which volumes add up.

    ``lateness`` is the step of ``intake.LATENESS`` in which the time from happening to receiving lies.
    """

    detector_version = models.ForeignKey(
        DetectorVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    day = models.DateField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=AlertKind.choices)
    is_flagged = models.BooleanField()
    lateness = models.SmallIntegerField()
    alerts = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["detector_version", "day", "source", "kind", "is_flagged", "lateness"],
                nulls_distinct=False,
                name="arrivalcount_once",
            ),
        ]
        indexes = [models.Index(fields=["source", "day"], name="arrivalcount_of_source")]

    def __str__(self) -> str:
        return f"{self.day} {self.alerts}"


class ThresholdSet(models.Model):
    """A set of thresholds that a detector's version sent, each once: {category: threshold}."""

    detector_version = models.ForeignKey(
        DetectorVersion, on_delete=models.PROTECT, related_name="threshold_sets", db_index=False
    )
    digest = models.BinaryField(max_length=32)
    thresholds = models.JSONField()
    alerts = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["detector_version", "digest"], name="thresholdset_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CategoryQuerySet(models.QuerySet["Category"]):
    def with_is_mapped(self) -> CategoryQuerySet:
        """Annotate ``is_mapped``: whether a clause stands for the category. One look-up a row in an index."""
        return self.annotate(is_mapped=Exists(_mappings()))

    def from_outside(self) -> CategoryQuerySet:
        """Drop what is no outside category: the keys of our own clauses, which reports name under no taxonomy."""
        return self.exclude(Q(taxonomy="") & Exists(Clause.objects.filter(key=OuterRef("name"))))

    def not_restricted(self) -> CategoryQuerySet:
        """Drop what stands for a restricted policy, by the rule of intake: such categories are told as referrals alone.

        A version that no clause is mapped to counts as every version. What a person typed is under no taxonomy.
        """
        version = {"taxonomy": OuterRef("taxonomy"), "taxonomy_version": OuterRef("taxonomy_version")}
        restricted = Mapping.objects.exclude(clause__policy__restricted_category="")
        of_any_version = restricted.filter(taxonomy=OuterRef("taxonomy"), category=OuterRef("name"))
        policies = Policy.objects.exclude(restricted_category="")
        return (
            self.alias(folded=Lower("name"))
            .exclude(Exists(_mappings().exclude(clause__policy__restricted_category="")))
            .exclude(~Exists(Mapping.objects.filter(**version)) & Exists(of_any_version))
            .exclude(name__in=policies.values("key"))
            .exclude(name__in=Clause.objects.filter(policy__in=policies).values("key"))
            .exclude(taxonomy="", folded__in=restricted.values(folded=Lower("category")))
            .exclude(taxonomy="", folded__in=policies.values(folded=Lower("restricted_category")))
        )


class Category(models.Model):
    """A name that alerts were flagged or labelled with, of one version of a taxonomy, and how often."""

    taxonomy = models.CharField(max_length=60, blank=True)
    taxonomy_version = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120)
    alerts = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = CategoryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["taxonomy", "taxonomy_version", "name"], name="category_once"),
        ]
        indexes = [models.Index(fields=["-alerts", "-id"], name="category_by_alerts")]

    def __str__(self) -> str:
        return self.name


def _mappings() -> models.QuerySet[Mapping]:
    names = {name: OuterRef(name) for name in ("taxonomy", "taxonomy_version")}
    return Mapping.objects.filter(category=OuterRef("name"), **names)


class CategoryDay(models.Model):
    """How many alerts of one day (UTC) were flagged or labelled with a category."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="days", db_index=False)
    day = models.DateField()
    alerts = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["category", "day"], name="categoryday_once")]

    def __str__(self) -> str:
        return f"{self.category_id} {self.day}"


class CategoryOfSource(models.Model):
    """That a source sends a category, and how often."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="of_sources", db_index=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    alerts = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["category", "source"], name="categoryofsource_once")]

    def __str__(self) -> str:
        return f"{self.category_id} from {self.source_id}"


class Outcome(models.TextChoices):
    """What an item that was flagged turned out to be. What is restricted is told as that, whatever was found."""

    VIOLATING = Verdict.VIOLATING.value, Verdict.VIOLATING.label
    BENIGN = Verdict.BENIGN.value, Verdict.BENIGN.label
    NO_POLICY_FITS = Verdict.NO_POLICY_FITS.value, Verdict.NO_POLICY_FITS.label
    CANNOT_JUDGE = Verdict.CANNOT_JUDGE.value, Verdict.CANNOT_JUDGE.label
    RESTRICTED = "restricted", _("Restricted")


class Rating(models.Model):
    """What one judged item counts as, for what flagged it: remembered, so that it can be taken out again exactly.

    ``month`` is the first day of the month (UTC) of the judgement. ``is_report`` parts people's reports from detectors.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    detector_version = models.ForeignKey(
        DetectorVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    is_report = models.BooleanField()
    month = models.DateField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    categories = ArrayField(models.CharField(max_length=120), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "source", "detector_version", "is_report"], nulls_distinct=False, name="rating_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.outcome}"


class RatingCount(models.Model):
    """``Rating`` added up. The empty category stands for all of an item's, so it counts items."""

    detector_version = models.ForeignKey(
        DetectorVersion, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_report = models.BooleanField()
    month = models.DateField()
    category = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    items = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["detector_version", "source", "is_report", "month", "category", "outcome"],
                nulls_distinct=False,
                name="ratingcount_once",
            ),
        ]
        indexes = [models.Index(fields=["source"], name="ratingcount_of_source")]

    def __str__(self) -> str:
        return f"{self.month} {self.outcome} {self.items}"

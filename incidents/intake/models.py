from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from trust.accounts.models import Clearance, User


class AlertKind(models.TextChoices):
    DETECTOR = "detector", _("Detector")
    USER_REPORT = "user_report", _("User report")
    PARTNER_REPORT = "partner_report", _("Partner report")
    STAFF = "staff", _("Staff")
    RANDOM_SAMPLE = "random_sample", _("Random sample")


class Stage(models.TextChoices):
    RESEARCH = "research", _("Research")
    PRE_DEPLOYMENT = "pre_deployment", _("Before deployment")
    PRIVATE_BETA = "private_beta", _("Private beta")
    PILOT = "pilot", _("Pilot")
    LIMITED = "limited", _("Limited availability")
    GENERAL_AVAILABILITY = "general_availability", _("General availability")


class ScoreKind(models.TextChoices):
    PROBABILITY = "probability", _("Probability")
    SEVERITY = "severity", _("Severity")
    BOOLEAN = "boolean", _("Yes or no")


class SourceQuerySet(models.QuerySet["Source"]):
    def with_last_batch_at(self) -> SourceQuerySet:
        """Annotate ``last_batch_at``, one look-up a source in index ``batch_newest_of_source``."""
        newest = Batch.objects.filter(source=OuterRef("pk")).order_by("-pk").values("received_at")
        return self.annotate(last_batch_at=Subquery(newest[:1]))


class Source(models.Model):
    """Where alerts come from; an API key names one. Its namespace says which ids it shares with others."""

    slug = models.SlugField(max_length=60, unique=True)
    namespace = models.CharField(max_length=60, default="default")
    created_at = models.DateTimeField()

    objects = SourceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.slug


class DetectorVersion(models.Model):
    """What raised alerts."""

    name = models.CharField(max_length=200)
    version = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="detectorversion_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()

    @staticmethod
    def known_names() -> list[str]:
        """Return the names of all detectors, in order, each once. 1 query."""
        return list(DetectorVersion.objects.order_by("name").values_list("name", flat=True).distinct())


class Batch(models.Model):
    """One request or import: how many alerts came, and what became of them."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="batches", db_index=False)
    key_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    format = models.CharField(max_length=60, default="native")
    accepted = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["source", "-id"], name="batch_newest_of_source")]

    def __str__(self) -> str:
        return str(self.pk)


class Rejection(models.Model):
    """A record of a batch that was not taken, and everything that is wrong with it: sentences by path. Append-only.

    ``index`` is its place in the body or file, from 0. A sentence may quote a cell of content; where the record names
    something restricted, nobody is shown it.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rejections", db_index=False)
    index = models.PositiveIntegerField()
    external_id = models.CharField(max_length=200, null=True)
    errors = models.JSONField()
    is_restricted = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["batch", "id"], name="rejection_of_batch")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.index}"


class SavedMapping(models.Model):
    """One version of a mapping of columns that has a name. Append-only; the newest of a name is the one in use."""

    name = models.SlugField(max_length=60, db_index=False)
    version = models.PositiveIntegerField()
    mapping = models.JSONField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="savedmapping_version_once")]

    def __str__(self) -> str:
        return self.name


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, person: Any, now: datetime) -> GenerationQuerySet:
        """Generations that ``person``'s role and clearances open. Reviewers reach content through their items only."""
        if not person.may("view_content"):
            return self.none()
        return self.not_restricted_for(person, now)

    def for_history(self) -> GenerationQuerySet:
        """Load what an actor's history shows: the item, by the name it has below, and 3 alerts of each. 2 queries."""
        newest = Alert.objects.select_related("detector_version", "source").order_by("-pk")
        return self.select_related("item").prefetch_related(Prefetch("alerts", newest[:3], to_attr="newest_alerts"))

    def not_restricted_for(self, person: Any, now: datetime) -> GenerationQuerySet:
        """Drop restricted generations, unless ``person`` holds a clearance for their category that is in force."""
        cleared = Clearance.objects.in_force(now).filter(person=person, category=OuterRef("category"))
        closed = Restriction.objects.filter(Q(generation=OuterRef("pk")) & ~Exists(cleared))
        return self.filter(~Exists(closed))


class Generation(models.Model):
    """One model interaction as received. Immutable; its text is in ``Content``."""

    namespace = models.CharField(max_length=60, default="default")
    external_id = models.CharField(max_length=200, null=True)
    actor = models.ForeignKey(Actor, on_delete=models.PROTECT, null=True, related_name="generations")
    model = models.CharField(max_length=200, blank=True)
    deployment = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=24, choices=Stage.choices, blank=True)
    use_case = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=35, blank=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["namespace", "external_id"], name="generation_once")]
        indexes = [models.Index(fields=["actor", "-occurred_at", "-id"], name="generation_of_actor")]

    def __str__(self) -> str:
        return str(self.pk)

    @staticmethod
    def newest_languages() -> list[str]:
        """Return the languages of the newest thousand, in order, each once. 1 query."""
        newest = Generation.objects.order_by("-pk").values_list("language", flat=True)[:1_000]
        return sorted({language for language in newest if language})


class Content(models.Model):
    """The one home of a generation's text: ``messages`` are [{"role", "content"}], ``digest`` SHA-256 of their JSON.

    A message with attachments has them beside: [{"kind", "media_type", "sha256", "size", "name", "address"}], all but
    the kind only where it was told.
    """

    generation = models.OneToOneField(Generation, on_delete=models.PROTECT, primary_key=True, related_name="content")
    messages = models.JSONField()
    parameters = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)
    lengths = ArrayField(models.IntegerField())

    def __str__(self) -> str:
        return str(self.pk)


class Restriction(models.Model):
    """Marks a generation as restricted to people with a clearance. Read as a join, so it holds at commit."""

    generation = models.OneToOneField(
        Generation, on_delete=models.PROTECT, primary_key=True, related_name="restriction"
    )
    category = models.CharField(max_length=40, choices=[(Clearance.CHILD_SAFETY, _("Child safety"))])
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.category


class Alert(models.Model):
    """One signal about one generation. Immutable."""

    # No index of its own: the planner would take it instead of alert_once for a source that is new to the statistics.
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="alerts", db_index=False)
    external_id = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32, default=bytes)  # SHA-256 of the alert as meant: tells a repeat from news
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="alerts")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=16, choices=AlertKind.choices)
    detector_version = models.ForeignKey(DetectorVersion, on_delete=models.PROTECT, null=True, related_name="alerts")
    taxonomy = models.CharField(max_length=60, blank=True)
    taxonomy_version = models.CharField(max_length=60, blank=True)
    flagged = ArrayField(models.CharField(max_length=120), default=list)
    labels = models.JSONField(default=dict, help_text=_("Outside labels: category to true or false; missing = unknown"))
    scores = models.JSONField(default=dict)
    score_kind = models.CharField(max_length=12, choices=ScoreKind.choices, blank=True)
    thresholds = models.JSONField(default=dict)
    spans = models.JSONField(default=list)
    comment = models.TextField(blank=True)
    sampling_rate = models.FloatField(default=1.0)
    metadata = models.JSONField(default=dict)
    has_other_content = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="alert_once"),
            models.CheckConstraint(
                condition=Q(sampling_rate__gt=0) & Q(sampling_rate__lte=1), name="alert_sampling_rate_in_0_to_1"
            ),
        ]
        indexes = [GinIndex(fields=["flagged"], condition=~Q(flagged=[]), name="alert_by_flagged")]

    def __str__(self) -> str:
        return self.external_id


class Payload(models.Model):
    """A record of a provider's format as it came, byte by byte: what its alerts were mapped from. Immutable.

    It may hold the text of a generation once more, so who may not see the one may not see the other.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="payloads")
    format = models.CharField(max_length=60)
    body = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class AlertPayload(models.Model):
    """Which record an alert was mapped from; one record may hold several."""

    alert = models.OneToOneField(Alert, on_delete=models.PROTECT, primary_key=True, related_name="payload_link")
    payload = models.ForeignKey(Payload, on_delete=models.PROTECT, related_name="alert_links")

    def __str__(self) -> str:
        return f"{self.alert_id} from {self.payload_id}"


class AnsweredRequest(models.Model):
    """What was answered to a request with an Idempotency-Key; kept for a day."""

    api_key_id = models.BigIntegerField()
    idempotency_key = models.CharField(max_length=100)
    fingerprint = models.BinaryField(max_length=32)
    receipt = models.TextField()
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key_id", "idempotency_key"], name="answeredrequest_once")]
        indexes = [models.Index(fields=["answered_at"], name="answeredrequest_by_age")]

    def __str__(self) -> str:
        return self.idempotency_key


class AlertToRoute(models.Model):
    """To do for the queues: an alert that no rule has looked at yet."""

    alert = models.OneToOneField(Alert, on_delete=models.PROTECT, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.pk)


class ArrivalsToCount(models.Model):
    """To do for quality: up to a thousand alerts that came in together, by make; see ``operations.tallying``."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    received_at = models.DateTimeField()
    makes = models.JSONField()

    def __str__(self) -> str:
        return str(self.pk)


class TrafficCountQuerySet(models.QuerySet["TrafficCount"]):
    def in_effect(self) -> TrafficCountQuerySet:
        """The counts that hold: those that no later one corrects."""
        return self.filter(correction__isnull=True)


class TrafficCount(models.Model):
    """How many generations there were, and by how many actors, in one cell: a source's day and dimensions.

    Append-only: a correction is a row with the next ``revision`` that points at the one it corrects. An empty
    dimension was not told, ``actors`` is null where nobody counted them. Days are those of UTC.
    """

    CELL = ("day", "model", "deployment", "stage", "language")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="traffic", db_index=False)
    day = models.DateField()
    model = models.CharField(max_length=200, blank=True)
    deployment = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=24, choices=Stage.choices, blank=True)
    language = models.CharField(max_length=35, blank=True)
    generations = models.BigIntegerField()
    actors = models.BigIntegerField(null=True)
    revision = models.PositiveIntegerField(default=1)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="correction")
    key_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()

    objects = TrafficCountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "day", "model", "deployment", "stage", "language", "revision"],
                name="trafficcount_once",
            ),
            models.CheckConstraint(
                condition=Q(revision=1, corrects__isnull=True) | Q(revision__gt=1, corrects__isnull=False),
                name="trafficcount_corrects_the_one_before",
            ),
            models.CheckConstraint(
                condition=Q(generations__gte=0) & (Q(actors__isnull=True) | Q(actors__gte=0)),
                name="trafficcount_is_a_count",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="trafficcount_by_day")]

    def __str__(self) -> str:
        return str(self.pk)

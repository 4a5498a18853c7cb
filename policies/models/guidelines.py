from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from policies.vocabulary import Severity
from trust.accounts.models import User
from trust.permissions import Permission


class PolicyQuerySet(models.QuerySet["Policy"]):
    def visible_to(self, person: User) -> PolicyQuerySet:
        """All policies, for everyone who may read them. Their text is never restricted, only content under them is.

        One that was never published is seen by those alone who write and approve.
        """
        if not person.may(Permission.READ_POLICIES):
            return self.none()
        if person.may(Permission.DRAFT_POLICY) or person.may(Permission.APPROVE_POLICY):
            return self
        versions = PolicyVersion.objects.filter(policy=OuterRef("pk"))
        return self.exclude(Exists(versions.unpublished()) & ~Exists(versions.visible_to(person)))

    def for_list_page(self) -> PolicyQuerySet:
        """Load what ``policies/_policy_row.html`` reads, in 2 queries however many rows. In the order of the pack.

        ``last_title`` and ``retired_at`` are those of the newest retired version.
        """
        retired = PolicyVersion.objects.filter(policy=OuterRef("pk"), status=PolicyVersion.Status.RETIRED)
        newest = retired.order_by("-number")
        rows = self.annotate(
            last_title=Subquery(newest.values("title")[:1]), retired_at=Subquery(newest.values("retired_at")[:1])
        )
        return rows.prefetch_related(
            models.Prefetch(
                "versions",
                queryset=PolicyVersion.objects.exclude(status=PolicyVersion.Status.RETIRED)
                .annotate(clause_count=models.Count("clauses"))
                .order_by("number"),
                to_attr="open_versions",
            )
        ).order_by("position", "pk")


class Policy(models.Model):
    """A guideline's lasting identity. ``restricted_category`` marks what only cleared people may see."""

    key = models.SlugField(max_length=60, unique=True)
    position = models.PositiveIntegerField(default=0)
    restricted_category = models.CharField(max_length=40, blank=True)

    objects = PolicyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("policies:policy", args=[self.key])


class Clause(models.Model):
    """A clause's lasting identity; its text lives in ``ClauseVersion``."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="clauses")
    key = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("policies:clause", args=[self.key])


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def published(self) -> PolicyVersionQuerySet:
        """The versions in force: at most one of each policy."""
        return self.filter(status=PolicyVersion.Status.PUBLISHED)

    def unpublished(self) -> PolicyVersionQuerySet:
        """Drafts and versions in review: at most one of each policy."""
        return self.filter(status__in=[PolicyVersion.Status.DRAFT, PolicyVersion.Status.IN_REVIEW])

    def waiting(self) -> PolicyVersionQuerySet:
        """Approved versions that have not taken effect. Served by index ``policyversion_waiting_by_date``."""
        return self.filter(status=PolicyVersion.Status.IN_REVIEW, takes_effect_at__isnull=False)

    def visible_to(self, person: User) -> PolicyVersionQuerySet:
        """What is or was in force to all readers; what is not published yet to those who write and approve it."""
        if not person.may(Permission.READ_POLICIES):
            return self.none()
        if person.may(Permission.DRAFT_POLICY) or person.may(Permission.APPROVE_POLICY):
            return self
        return self.filter(status__in=[PolicyVersion.Status.PUBLISHED, PolicyVersion.Status.RETIRED])


class PolicyVersion(models.Model):
    """One version of one policy. Frozen once published: a trigger refuses any change but to retired.

    One in review with ``takes_effect_at`` is approved and waits for that moment. ``revision`` counts how often its own
    words, those of ``wording.ABOUT``, were saved as a draft. ``definitions`` are [{"term", "meaning"}],
    which a constraint holds.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    definitions = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    change_note = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1, db_default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    takes_effect_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policyversion_number_once"),
            models.UniqueConstraint(
                fields=["policy"], condition=Q(status="published"), name="policyversion_one_published"
            ),
            models.UniqueConstraint(
                fields=["policy"], condition=Q(status__in=["draft", "in_review"]), name="policyversion_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(created_by__isnull=True) | ~Q(approved_by=F("created_by")),
                name="policyversion_by_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["published", "retired"])
                | Q(published_at__isnull=False) & (Q(approved_by__isnull=False) | Q(created_by__isnull=True)),
                name="policyversion_published_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(takes_effect_at__isnull=True) | Q(approved_by__isnull=False) & ~Q(status="draft"),
                name="policyversion_waiting_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["draft", "in_review"])
                | Q(approved_by__isnull=True)
                | Q(takes_effect_at__isnull=False),
                name="policyversion_approved_has_a_date",
            ),
        ]
        indexes = [
            models.Index(
                fields=["takes_effect_at"],
                condition=Q(status="in_review", takes_effect_at__isnull=False),
                name="policyversion_waiting_by_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("policies:policy_at", args=[self.policy.key, self.number])

    def copied_from(self) -> int | None:
        """Return the id of the version that this one began as. 1 query."""
        before = PolicyVersion.objects.filter(policy=self.policy_id, number__lt=self.number).order_by("-number")
        return before.values_list("pk", flat=True).first()

    def writer_ids(self) -> set[int]:
        """Return the ids of all who wrote in it. 1 query."""
        return set(self.contributions.values_list("person_id", flat=True))


class ClauseVersionQuerySet(models.QuerySet["ClauseVersion"]):
    def in_force(self) -> ClauseVersionQuerySet:
        """Clauses of published versions, in the order of the guidelines."""
        return self.filter(version__status=PolicyVersion.Status.PUBLISHED).order_by(
            "version__policy__position", "position", "pk"
        )

    def never_published(self) -> ClauseVersionQuerySet:
        """Texts of clauses that no version has which is or was in force."""
        others = ClauseVersion.objects.filter(clause=OuterRef("clause"))
        return self.exclude(Exists(others.filter(version__status__in=["published", "retired"])))

    def with_names(self) -> ClauseVersionQuerySet:
        """Load the clause's key and the version with its policy in the same query."""
        return self.select_related("clause", "version__policy")


class ClauseVersion(models.Model):
    """One clause's text in one policy version. ``examples`` are [{"text", "reason"}], ``ladder`` five sentences S0-S4.

    ``recommended`` maps severity ("0"-"4") to an enforcement kind, "none", or steps: ``policies/steps.py`` reads it,
    and a constraint holds its shape.
    ``outside`` are the [taxonomy, version, category] that a clause which is new gets with its first publication; until
    then they mean nothing to anyone. ``languages`` are tags of BCP 47, none for all. ``revision`` counts how often it
    was saved as a draft.
    """

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="clauses")
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="versions")
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    definition = models.TextField()
    public_text = models.TextField()
    violates = models.JSONField(default=list)
    does_not_violate = models.JSONField(default=list)
    ladder = ArrayField(models.TextField(), size=5)
    usual_severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    recommended = models.JSONField(default=dict)
    is_anticipated = models.BooleanField(default=True)
    unmapped_reason = models.TextField(blank=True)
    outside = models.JSONField(default=list)
    languages = ArrayField(
        models.CharField(max_length=35), default=list, db_default=Value([], ArrayField(models.CharField(max_length=35)))
    )
    revision = models.PositiveIntegerField(default=1, db_default=1)

    objects = ClauseVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "clause"], name="clauseversion_once"),
            models.CheckConstraint(condition=Q(usual_severity__lte=4), name="clauseversion_severity_0_to_4"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the permanent address of these very words. Reads ``clause`` and ``version``."""
        return reverse("policies:clause_at", args=[self.clause.key, self.version.number])


class ClauseRevision(models.Model):
    """What a clause of a draft said before it was saved again, by the names of ``wording.FIELDS``."""

    text = models.ForeignKey(ClauseVersion, on_delete=models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    fields = models.JSONField()
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "number"], name="clauserevision_once")]

    def __str__(self) -> str:
        return f"{self.text_id} {self.number}"


class VersionRevision(models.Model):
    """What a draft said about its policy before that was saved again, by the names of ``wording.ABOUT``."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    fields = models.JSONField()
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="versionrevision_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.number}"


class Contribution(models.Model):
    """That a person wrote in a version: a trigger keeps them from approving it."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="contributions", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "person"], name="contribution_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.person_id}"


class Typing(models.Model):
    """What a person typed in a form and did not save, by the names of its fields: of a clause, or of a policy's draft.

    ``part`` is the form of the draft as a whole, "" of a clause.
    """

    class Part(models.TextChoices):
        ABOUT = "about", _("About the policy")
        NEW = "new", _("Add a clause")

    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    part = models.CharField(max_length=5, choices=Part.choices, blank=True, default="", db_default="")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    fields = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clause", "person"], name="typing_once"),
            models.UniqueConstraint(fields=["policy", "part", "person"], name="typing_of_draft_once"),
            models.CheckConstraint(
                condition=Q(clause__isnull=False, policy__isnull=True, part="")
                | Q(clause__isnull=True, policy__isnull=False, part__in=["about", "new"]),
                name="typing_of_one_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.clause_id or self.policy_id}"


class Mapping(models.Model):
    """An outside taxonomy's category that a clause covers. Data about names, not part of a version."""

    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="mappings")
    taxonomy = models.CharField(max_length=60)
    taxonomy_version = models.CharField(max_length=60)
    category = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clause", "taxonomy", "taxonomy_version", "category"], name="mapping_once"),
        ]
        indexes = [models.Index(fields=["taxonomy", "category"], name="mapping_by_category")]

    def __str__(self) -> str:
        return f"{self.taxonomy} {self.category}"

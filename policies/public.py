"""What everyone may read of the guidelines: published public wording, and nothing that is only for staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from policies import comparisons
from policies.comparisons import Findings
from policies.models import ClauseVersion, PolicyVersion, PolicyVersionQuerySet
from policies.texts import ClauseText, PolicyText

MOST_VERSIONS = 100


@dataclass(frozen=True)
class Guideline:
    """A version in public words. ``text`` has titles and public wording alone; ``until`` is None while in force."""

    key: str
    number: int
    text: PolicyText
    since: datetime
    until: datetime | None


def published() -> PolicyVersionQuerySet:
    """All versions that are or were in force, never a draft, with the fields that may be told."""
    versions = PolicyVersion.objects.filter(status__in=[PolicyVersion.Status.PUBLISHED, PolicyVersion.Status.RETIRED])
    told = ("number", "status", "title", "summary", "published_at", "retired_at", "policy__key", "policy__position")
    return versions.select_related("policy").only(*told)


def in_force() -> PolicyVersionQuerySet:
    """The versions in force."""
    return published().filter(status=PolicyVersion.Status.PUBLISHED)


def guideline(version: PolicyVersion) -> Guideline:
    """Return ``version``, one of ``published()``, in public words. 1 query."""
    if version.published_at is None:
        raise ValueError(f"version {version.pk} was never published")
    return Guideline(version.policy.key, version.number, _text(version), version.published_at, version.retired_at)


def former(version: PolicyVersion) -> list[PolicyVersion]:
    """Return the other published versions of the policy, the newest MOST_VERSIONS. 1 query."""
    return list(published().filter(policy=version.policy_id).exclude(pk=version.pk).order_by("-number")[:MOST_VERSIONS])


def change_to(version: PolicyVersion, shown: Guideline) -> tuple[PolicyVersion, Findings] | None:
    """Compare with the published version before, in public words alone; None for the first. At most 2 queries."""
    before = published().filter(policy=version.policy_id, number__lt=version.number).order_by("-number").first()
    return (before, comparisons.of_texts(_text(before), shown.text)) if before else None


def _text(version: PolicyVersion) -> PolicyText:
    rows = ClauseVersion.objects.filter(version=version).order_by("position", "pk")
    clauses = rows.values_list("clause__key", "title", "public_text")
    return PolicyText(
        title=version.title,
        summary=version.summary,
        clauses=tuple(ClauseText(key, title=title, public_text=words) for key, title, words in clauses),
    )

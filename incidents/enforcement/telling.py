"""What the actor of an action is told: the facts of it, put into the template that holds for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _, ngettext

from incidents.enforcement import kinds, statements
from incidents.enforcement.models import EnforcementAction, StatementTemplate
from incidents.review.models import Violation
from policies.models import PolicyVersion
from policies.vocabulary import Severity
from trust import languages
from trust.numbers import Amount


@dataclass(frozen=True)
class Told:
    """What an actor is told. ``template`` None: the one of our own. The link stands open in ``text``."""

    language: str
    text: str
    template: StatementTemplate | None = None


@dataclass(frozen=True)
class Case:
    """What an action rests on, in words that may leave."""

    rules: list[str]
    findings: int
    severity: int | None


def told_of(enforcement: EnforcementAction, *, since: datetime, until: datetime | None) -> Told:
    """Return what the actor is told of ``enforcement``. 2 queries.

    It goes by the template of the policy of the gravest finding, in the language of most texts that were judged.
    """
    rows = list(
        Violation.objects.filter(decision__enforcement_links__enforcement=enforcement)
        .order_by("-severity", "pk")
        .values_list("severity", "clause__public_text", "clause__version", "decision__item__generation__language")
    )
    language = _language_of([str(row[3] or "") for row in rows])
    template = template_for(rows[0][2], language) if rows else None
    case = Case(
        rules=list(dict.fromkeys(str(row[1]) for row in rows)),
        findings=len(rows),
        severity=rows[0][0] if rows else None,
    )
    with translation.override(language):
        values = _values(enforcement, case, since=since, until=until)
    text = template.text if template else statements.default_in(language)
    return Told(language, statements.fill(text, values), template)


def template_for(version_id: int, language: str) -> StatementTemplate | None:
    """Return the newest template of a version, else of the versions before it; None: our own. 1 query."""
    named = PolicyVersion.objects.filter(pk=version_id)
    found = (
        StatementTemplate.objects.filter(
            version__policy__in=named.values("policy"), version__number__lte=named.values("number"), language=language
        )
        .order_by("-version__number", "-pk")
        .first()
    )
    return found if found and found.text else None


def example(text: str, version: PolicyVersion, language: str) -> str:
    """Fill a template with a made-up case under ``version``, whose clauses are loaded."""
    now = timezone.now()
    action = EnforcementAction(pk=912, kind="suspension", parameters={"days": 30}, approved_by_id=1, proposed_by_id=2)
    case = Case([clause.public_text for clause in version.clauses.all()[:2]], 3, Severity.MODERATE)
    with translation.override(language):
        values = _values(action, case, since=now, until=now + timedelta(days=30))
    return statements.with_link(statements.fill(text, values), f"{settings.PUBLIC_URL}/appeal/…/")


# ── Parts ────────────────────────────────────────────────


def _values(
    enforcement: EnforcementAction, case: Case, *, since: datetime, until: datetime | None
) -> Mapping[str, str]:
    """In the language of the moment."""
    count = ngettext("%(n)s finding", "%(n)s findings", case.findings) % {"n": Amount(case.findings)}
    return {
        "kind": kinds.in_words(enforcement.kind, enforcement.parameters),
        "since": _day(since),
        "until": _day(until) if until else _("further notice"),
        "rules": "\n\n".join(case.rules) or _("No single rule was named."),
        "findings": count,
        "severity": str(Severity(case.severity).in_full) if case.severity is not None else _("not rated"),
        "decided": _decided(enforcement),
        "number": str(enforcement.pk),
        "organisation": settings.ORGANISATION_NAME,
    }


def _decided(enforcement: EnforcementAction) -> str:
    people = {enforcement.proposed_by_id, enforcement.approved_by_id} - {None}
    if enforcement.status in EnforcementAction.OPEN and enforcement.is_severe:
        people |= {0}  # the second person, who is still to come
    if not people:
        return _("It was decided automatically, by a rule.")
    return _("Two people decided it.") if len(people) > 1 else _("A person decided it.")


def _day(at: datetime) -> str:
    return str(formats.date_format(timezone.localtime(at, timezone.get_default_timezone()), "DATE_FORMAT"))


def _language_of(tags: list[str]) -> str:
    """Return the one of our languages in which most was written; that of the organisation where none is."""
    spoken: Counter[str] = Counter(tag.partition("-")[0].lower() for tag in tags)
    ours: list[Any] = [(count, name) for name, count in spoken.items() if name in languages.NAMES]
    return str(max(ours)[1]) if ours else settings.LANGUAGE_CODE

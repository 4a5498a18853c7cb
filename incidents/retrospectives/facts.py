"""The facts of a retrospective: named queries over what is linked to its incident.

Restricted material is left out of every fact; what was done about it shows among the actions, as referrals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.actors.models import Actor
from incidents.enforcement.models import EnforcementAction, Strike
from incidents.intake.models import Alert, Restriction
from incidents.queues.models import Item
from incidents.response.models import Incident, IncidentItem
from incidents.review.models import Decision, Violation
from trust.permissions import Permission

NUMBER, MOMENT, LENGTH, BREAKDOWN = "number", "moment", "length", "breakdown"

# A value as JSON holds it: a number; an ISO time; seconds; for a breakdown [{"keys": […], "count": n}].
Value = int | str | None | list[dict[str, Any]]


@dataclass(frozen=True)
class Fact:
    """One named query. ``counted`` returns the rows that it counts, for the page that lists them."""

    key: str
    label: Any
    kind: str
    value: Callable[[Incident], Value]
    counted: Callable[[Incident], QuerySet[Any]] | None = None
    permission: Permission = Permission.READ_INCIDENTS


def values(incident: Incident) -> dict[str, Value]:
    """Count every fact now. At most one query each."""
    return {fact.key: fact.value(incident) for fact in FACTS}


def fact(key: str) -> Fact | None:
    return next((fact for fact in FACTS if fact.key == key), None)


# ── What is counted ──────────────────────────────────────


def items(incident: Incident) -> QuerySet[Item]:
    linked = IncidentItem.objects.filter(incident=incident, item=OuterRef("pk"))
    restricted = Restriction.objects.filter(generation=OuterRef("generation"))
    return Item.objects.filter(Exists(linked), ~Exists(restricted))


def items_judged(incident: Incident) -> QuerySet[Item]:
    standing = Decision.objects.effective().filter(item=OuterRef("pk"))
    return items(incident).filter(Exists(standing))


def decisions(incident: Incident) -> QuerySet[Decision]:
    """Decisions that stand, one per round of an item."""
    return Decision.objects.effective().filter(item__in=items(incident))


def violations(incident: Incident) -> QuerySet[Violation]:
    found = Violation.objects.filter(decision__in=decisions(incident))
    return found.filter(clause__clause__policy__restricted_category="")


def actors(incident: Incident) -> QuerySet[Actor]:
    return Actor.objects.filter(pk__in=items(incident).values("actor"))


def alerts(incident: Incident) -> QuerySet[Alert]:
    return Alert.objects.filter(generation__in=items(incident).values("generation"))


def actions(incident: Incident) -> QuerySet[EnforcementAction]:
    return EnforcementAction.objects.filter(incident_links__incident=incident)


def strikes(incident: Incident) -> QuerySet[Strike]:
    """Strikes that were not voided; expired ones count, for they were given."""
    return Strike.objects.filter(decision__in=decisions(incident), voided_at__isnull=True)


# ── How ──────────────────────────────────────────────────


def _number(rows: Callable[[Incident], QuerySet[Any]]) -> Callable[[Incident], Value]:
    return lambda incident: rows(incident).count()


def _by(rows: Callable[[Incident], QuerySet[Any]], *fields: str) -> Callable[[Incident], Value]:
    def count(incident: Incident) -> Value:
        groups = rows(incident).values_list(*fields).annotate(rows=Count("pk")).order_by("-rows", *fields)
        return [{"keys": list(keys), "count": number} for *keys, number in groups]

    return count


def _length(start: str, end: str) -> Callable[[Incident], Value]:
    def seconds(incident: Incident) -> Value:
        first, last = getattr(incident, start), getattr(incident, end)
        return int((last - first) / timedelta(seconds=1)) if first and last else None

    return seconds


def _first_item_at(incident: Incident) -> Value:
    first: datetime | None = items(incident).aggregate(first=Min("generation__occurred_at"))["first"]
    return first.isoformat() if first else None


FACTS: Final = (
    Fact("items", _("Items"), NUMBER, _number(items), items),
    Fact("items_judged", _("Items judged"), NUMBER, _number(items_judged), items_judged),
    Fact("actors", _("Actors behind them"), NUMBER, _number(actors), actors, Permission.READ_ACTORS),
    Fact("strikes", _("Strikes given"), NUMBER, _number(strikes), strikes, Permission.READ_ACTORS),
    Fact("first_item_at", _("First item"), MOMENT, _first_item_at, items),
    Fact("time_to_detect", _("Started to detected"), LENGTH, _length("started_at", "detected_at")),
    Fact("time_to_contain", _("Detected to contained"), LENGTH, _length("detected_at", "contained_at")),
    Fact("time_to_resolve", _("Contained to resolved"), LENGTH, _length("contained_at", "resolved_at")),
    Fact("verdicts", _("Decisions by verdict"), BREAKDOWN, _by(decisions, "verdict"), decisions),
    Fact(
        "violations",
        _("Violations by clause and severity"),
        BREAKDOWN,
        _by(violations, "clause__clause__key", "severity"),
        violations,
    ),
    Fact("sources", _("Alerts by source"), BREAKDOWN, _by(alerts, "source__slug"), alerts),
    Fact(
        "actions",
        _("Actions by kind and state"),
        BREAKDOWN,
        _by(actions, "kind", "status"),
        actions,
        Permission.READ_ENFORCEMENT,
    ),
)

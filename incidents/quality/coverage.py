"""What clauses cover of each outside taxonomy, and the other way round, with how often each category came in.

A category that stands for a restricted policy is told by its published name and clause alone, never by how often.
"""

from __future__ import annotations

from collections.abc import Mapping as Map, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from incidents.quality.models import Category, CategoryDay
from policies import queries as policies, taxonomies
from policies.models import ClauseVersion, Mapping

DAYS: Final = 30
MOST_FROM_OUTSIDE: Final = 300  # names that came in under one version and are in no list that we know
MOST_VERSIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Overview:
    """One version of a taxonomy. ``known`` is how many categories it lists, 0 for one that only came in."""

    name: str
    version: str
    title: str
    known: int
    covered: int

    @property
    def uncovered(self) -> int:
        return self.known - self.covered


@dataclass(frozen=True, slots=True)
class Row:
    """One category with the clauses that it stands for. ``alerts`` of the last 30 days; None where not to be told."""

    name: str
    label: str
    is_known: bool
    mappings: Sequence[Mapping]
    alerts: int | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """One version of a taxonomy, category by category, and the clauses in force that no category of it stands for."""

    title: str
    rows: Sequence[Row]
    bare: Sequence[ClauseVersion]
    in_force: Sequence[ClauseVersion]

    @property
    def uncovered(self) -> int:
        return sum(not row.mappings for row in self.rows)


def overviews() -> list[Overview]:
    """Return every version of a taxonomy that we know, that came in, or that is mapped; ours first. 2 queries."""
    mapped: dict[tuple[str, str], set[str]] = {}
    names = ("taxonomy", "taxonomy_version", "category")
    for taxonomy, version, category in Mapping.objects.filter(clause__in=_clauses_in_force()).values_list(*names):
        mapped.setdefault((taxonomy, version), set()).add(category)
    found = [
        Overview(known.name, known.version, known.title, len(known.categories), _covered(known, mapped))
        for known in taxonomies.BY_LABEL.values()
    ]
    told = {(one.name, one.version) for one in found}
    came = Category.objects.from_outside().not_restricted().exclude(taxonomy="")
    others = came.values_list("taxonomy", "taxonomy_version").annotate(n=Count("pk")).order_by("-n", "taxonomy")
    for taxonomy, version, _count in others[:MOST_VERSIONS]:
        if (taxonomy, version) not in told:
            found.append(Overview(taxonomy, version, taxonomy, 0, len(mapped.get((taxonomy, version), ()))))
    return found


def coverage_of(name: str, version: str, today: date) -> Coverage | None:
    """Return the coverage of one version; None when neither we know it nor it came in. 3 queries."""
    known = taxonomies.BY_LABEL.get(f"{name}/{version}")
    came = _came_in(name, version, today)
    if known is None and not came:
        return None
    in_force = policies.clauses_in_force()
    clauses = {text.clause_id: text for text in in_force}
    mapped: dict[str, list[Mapping]] = {}
    of_version = Mapping.objects.filter(taxonomy=name, taxonomy_version=version, clause__in=clauses)
    for mapping in of_version.select_related("clause__policy").order_by("clause__key"):
        mapped.setdefault(mapping.category, []).append(mapping)
    labels = dict(known.categories) if known else {}
    others = sorted((came.keys() | mapped.keys()) - labels.keys())
    rows = [_row(category, label, mapped, came, is_known=True) for category, label in labels.items()]
    rows += [_row(category, category, mapped, came, is_known=False) for category in others]
    meant = {mapping.clause_id for mappings in mapped.values() for mapping in mappings}
    return Coverage(
        title=known.title if known else name,
        rows=rows,
        bare=[text for text in in_force if text.clause_id not in meant],
        in_force=in_force,
    )


def _row(category: str, label: str, mapped: Map[str, list[Mapping]], came: Map[str, int], *, is_known: bool) -> Row:
    mappings = mapped.get(category, [])
    is_restricted = any(mapping.clause.policy.restricted_category for mapping in mappings)
    return Row(category, label, is_known, mappings, None if is_restricted else came.get(category, 0))


def _came_in(name: str, version: str, today: date) -> dict[str, int]:
    """Return alerts of the last 30 days by category, the most common first; what is restricted is left out. 1 query."""
    days = CategoryDay.objects.filter(category=OuterRef("pk"), day__gt=today - timedelta(days=DAYS))
    alerts = days.order_by().values("category").annotate(alerts=Sum("alerts")).values("alerts")
    rows = Category.objects.from_outside().not_restricted().filter(taxonomy=name, taxonomy_version=version)
    counted = rows.annotate(lately=Coalesce(Subquery(alerts), 0)).order_by("-lately", "pk")
    return dict(counted.values_list("name", "lately")[:MOST_FROM_OUTSIDE])


def _clauses_in_force() -> Subquery:
    return Subquery(ClauseVersion.objects.in_force().order_by().values("clause"))


def _covered(known: taxonomies.Taxonomy, mapped: Map[tuple[str, str], set[str]]) -> int:
    return len(known.categories.keys() & mapped.get((known.name, known.version), set()))

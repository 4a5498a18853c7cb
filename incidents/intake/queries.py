from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from incidents.intake.formats.native import Alert
from policies.models import Mapping as CategoryMapping


@dataclass(frozen=True)
class RestrictedCategories:
    """Which outside categories stand for a policy that only cleared people may see, by taxonomy."""

    by_version: Mapping[tuple[str, str], Mapping[str, str]]
    by_name: Mapping[str, Mapping[str, str]]

    def category_of(self, alert: Alert) -> str | None:
        """Return the restricted category that ``alert`` was flagged or labelled with.

        A version of a taxonomy that no clause is mapped to counts as every version: closed too much can be opened.
        """
        taxonomy = alert.taxonomy
        if taxonomy is None or not self.by_name.get(taxonomy.name):
            return None
        named = self.by_version.get((taxonomy.name, taxonomy.version), self.by_name[taxonomy.name])
        if named.keys().isdisjoint(alert.flagged) and named.keys().isdisjoint(alert.labels):
            return None
        return next((named[category] for category in alert.positive() if category in named), None)


def restricted_categories() -> RestrictedCategories:
    """Read the mappings of clauses. One query."""
    rows = CategoryMapping.objects.values_list(
        "taxonomy", "taxonomy_version", "category", "clause__policy__restricted_category"
    ).distinct()
    return _restricted(rows)


def _restricted(rows: Iterable[tuple[str, str, str, str]]) -> RestrictedCategories:
    by_version: dict[tuple[str, str], dict[str, str]] = {}
    by_name: dict[str, dict[str, str]] = {}
    for taxonomy, version, category, restricted in rows:
        of_version, of_name = by_version.setdefault((taxonomy, version), {}), by_name.setdefault(taxonomy, {})
        if restricted:
            of_version[category] = of_name[category] = restricted
    return RestrictedCategories(by_version, by_name)

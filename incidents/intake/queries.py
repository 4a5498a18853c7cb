from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

import msgspec
from django.db.models import Max, Min

from incidents.intake.formats import generic_csv
from incidents.intake.formats.native import Alert, Message
from incidents.intake.formats.traffic import Cell
from incidents.intake.models import AlertToRoute, Batch, SavedMapping, Source, TrafficCount
from trust import prepared

_messages = msgspec.json.Decoder(list[Message]).decode
_names = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True)
class RestrictedCategories:
    """Which names stand for a policy that only cleared people may see: ours, and by taxonomy those from outside.

    ``keys`` are those of restricted clauses and policies, which mean the same under any taxonomy and under none; they
    are among the names of every taxonomy too.
    """

    keys: Mapping[str, str]
    by_version: Mapping[tuple[str, str], Mapping[str, str]]
    by_name: Mapping[str, Mapping[str, str]]

    def category_of(self, alert: Alert) -> str | None:
        """Return the restricted category that ``alert`` was flagged or labelled with.

        A version of a taxonomy that no clause is mapped to counts as every version: closed too much can be opened.
        """
        taxonomy, named = alert.taxonomy, self.keys
        if taxonomy is not None and taxonomy.name in self.by_name:
            named = self.by_version.get((taxonomy.name, taxonomy.version), self.by_name[taxonomy.name])
        if named.keys().isdisjoint(alert.flagged) and named.keys().isdisjoint(alert.labels):
            return None
        return next((named[category] for category in alert.positive() if category in named), None)

    def category_in_words(self, words: Iterable[str]) -> str | None:
        """Return the restricted category that a person meant who named it as any taxonomy does, or by itself."""
        return next((found for word in words if (found := self._folded.get(word.casefold()))), None)

    def may_be_named_in(self, record: bytes) -> bool:
        """Say whether any restricted category's name stands in a record that could not be read. It may mean nothing."""
        text = record.replace(b"\\/", b"/").lower()
        return any(name in text for name in self._written)

    @cached_property
    def named(self) -> Mapping[str, str]:
        """Every such name, whatever the taxonomy."""
        return reduce(or_, map(dict, self.by_name.values()), dict(self.keys))

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        by_itself = {category.casefold(): category for category in self.named.values()}
        return by_itself | {name.casefold(): category for name, category in self.named.items()}

    @cached_property
    def _written(self) -> frozenset[bytes]:
        return frozenset(name.lower().encode() for name in self.named)


# Taxonomies that name something restricted, with every version that is mapped: one without it stands as an empty row.
# Then the keys of ours, under no taxonomy; a draft that one person wrote restricts nothing.
_RESTRICTED = """
    with published as (
        select p.id, p.key, p.restricted_category from policies_policy p
        where exists (
            select from policies_policyversion v where v.policy_id = p.id and v.status in ('published', 'retired')
        )
    )
    select m.taxonomy, m.taxonomy_version,
        coalesce(
            jsonb_object_agg(m.category, p.restricted_category) filter (where p.restricted_category <> ''), '{}'
        )::text
    from policies_mapping m join policies_clause c on c.id = m.clause_id join policies_policy p on p.id = c.policy_id
    group by m.taxonomy, m.taxonomy_version
    union all
    select null, null, coalesce(jsonb_object_agg(own.key, own.restricted_category), '{}')::text
    from (
        select key, restricted_category from published where restricted_category <> ''
        union all
        select c.key, p.restricted_category from policies_clause c join published p on p.id = c.policy_id
        where p.restricted_category <> ''
    ) own
"""


def restricted_categories() -> RestrictedCategories:
    """Read the mappings of clauses, and the keys of those that are restricted. One query."""
    rows = [(taxonomy, version, _names(named)) for taxonomy, version, named in prepared.rows_of(_RESTRICTED, [])]
    keys = next(named for taxonomy, _version, named in rows if taxonomy is None)
    by_version: dict[tuple[str, str], Mapping[str, str]] = {}
    by_name: dict[str, dict[str, str]] = {}
    for taxonomy, version, named in rows:
        if taxonomy is not None:
            by_version[taxonomy, version] = keys | named
            by_name.setdefault(taxonomy, dict(keys)).update(named)
    return RestrictedCategories(keys, by_version, by_name)


def namespace_of(slug: str) -> str:
    """Return the namespace in which a source names actors and generations: the default for one that sent nothing."""
    source = Source.objects.filter(slug=slug).first()
    return source.namespace if source else "default"


def open_messages(generation_ids: Sequence[int]) -> dict[int, list[Message]]:
    """Return the messages by generation; restricted generations are missing. One query."""
    statement = """
        select generation_id, messages::text from intake_content
        where generation_id = any(%b::bigint[])
            and not exists (select from intake_restriction r where r.generation_id = intake_content.generation_id)
    """
    rows = prepared.rows_of(statement, [list(generation_ids)])
    return {generation: _messages(text) for generation, text in rows}


def count_alerts_to_route(*, up_to: int) -> int:
    """Count the alerts that wait for the queues, no further than ``up_to``."""
    return AlertToRoute.objects.order_by("pk")[:up_to].count()


def is_routing_behind(limit: int) -> bool:
    """Say whether more than ``limit`` alerts wait for the queues. Two look-ups, and a count only near the limit."""
    ends = AlertToRoute.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None or ends["last"] - ends["first"] < limit:
        return False
    return count_alerts_to_route(up_to=limit + 1) > limit


def saved_mapping(name: str) -> SavedMapping | None:
    """Return the mapping of that name that is in use. One query."""
    return SavedMapping.objects.filter(name=name).order_by("-version").first()


def saved_mappings(limit: int = 200) -> list[SavedMapping]:
    """Return the mappings that are in use, by name, at most ``limit``. One query."""
    return list(SavedMapping.objects.order_by("name", "-version").distinct("name")[:limit])


def with_saved_mapping(options: Mapping[str, str]) -> dict[str, str]:
    """Put the JSON of a saved mapping where ``options`` name one; what is not known stays. 0 or 1 query."""
    chosen = options.get(generic_csv.OPTION, "").strip()
    if not chosen or chosen.startswith("{") or chosen in generic_csv.names():
        return dict(options)
    saved = saved_mapping(chosen) if len(chosen) <= 60 and "\0" not in chosen else None
    if saved is None:
        return dict(options)
    return {**options, generic_csv.OPTION: msgspec.json.encode(saved.mapping).decode()}


def count_routed(batch: Batch) -> int:
    """Count the alerts of a batch that the queues have taken."""
    return batch.accepted - AlertToRoute.objects.filter(alert__batch=batch).count()


_TRAFFIC = f"""
    select held.*
    from unnest(%s::date[], %s::text[], %s::text[], %s::text[], %s::text[]) as cell ({", ".join(TrafficCount.CELL)})
    cross join lateral (
        select id, {", ".join(TrafficCount.CELL)}, generations, actors, revision from intake_trafficcount count
        where count.source_id = %s and {" and ".join(f"count.{name} = cell.{name}" for name in TrafficCount.CELL)}
        order by revision desc limit 1
    ) held
"""  # noqa: S608  names of ours


def traffic_in_effect(source_id: int, cells: Sequence[Cell]) -> dict[Cell, TrafficCount]:
    """Return the counts that hold for ``cells``, as far as there are any. One query, one index look-up a cell."""
    columns = [list(column) for column in zip(*cells, strict=True)] or [[]] * len(TrafficCount.CELL)
    held = TrafficCount.objects.raw(_TRAFFIC, [*columns, source_id])
    return {(one.day, one.model, one.deployment, one.stage, one.language): one for one in held}

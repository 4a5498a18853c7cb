"""Which past items a version might cover, and what came of judging them again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Sum

from incidents.actors.models import Actor, ActorQuerySet
from incidents.backfill import rules
from incidents.backfill.models import Backfill, BackfillPart
from incidents.impact.models import Mark
from incidents.quality.models import Category
from incidents.queues.alone import apart_from_alone, without_verdicts
from incidents.queues.models import Item
from incidents.review.models import Decision
from incidents.search import finding
from incidents.search.parsing import parse
from policies.models import Clause, Mapping as Named, PolicyVersion
from policies.vocabulary import Verdict
from trust.accounts.models import User
from trust.patience import at_most

LONGEST_MS: Final = 5_000
FREQUENT: Final = 100_000  # alerts of a category, from which on items are asked from the newest on
SAMPLE: Final = 10
IN_FORCE_ONCE: Final = (PolicyVersion.Status.PUBLISHED, PolicyVersion.Status.RETIRED)
Way: Final = Backfill.Way

# What is closed, waits for no judgement, is not restricted, and was judged by nobody since the version is in force.
_CONDITION: Final = """
    i.status = 'closed' and i.generation_id is not null
        and i.created_at >= coalesce(%(since)s::timestamptz, '-infinity')
        and not exists (select from queues_round r where r.item_id = i.id and r.status = 'open')
        and not exists (select from intake_restriction s where s.generation_id = i.generation_id)
        and not exists (
            select from review_decision d where d.item_id = i.id and d.decided_at >= %(in_force_since)s
                and not exists (select from review_retraction t where t.decision_id = d.id))
"""
_PAST: Final = f"""
    select i.id from queues_item i where i.id in ({{found}}) and {_CONDITION} order by i.id desc limit %(most)s
"""  # noqa: S608
_BY_CLAUSE: Final = """
    select d.item_id from policies_clause c
    join policies_clauseversion text on text.clause_id = c.id
    join review_violation v on v.clause_id = text.id
    join review_decision d on d.id = v.decision_id
    where c.key = any(%(clauses)s) and not exists (select from review_retraction t where t.decision_id = d.id)
"""
_MEANT: Final = """
    a.flagged && %(names)s::varchar[] and a.flagged <> '{}' and (
        %(named)s = any(a.flagged) or exists (
            select from unnest(%(taxonomies)s::text[], %(versions)s::text[], %(names)s::text[])
                as c (taxonomy, version, name)
            where c.taxonomy = a.taxonomy and c.version = a.taxonomy_version and c.name = any(a.flagged)))
"""
# A category that few alerts have is looked up; for one that many have, items are asked from the newest on, which soon
# finds as many as may be opened. Either would take too long for the other.
_BY_CATEGORY: Final = f"""
    select i.id from intake_alert a join queues_item i on i.generation_id = a.generation_id where {_MEANT}
"""  # noqa: S608  parts of our own
_NEWEST_BY_CATEGORY: Final = f"""
    select i.id from queues_item i
    cross join lateral (select from intake_alert a where a.generation_id = i.generation_id and {_MEANT} limit 1) meant
    where {_CONDITION} order by i.id desc limit %(most)s
"""  # noqa: S608
_BY_GENERATION: Final = "select i.id from queues_item i where i.generation_id = any(%(generations)s::bigint[])"


@dataclass(frozen=True)
class Past:
    """Items that match, the newest first: at most one more than may be opened. ``digest`` tells them from others."""

    items: list[int]

    @property
    def count(self) -> int:
        return len(self.items)

    @property
    def digest(self) -> str:
        return hashlib.md5(repr(self.items).encode(), usedforsecurity=False).hexdigest()


def past_items(version: PolicyVersion, way: str, wanted: Mapping[str, Any], *, by: User, now: datetime) -> Past:
    """Find what ``version``, in force, might cover. Raises Refused when it takes too long.

    1 query, by category 2; by a search up to 7, which finds what ``by`` may read. All else is the same for everyone.
    """
    days = wanted.get("days")
    values: dict[str, Any] = {
        "since": now - timedelta(days=days) if days else None,
        "in_force_since": version.published_at,
        "most": rules.MOST + 1,
    }
    if way == Way.CLAUSE:
        statement, values["clauses"] = _PAST.format(found=_BY_CLAUSE), list(wanted["clauses"])
    elif way == Way.CATEGORY:
        values |= _categories(wanted)
        is_frequent = _flagged_with(values["names"]) > FREQUENT
        statement = _NEWEST_BY_CATEGORY if is_frequent else _PAST.format(found=_BY_CATEGORY)
    else:
        statement = _PAST.format(found=_BY_GENERATION)
        query = parse(wanted["q"], now)
        values["generations"] = finding.generations(query, by=by, now=now, most=rules.MOST + 1)
    with at_most(LONGEST_MS, otherwise=rules.too_slow()), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return Past([item for (item,) in cursor.fetchall()])


def _flagged_with(names: Sequence[str]) -> int:
    """Return about how many alerts were flagged with any of ``names``, in any taxonomy. 1 query."""
    return Category.objects.filter(name__in=names).aggregate(alerts=Sum("alerts"))["alerts"] or 0


def _categories(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that find mapped categories, and what is ``named`` whatever the taxonomy."""
    mapped = [*map(tuple, wanted.get("categories", []))]
    named = wanted.get("named", "")
    rows = [*mapped, ("", "", named)] if named else mapped
    taxonomies, versions, names = zip(*rows, strict=True)
    return {"taxonomies": list(taxonomies), "versions": list(versions), "names": list(names), "named": named}


def clauses_ever_of(version: PolicyVersion) -> list[tuple[str, str]]:
    """Return (key, title) of all clauses that its policy has or had in force, and of those that its clauses succeed.

    By key, as they were last. 2 queries.
    """
    ever = Q(policy=version.policy_id) | Q(pk__in=_succeeded_by(version))
    texts = Clause.objects.filter(ever, versions__version__status__in=IN_FORCE_ONCE)
    newest = texts.order_by("key", "-versions__version__number").distinct("key")
    return list(newest.values_list("key", "versions__title"))


def _succeeded_by(version: PolicyVersion) -> list[int]:
    """Return the clauses that were taken out, of any policy, and said to be followed by one of ``version``. 1 query."""
    published = PolicyVersion.objects.filter(status__in=IN_FORCE_ONCE)
    said = Mark.objects.filter(version__in=published).order_by("version", "clause", "-pk").distinct("version", "clause")
    newest = Mark.objects.filter(pk__in=said.values("pk"), successor__in=version.clauses.values("clause"))
    return list(newest.values_list("clause", flat=True))


def categories_of(version: PolicyVersion) -> list[Named]:
    """Return the categories of outside taxonomies that stand for a clause of ``version``. 1 query."""
    mapped = Named.objects.filter(clause__versions__version=version)
    return list(mapped.order_by("taxonomy", "taxonomy_version", "category").distinct()[:200])


def sample_of(past: Past, person: User, now: datetime) -> list[Item]:
    """Return the newest of them that ``person`` may know of, without the verdict where they judge alone. 2 queries."""
    known = Item.objects.open_to(person, now).filter(pk__in=past.items[: 2 * SAMPLE])
    items = list(known.select_related("generation").order_by("-pk")[:SAMPLE])
    without_verdicts(items, person, now)
    return items


@dataclass(frozen=True)
class Standing:
    """How far it is. ``otherwise`` came to another verdict than before, ``missed`` violate, and were not known to."""

    waiting: int
    opened: int
    skipped: int
    judged: int
    otherwise: int
    missed: int


_STANDING: Final = """
    select count(*) filter (where p.outcome = 'waiting'), count(*) filter (where p.outcome = 'opened'),
        count(*) filter (where p.outcome = 'skipped'), count(d.id),
        count(d.id) filter (where d.verdict <> p.verdict_before
            and (p.verdict_before <> '' or d.verdict = 'violating')),
        count(d.id) filter (where d.verdict = 'violating' and p.verdict_before in ('', 'benign'))
    from backfill_backfillpart p
    left join review_decision d on d.round_id = p.round_id
        and not exists (select from review_retraction t where t.decision_id = d.id)
    where p.whole_id = %s
"""


def standing_of(backfill: Backfill) -> Standing:
    """Count what came of it, by the decisions that stand. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [backfill.pk])
        return Standing(*cursor.fetchone())


def missed_by(backfill: Backfill, person: User, now: datetime) -> ActorQuerySet:
    """Return the actors, of those ``person`` may know of, whose items were benign or not judged and violate now.

    ``items`` of each. Without what ``person`` is to judge alone at this moment.
    """
    violating = Decision.objects.effective().filter(verdict=Verdict.VIOLATING, round=OuterRef("round"))
    parts = BackfillPart.objects.filter(Exists(violating), whole=backfill, verdict_before__in=["", Verdict.BENIGN])
    items = apart_from_alone(Item.objects.open_to(person, now), person, now).filter(pk__in=parts.values("item"))
    visible = Actor.objects.visible_to(person).filter(pk__in=items.values("actor"))
    counted = visible.annotate(missed=Count("items", filter=Q(items__in=items)))
    return counted.filter(missed__gt=0)

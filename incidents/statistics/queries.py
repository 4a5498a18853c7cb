"""Reads of statistics: tables out of the rollups and what is still to be counted, exact at once.

Each table is one statement over the rollups and one or two for its headings, however much was ever decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from incidents.impact import carrying
from incidents.impact.carrying import Apart, Carried
from incidents.intake.models import Source
from incidents.queues.models import Item
from incidents.statistics import facts, periods
from incidents.statistics.periods import Period
from incidents.statistics.tables import NO_KEY, Across, Cell, Cut, Heading, NotCovered, Table
from policies.models import Clause, ClauseVersion, Policy, PolicyVersion
from policies.vocabulary import Severity, Verdict

COLUMN_OF: Final[Mapping[Across, str]] = {
    Across.POLICY: "policy_id",
    Across.CLAUSE: "clause_id",
    Across.SEVERITY: "severity",
    Across.VERDICT: "verdict",
    Across.SOURCE: "source_id",
}

# Restriction is asked again at read time: a policy that becomes restricted leaves every table at once.
NOT_RESTRICTED: Final = """
    (policy_id is null or policy_id not in (select id from policies_policy where restricted_category <> ''))
"""


def _rolled_up(name: str) -> str:
    """Return CTEs, the last of them ``name``: what was counted in the days asked for, and what is still to count."""
    return f"""
    with {facts.counted_from(facts.TO_COUNT)},
    {name} as (
        select {facts.COLUMNS}, count as weight from statistics_dailycount where day between %(first)s and %(last)s
        union all
        select {facts.COLUMNS}, weight from counted where day between %(first)s and %(last)s
    )
    """  # noqa: S608  names of ours


ROLLED_UP: Final = _rolled_up("facts")

# The same with the clauses to which what was decided leads in place of its own; what leads nowhere is left out.
CARRIED_OVER: Final = f"""
    {_rolled_up("decided")},
    facts as (
        select day, kind, led.clause_id, led.policy_id, severity, verdict, source_id, actor_id, led.why, weight
        from decided join unnest(%(texts)s::bigint[], %(clauses)s::bigint[], %(policies)s::bigint[], %(whys)s::text[])
            as led (text_id, clause_id, policy_id, why) using (text_id)
    )
"""  # noqa: S608  names of ours

JUDGED_OF_ITEMS: Final = f"with {facts.counted_from(facts.OF_ITEMS)}, facts as (select * from counted)"  # noqa: S608


@dataclass(frozen=True)
class Difference:
    """A row of the rollup that is not what a recount gives."""

    row: tuple[Any, ...]
    counted: int
    recounted: int

    def __str__(self) -> str:
        shown = ", ".join("–" if value is None else str(value) for value in self.row)
        return _("%(row)s: counted %(counted)s, recounted %(recounted)s") % {
            "row": shown,
            "counted": self.counted,
            "recounted": self.recounted,
        }


def table(cut: Cut, today: date) -> Table:
    """Return the exact table of ``cut``, with rows up to the period of ``today``. 2 queries, 7 when carried over."""
    last = min(cut.last, periods.end_of(cut.by, today))
    starts, days = periods.starts(cut.by, cut.first, last), {"first": cut.first, "last": last}
    if cut.under is None:
        return _table(cut, starts, _counts(ROLLED_UP, cut, days))
    led = carrying.carried_to(cut.under)
    covered = _led([one for one in led if one.apart is None])
    table = _table(cut, starts, _counts(CARRIED_OVER, cut, days | covered))
    return replace(table, not_covered=_not_covered(cut, days | _led([one for one in led if one.apart])))


def table_of_items(items: QuerySet[Item]) -> Table:
    """Return the exact table, week by policy, of the decisions that stand on ``items``. At most 4 queries.

    ``.suppressed()`` of it is what may leave the house. It is protected by itself, not against other tables.
    """
    ids = list(items.values_list("pk", flat=True))
    days = _days_of_decisions(ids)
    if days is None:
        return _table(Cut(Period.WEEK, Across.POLICY, date.min, date.min), [], {})
    cut = Cut(Period.WEEK, Across.POLICY, periods.start_of(Period.WEEK, days[0]), periods.end_of(Period.WEEK, days[1]))
    counts = _counts(JUDGED_OF_ITEMS, cut, {"items": ids})
    return _table(cut, periods.starts(cut.by, cut.first, cut.last), counts)


def referrals(cut: Cut) -> Cell:
    """Return how many decisions of the cut's days were referrals, and of how many actors. 1 query."""
    source = cut.filters.get("source")
    narrowed = " and source_id = %(source)s" if source is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            {ROLLED_UP}, by_actor as (
                select actor_id, sum(weight) as number from facts where kind = 'referral' {narrowed}
                group by 1 having sum(weight) > 0
            )
            select coalesce(sum(number), 0)::bigint, count(actor_id) from by_actor
            """,  # noqa: S608  names of ours
            {"first": cut.first, "last": cut.last, "source": source},
        )
        number, actors = cursor.fetchone()
    return Cell(number, actors)


def differences_from_recount() -> list[Difference]:
    """Compare the rollup with all decisions that stand, less what is still to be counted. 1 query, one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            with {facts.counted_from(facts.COUNTED)},
            recount as ({facts.added_up("counted")}),
            rollup as (select {facts.COLUMNS}, count from statistics_dailycount where count <> 0),
            sides as (
                select {facts.COLUMNS}, count as counted, 0 as recounted from rollup
                union all
                select {facts.COLUMNS}, 0, sum from recount
            )
            select {facts.COLUMNS}, sum(counted)::int, sum(recounted)::int from sides
            group by {facts.COLUMNS} having sum(counted) <> sum(recounted) order by {facts.COLUMNS}
        """)  # noqa: S608  names of ours
        return [Difference(row[:-2], row[-2], row[-1]) for row in cursor.fetchall()]


# ── Headings: what the rows and columns, and the filters, are called ─────────────────────────────────────────────────


def policies() -> dict[int, Heading]:
    """Return every policy that is not restricted, in the order of the guidelines, by its last title. 1 query."""
    titles = PolicyVersion.objects.filter(policy=OuterRef("pk")).exclude(status__in=["draft", "in_review"])
    rows = Policy.objects.filter(restricted_category="").order_by("position", "pk")
    last = Subquery(titles.order_by("-number").values("title")[:1])
    return {pk: Heading(key, title or key) for pk, key, title in rows.values_list("pk", "key", last)}


def clauses() -> dict[int, Heading]:
    """Return every clause of the policies that are not restricted, in the order of the guidelines. 1 query."""
    texts = ClauseVersion.objects.filter(clause=OuterRef("pk")).exclude(version__status__in=["draft", "in_review"])
    rows = Clause.objects.filter(policy__restricted_category="").order_by("policy__position", "policy_id", "pk")
    last = Subquery(texts.order_by("-version__number").values("title")[:1])
    return {pk: Heading(key, title or key) for pk, key, title in rows.values_list("pk", "key", last)}


def versions() -> list[PolicyVersion]:
    """Return every version that is or was in force of policies that are not restricted, newest first. 1 query."""
    once = PolicyVersion.objects.filter(status__in=carrying.IN_FORCE_ONCE, policy__restricted_category="")
    return list(once.select_related("policy").order_by("policy__position", "policy_id", "-number"))


def sources() -> dict[int, Heading]:
    """Return every source. 1 query."""
    return {source.pk: Heading(source.slug, source.slug) for source in Source.objects.order_by("slug")}


def headings(across: Across) -> dict[Any, Heading]:
    """Return what ``across`` can be, by the value in the rollup. At most 1 query."""
    if across == Across.POLICY:
        return dict(policies())
    if across == Across.CLAUSE:
        return dict(clauses())
    if across == Across.SOURCE:
        return dict(sources())
    if across == Across.VERDICT:
        return {verdict.value: Heading(verdict.value, str(verdict.label)) for verdict in Verdict}
    return {level.value: Heading(str(level.value), f"{level.code} {level.label}") for level in Severity}


# ── Parts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _counts(facts_of: str, cut: Cut, parameters: dict[str, Any]) -> dict[tuple[Any, Any], tuple[int, int]]:
    """Return (count, distinct actors) by (start of period, value); None stands for "all of them"."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            {facts_of},
            by_actor as (
                select date_trunc(%(by)s, day::timestamp)::date as period,
                    coalesce({COLUMN_OF[cut.across]}::text, '{NO_KEY}') as value, actor_id, sum(weight) as number
                from facts where kind = %(kind)s and {NOT_RESTRICTED} {_narrowed(cut)}
                group by 1, 2, 3 having sum(weight) > 0
            )
            select period, value, sum(number)::bigint, count(distinct actor_id)
            from by_actor group by cube (period, value)
            """,  # noqa: S608  names of ours, from a fixed table
            {**parameters, **_chosen(cut), "by": cut.by.value, "kind": cut.kind.value},
        )
        return {(period, value): (count or 0, actors) for period, value, count, actors in cursor.fetchall()}


def _led(led: Sequence[Carried]) -> dict[str, list[Any]]:
    return {
        "texts": [one.text for one in led],
        "clauses": [one.clause for one in led],
        "policies": [one.policy for one in led],
        "whys": [one.apart or "" for one in led],
    }


def _not_covered(cut: Cut, parameters: dict[str, Any]) -> list[NotCovered]:
    """Count what leads nowhere by the clause that it cites, most first; nothing where one is asked for. 2 queries."""
    if "clause" in cut.filters:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            {CARRIED_OVER}, by_actor as (
                select clause_id, why, actor_id, sum(weight) as number
                from facts where {NOT_RESTRICTED} {_narrowed(cut)}
                group by 1, 2, 3 having sum(weight) > 0
            )
            select clause_id, why, sum(number)::bigint, count(distinct actor_id) from by_actor group by 1, 2
            order by 3 desc, 1, 2
            """,  # noqa: S608  names of ours
            {**parameters, **_chosen(cut)},
        )
        rows = cursor.fetchall()
    known = clauses() if rows else {}
    return [NotCovered(known[clause], Apart(why), Cell(number, actors)) for clause, why, number, actors in rows]


def _narrowed(cut: Cut) -> str:
    return "".join(f" and {COLUMN_OF[Across(name)]} = %(filter_{name})s" for name in cut.filters)


def _chosen(cut: Cut) -> dict[str, Any]:
    return {f"filter_{name}": value for name, value in cut.filters.items()}


def _table(cut: Cut, starts: list[date], counts: dict[tuple[Any, Any], tuple[int, int]]) -> Table:
    columns = _columns(cut, {value for _period, value in counts if value is not None})
    rows = [Heading(start.isoformat(), periods.label_of(cut.by, start)) for start in starts]
    lines: list[date | None] = [*starts, None]
    values: list[str | None] = [*columns, None]
    cells = [[Cell(*counts.get((line, value), (0, 0))) for value in values] for line in lines]
    return Table(cut=cut, rows=rows, columns=list(columns.values()), cells=cells)


def _columns(cut: Cut, found: set[str]) -> dict[str, Heading]:
    """Return the columns: all that there can be; of clauses and sources those with a count. 1 query at most."""
    known = {str(value): heading for value, heading in headings(cut.across).items()}
    if cut.across in {Across.CLAUSE, Across.SOURCE}:
        known = {value: heading for value, heading in known.items() if value in found}
    if NO_KEY in found:
        known[NO_KEY] = Heading(NO_KEY, _("None"))
    return known


def _days_of_decisions(items: list[int]) -> tuple[date, date] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"with {facts.counted_from(facts.OF_ITEMS)} select min(day), max(day) from counted",  # noqa: S608
            {"items": items},
        )
        first, last = cursor.fetchone()
    return None if first is None else (first, last)

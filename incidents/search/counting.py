"""How many there are, exactly where all is known, else no further than a person needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from incidents.search import vectors
from incidents.search.models import Kind
from incidents.search.pages import Asked, Count, Counts, Hit
from incidents.search.vectors import lexeme
from trust import prepared

MOST_COUNTED: Final = 1_000
DAYS_SHOWN: Final = 14
DAYS_COUNTED: Final = 7  # of a common word
DAYS_COUNTED_OF_BEGINNINGS: Final = 2

# Content of a restricted generation is found by nobody: a join at read time, so it holds at commit.
OPEN: Final = "not exists (select from intake_restriction r where r.generation_id = d.generation_id)"
# Marks already lead to the days; an index of times must not be what the planner goes by.
AT: Final = "(d.at + interval '0')"
_MANY: Final = f"""
    (select count(*) from (
        select from search_document d
        where d.words @@ (%(query)s::tsquery && {{query}}) and {AT} between part.since and part.until and {OPEN}
        limit %(most)s) counted)
"""  # noqa: S608  parts of our own
# Where the newest days alone hold more than is counted, the rest is not gathered.
_COUNTED: Final = f"""
    select part.place, case
        when part.newest <> '' and {_MANY.format(query="part.query::tsquery && part.newest::tsquery")} >= %(most)s
        then %(most)s else {_MANY.format(query="part.query::tsquery")} end
    from unnest(%(queries)s::text[], %(newest)s::text[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[])
        with ordinality as part (query, newest, since, until, place)
    order by part.place
"""  # noqa: S608  parts of our own


def no_counts() -> Counts:
    return Counts(Count(0), Count(0), [], [])


def counts_in(hits: Sequence[Hit], now: datetime) -> Counts:
    """Count what is known whole. No query."""
    since = now - timedelta(hours=48)
    kinds = Counter(hit.kind for hit in hits)
    days = Counter(hit.at.astimezone(UTC).date() for hit in hits)
    return Counts(
        total=Count(len(hits)),
        in_48_hours=Count(sum(since <= hit.at <= now for hit in hits)),
        kinds=[(kind, Count(kinds[kind])) for kind in Kind.values if kinds[kind]],
        days=[(day, Count(days[day])) for day in sorted(days, reverse=True)[:DAYS_SHOWN]],
    )


def counts_of(asked: Asked, now: datetime) -> Counts:
    """Count no further than MOST_COUNTED each: the last two days, each kind, the newest days. 1 query."""
    last = vectors.day_of(asked.until)
    many = DAYS_COUNTED_OF_BEGINNINGS if asked.has_beginnings else DAYS_COUNTED
    days = [day for day in range(last, last - many, -1) if day >= vectors.day_of(asked.since)]
    two_days = max(now - timedelta(hours=48), asked.since)
    newest = vectors.between(asked.until - timedelta(days=2), asked.until)
    parts = [
        (vectors.between(two_days, max(now, two_days)), "", two_days, min(now, asked.until)),
        *((lexeme("kind", kind), newest, asked.since, asked.until) for kind in Kind.values),
        *((lexeme("day", str(day)), "", vectors.start_of(day), vectors.end_of(day)) for day in days),
    ]
    values = asked.values(most=MOST_COUNTED + 1)
    values |= dict(zip(("queries", "newest", "sinces", "untils"), map(list, zip(*parts, strict=True)), strict=True))
    recent, *rest = [_capped(many) for _place, many in prepared.rows_of(_COUNTED, values)]
    kinds, by_day = rest[: len(Kind.values)], rest[len(Kind.values) :]
    total = _capped(sum(count.many + count.is_more for count in kinds))
    return Counts(
        total=total,
        in_48_hours=recent,
        kinds=[(kind, count) for kind, count in zip(Kind.values, kinds, strict=True) if count.many],
        days=[(vectors.date_of(day), count) for day, count in zip(days, by_day, strict=True) if count.many],
    )


def _capped(many: int) -> Count:
    return Count(min(many, MOST_COUNTED), is_more=many > MOST_COUNTED)

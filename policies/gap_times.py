"""How long gaps take from step to step: medians over the turns of all clocks, with how many stand behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

DRAFTED, PUBLISHED, ENFORCED, ANSWERED = "drafted", "published", "enforced", "answered"
LABELS: Final = {
    DRAFTED: _("Opened to drafted"),
    PUBLISHED: _("Drafted to published"),
    ENFORCED: _("Published to first enforced"),
    ANSWERED: _("Opened to published"),
}

# A turn ends with the next one of its gap. One that was closed, or has ended, waits for nothing more.
_TIMES: Final = """
    with told as (
        select gap_id, clock_number,
            min(at) filter (where kind in ('opened', 'reopened')) as opened,
            max(at) filter (where kind = 'drafted') as drafted,
            max(id) filter (where kind = 'drafted')
                > coalesce(max(id) filter (where kind = 'dropped'), 0) as is_drafted,
            min(at) filter (where kind = 'covered') as published,
            min(at) filter (where kind = 'enforced') as enforced,
            bool_or(kind = 'closed') as is_closed
        from policies_gapevent where kind <> 'owned' group by 1, 2
    ), turn as (
        select opened, case when is_drafted then drafted end as drafted, published, enforced,
            is_closed or lead(opened) over (partition by gap_id order by clock_number) is not null as is_over
        from told
    ), step as (
        select step.* , turn.is_over from turn cross join lateral (values
            ('drafted', 1, opened, drafted),
            ('published', 2, drafted, published),
            ('enforced', 3, published, enforced),
            ('answered', 4, opened, published)
        ) step (name, place, begun, reached)
        where opened >= %(first)s and opened < %(after)s
    )
    select name, count(reached), percentile_cont(0.5) within group (order by reached - begun),
        min(reached - begun), max(reached - begun), count(*) filter (where reached is null and not is_over)
    from step where begun is not null group by name, place order by place
"""


@dataclass(frozen=True, slots=True)
class StepTimes:
    """One step: of ``count`` turns that took it the median, shortest and longest; ``waiting`` have it before them."""

    name: str
    count: int = 0
    median: timedelta | None = None
    shortest: timedelta | None = None
    longest: timedelta | None = None
    waiting: int = 0

    @property
    def label(self) -> str:
        return str(LABELS[self.name])


def times(first: date, last: date) -> Sequence[StepTimes]:
    """Return every step, over the turns that began from ``first`` to ``last`` (UTC). 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(_TIMES, {"first": _begin_of(first), "after": _begin_of(last + timedelta(days=1))})
        found = {row[0]: StepTimes(*row) for row in cursor.fetchall()}
    return [found.get(name, StepTimes(name)) for name in LABELS]


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)

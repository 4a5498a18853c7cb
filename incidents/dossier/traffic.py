"""How much came from an actor of late, how much of it was flagged, and what of it was judged as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from incidents.actors.models import Actor
from incidents.intake.models import Generation
from incidents.queues.alone import near_alone
from policies.vocabulary import Verdict
from trust.accounts.models import User
from trust.proportions import Drawn, Share, share_of, weighed_share_of

DAYS: Final = (7, 30, 90)
MOST_COUNTED: Final = 1_000  # the newest
JUDGED: Final = (Verdict.VIOLATING, Verdict.BENIGN, Verdict.NO_POLICY_FITS)


@dataclass(frozen=True)
class Period:
    """What came in within so many days. ``is_cut``: only the newest thousand were counted, and there are more.

    Of what was judged, some may have been drawn by chance (``is_sampled``): then shares are weighed by that chance.
    """

    days: int
    generations: int
    flagged: int
    violating: Drawn
    benign: Drawn
    judged: Drawn
    is_cut: bool

    @property
    def is_sampled(self) -> bool:
        return self.judged.weight > self.judged.count

    @property
    def flagged_share(self) -> Share | None:
        return share_of(self.flagged, self.generations)

    @property
    def violating_share(self) -> Share | None:
        return weighed_share_of(self.violating, self.judged)

    @property
    def benign_share(self) -> Share | None:
        return weighed_share_of(self.benign, self.judged)


@dataclass(frozen=True)
class Traffic:
    """The periods, shortest first, and the newest generation that the reader may know of."""

    periods: list[Period]
    newest: Generation | None

    @property
    def is_cut(self) -> bool:
        return any(period.is_cut for period in self.periods)

    @property
    def is_sampled(self) -> bool:
        return any(period.is_sampled for period in self.periods)


@dataclass(frozen=True)
class _Part:
    """So many generations of the days up to ``days`` and beyond the period before, alike in all that is counted."""

    days: int
    is_flagged: bool
    verdict: str
    chance: float
    count: int
    first_at: datetime


# Each of the newest is looked up by itself: the planner would rather read all items and all alerts.
_COUNTED: Final = """
    with newest (id, at) as materialized ({newest})
    select case when at >= %s then {days[0]} when at >= %s then {days[1]} else {days[2]} end, alert.is_flagged is true,
        coalesce(item.verdict, ''), coalesce(item.inclusion_probability, 1.0), count(*), min(at)
    from newest
    left join lateral (
        select true as is_flagged from intake_alert where generation_id = newest.id and flagged <> '{{}}' limit 1
    ) alert on true
    left join lateral (
        select inclusion_probability, case
            when i.id = any(%s::bigint[]) or exists (
                select from queues_groupmember m where m.item_id = i.id and m.group_id = any(%s::bigint[])) then ''
            else i.verdict end as verdict
        from queues_item i where i.generation_id = newest.id limit 1
    ) item on true
    group by 1, 2, 3, 4
"""


def traffic_of(actor: Actor, reader: User, now: datetime) -> Traffic:
    """Count the newest thousand of ninety days that ``reader`` may know of. 3 queries.

    How that was judged which they judge alone, or what is nearly the same, they are not told.
    """
    generations = actor.generations.not_restricted_for(reader, now)
    recent = generations.filter(occurred_at__gte=now - timedelta(days=DAYS[-1]), occurred_at__lte=now)
    newest = recent.order_by("-occurred_at", "-pk").values_list("pk", "occurred_at")[:MOST_COUNTED]
    statement, values = newest.query.sql_with_params()
    since = [now - timedelta(days=days) for days in DAYS[:-1]]
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.format(newest=statement, days=DAYS), [*values, *since, *near_alone(reader, now)])
        parts = [_Part(*row) for row in cursor.fetchall()]
    return Traffic([_period(days, parts, now) for days in DAYS], generations.order_by("-occurred_at", "-pk").first())


def _period(days: int, parts: Iterable[_Part], now: datetime) -> Period:
    parts = list(parts)
    own = [part for part in parts if part.days <= days]
    reaches = min((part.first_at for part in parts), default=now)
    is_full = sum(part.count for part in parts) >= MOST_COUNTED
    return Period(
        days=days,
        generations=sum(part.count for part in own),
        flagged=sum(part.count for part in own if part.is_flagged),
        violating=_drawn(own, Verdict.VIOLATING),
        benign=_drawn(own, Verdict.BENIGN),
        judged=_drawn(own, *JUDGED),
        is_cut=is_full and reaches > now - timedelta(days=days),
    )


def _drawn(parts: Iterable[_Part], *verdicts: str) -> Drawn:
    return sum((Drawn.of(part.chance, part.count) for part in parts if part.verdict in verdicts), Drawn())

"""How much came from an actor of late, how much of it was flagged, and what of it was judged as what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case, Count, Exists, IntegerField, Min, OuterRef, Value, When

from incidents.actors.models import Actor
from incidents.intake.models import Alert, Generation
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


def traffic_of(actor: Actor, reader: User, now: datetime) -> Traffic:
    """Count the newest thousand of ninety days that ``reader`` may know of. 2 queries."""
    generations = actor.generations.not_restricted_for(reader, now)
    newest = generations.filter(occurred_at__gte=now - timedelta(days=DAYS[-1]), occurred_at__lte=now)
    numbers = newest.order_by("-occurred_at", "-pk").values("pk")[:MOST_COUNTED]
    is_flagged = Exists(Alert.objects.filter(generation=OuterRef("pk")).exclude(flagged=[]))
    rows: Any = (
        Generation.objects.filter(pk__in=numbers)
        .annotate(days=_within(now), is_flagged=is_flagged)
        .values_list("days", "is_flagged", "item__verdict", "item__inclusion_probability")
        .annotate(count=Count("pk"), first_at=Min("occurred_at"))
        .order_by()
    )
    parts = [_Part(days, flag, verdict or "", chance or 1.0, *rest) for days, flag, verdict, chance, *rest in rows]
    return Traffic([_period(days, parts, now) for days in DAYS], generations.order_by("-occurred_at", "-pk").first())


def _within(now: datetime) -> Case:
    since = [(days, now - timedelta(days=days)) for days in DAYS]
    whens = [When(occurred_at__gte=moment, then=Value(days)) for days, moment in since]
    return Case(*whens, default=Value(DAYS[-1]), output_field=IntegerField())


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

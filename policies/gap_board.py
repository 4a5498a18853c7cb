"""What the board of gaps and a gap's own page show beside the rows: growth, and every turn of the clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Q, Sum

from policies.models import GapDay, GapEvent, PolicyGap, PolicyVersion

WEEK: Final = timedelta(days=7)
WEEKS_BEFORE: Final = 4
FEWEST: Final = 3  # items of a week; fewer are no growth
TWICE: Final = 2
Kind = GapEvent.Kind


@dataclass(frozen=True, slots=True)
class Growth:
    """Items of the last seven days, today's among them, and of the four weeks before those."""

    this_week: int = 0
    before: int = 0

    @property
    def is_growing(self) -> bool:
        """Say whether this week brought at least three items, and twice as many as a week of the four before."""
        return self.this_week >= FEWEST and self.this_week * WEEKS_BEFORE >= TWICE * self.before


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a gap's clock. What was not reached is None; ``ended_at`` is when the next turn began."""

    number: int
    opened_at: datetime
    drafted_at: datetime | None = None
    published_at: datetime | None = None
    enforced_at: datetime | None = None
    closed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def until_drafted(self) -> timedelta | None:
        return self.drafted_at - self.opened_at if self.drafted_at else None

    @property
    def until_published(self) -> timedelta | None:
        return self.published_at - self.drafted_at if self.published_at and self.drafted_at else None

    @property
    def until_enforced(self) -> timedelta | None:
        return self.enforced_at - self.published_at if self.enforced_at and self.published_at else None


def growth_of(gaps: Collection[PolicyGap], today: date) -> dict[int, Growth]:
    """Return how each of ``gaps`` grows, by its id. 1 query, of at most 35 days of each."""
    begin = today - WEEK
    days = GapDay.objects.filter(gap__in=gaps, day__gt=begin - WEEKS_BEFORE * WEEK, day__lte=today)
    sums = days.values("gap").annotate(
        this_week=Sum("items", filter=Q(day__gt=begin), default=0),
        before=Sum("items", filter=Q(day__lte=begin), default=0),
    )
    return {row["gap"]: Growth(row["this_week"], row["before"]) for row in sums.order_by()}


def turns_of(events: Iterable[GapEvent]) -> list[Turn]:
    """Return the turns of one gap's clock, the first first. ``events`` are all of the gap, in order; no query."""
    times: dict[int, dict[str, datetime | None]] = {}
    for event in events:
        turn = times.setdefault(event.clock_number, {"opened_at": event.at})
        turn |= _told_by(event)
    numbers = sorted(times)
    ends = [times[number]["opened_at"] for number in numbers[1:]]
    return [Turn(number, **times[number], ended_at=end) for number, end in zip(numbers, [*ends, None], strict=False)]  # type: ignore[arg-type]


def draft_of(gap: PolicyGap) -> PolicyVersion | None:
    """Return the version that is to close ``gap``, not published yet. At most 1 query."""
    if gap.clause is None or gap.status != PolicyGap.Status.DRAFTING:
        return None
    unpublished = PolicyVersion.objects.unpublished().select_related("policy")
    return unpublished.filter(policy=gap.clause.policy_id).first()


def _told_by(event: GapEvent) -> dict[str, datetime | None]:
    fields: dict[str, Sequence[str]] = {
        Kind.DRAFTED: ["drafted_at"],
        Kind.COVERED: ["published_at"],
        Kind.ENFORCED: ["enforced_at"],
        Kind.CLOSED: ["closed_at"],
    }
    if event.kind == Kind.DROPPED:
        return {"drafted_at": None}
    return dict.fromkeys(fields.get(event.kind, ()), event.at)

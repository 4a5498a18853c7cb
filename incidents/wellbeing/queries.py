"""Reads of wellbeing: where one person stands, how content is shown to them, and their own ledger."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from incidents.wellbeing.models import Covering, Exposure, ExposureDay, Limits, TeamWeek
from incidents.wellbeing.rules import Standing
from policies.models import PolicyVersion
from trust import prepared
from trust.accounts.models import User

WEEKS: Final = 8

_STANDING: Final = """
    select d.items, d.seconds, p.in_a_row, coalesce(p.of_category_in_a_row, '{}')::text,
        p.last_severity, p.last_at, p.seconds_since_break, p.break_at, (
            select coalesce(jsonb_agg(l), '[]')::text from wellbeing_limits l
            where l.person_id is null or l.person_id = %(by)s)
    from (select) once
    left join wellbeing_pace p on p.person_id = %(by)s
    left join wellbeing_exposureday d on d.person_id = %(by)s and d.day = %(day)s
"""


# Says for statements of our own whether anything may ever be kept from %(by)s.
IS_BOUNDED: Final = """
    exists (select from wellbeing_limits l where (l.person_id is null or l.person_id = %(by)s) and (l.cools_down
        or l.opted_out <> '{{}}'
        or coalesce(l.day_items_hard, l.day_minutes_hard, l.row_items_hard, l.rotate_after) is not null))
"""


def day_of(person: User, moment: datetime) -> date:
    """Return the day that ``moment`` belongs to where the person is."""
    return timezone.localtime(moment, ZoneInfo(person.time_zone or "UTC")).date()


def standing_of(person: User, now: datetime, *, held: Sequence[int] = ()) -> Standing:
    """Return where ``person`` stands. 1 query over rows of their own."""
    (row,) = prepared.rows_of(_STANDING, {"by": person.pk, "day": day_of(person, now)})
    items, seconds, in_a_row, of_category, severity, last_at, since, break_at, limits = row
    blank, known = Standing(), json.loads(limits)
    return Standing(
        limits=known,
        opted_out=[category for one in known for category in one["opted_out"]],
        items=items or blank.items,
        seconds=seconds or blank.seconds,
        in_a_row=in_a_row or blank.in_a_row,
        of_category_in_a_row=json.loads(of_category),
        last_severity=severity or 0,
        last_at=last_at,
        seconds_since_break=since or 0,
        break_at=break_at,
        held=held,
    )


@dataclass(frozen=True)
class Dress:
    """How content is shown: covered until asked for, blurred until pointed at, without colour. Each by itself."""

    is_covered: bool = True
    is_blurred: bool = False
    is_grey: bool = False

    def __or__(self, other: Dress) -> Dress:
        return Dress(
            self.is_covered or other.is_covered, self.is_blurred or other.is_blurred, self.is_grey or other.is_grey
        )


def dress_for(person: User, categories: Collection[int]) -> Dress:
    """Return how an item of ``categories`` is shown to ``person``. 1 query.

    In each category the person's exception comes first, then what they chose for all, then the organisation's
    exception, then its choice for all. Of several categories whatever protects more holds.
    """
    chosen = Covering.objects.filter(Q(person=person) | Q(person=None)).filter(
        Q(policy=None) | Q(policy__in=list(categories))
    )
    found = {(row.person_id, row.policy_id): row for row in chosen}
    places: list[int | None] = [*categories] or [None]
    dresses = [_dress(found, person.pk, category) for category in places]
    first, *others = dresses
    for other in others:
        first |= other
    return first


def _dress(found: Mapping[tuple[int | None, int | None], Covering], person: int, category: int | None) -> Dress:
    places = ((person, category), (person, None), (None, category), (None, None))
    row = next((found[place] for place in places if place in found), None)
    return Dress(row.is_covered, row.is_blurred, row.is_grey) if row else Dress()


def coverings_of(person: User | None) -> dict[int | None, Covering]:
    """Return what ``person`` (None: the organisation) chose, by category; None: for all of them. 1 query."""
    return {row.policy_id: row for row in Covering.objects.filter(person=person)}


def limits_of(person: User | None) -> Limits | None:
    return Limits.objects.filter(person=person).first()


def opted_out_of(person: User) -> list[int]:
    """Return the categories that ``person`` opted out of. For themselves and for the dispatcher only. 1 query."""
    return list(Limits.objects.filter(person=person).values_list("opted_out", flat=True).first() or [])


def categories() -> dict[int, str]:
    """Return the titles of policies by id, in the order of the guidelines: those in force. 1 query."""
    versions = PolicyVersion.objects.published().filter(policy__restricted_category="")
    return dict(versions.order_by("policy__position", "policy_id").values_list("policy_id", "title"))


# ── A person's own ledger ────────────────────────────────


@dataclass(frozen=True)
class Sum:
    """What a stretch of days holds. ``weighted`` counts each step of severity twice the one below."""

    items: list[int]
    minutes: int
    weighted: int

    @property
    def count(self) -> int:
        return sum(self.items)


@dataclass(frozen=True)
class Ledger:
    """One person's exposure: today, each day of this week, this week, and their own usual week (None: no week yet)."""

    today: Sum
    week: Sum
    days: list[tuple[date, Sum]]
    usual: Sum | None


def ledger_of(person: User, now: datetime) -> Ledger:
    """Return the ledger of ``person``, for nobody but them. 1 query over at most nine weeks of days."""
    today = day_of(person, now)
    monday = today - timedelta(days=today.weekday())
    rows = list(ExposureDay.objects.filter(person=person, day__gte=monday - timedelta(weeks=WEEKS)).order_by("day"))
    by_day = {row.day: row for row in rows}
    this_week = [monday + timedelta(days=number) for number in range(today.weekday() + 1)]
    return Ledger(
        today=_sum([by_day[today]] if today in by_day else []),
        week=_sum([row for row in rows if row.day >= monday]),
        days=[(day, _sum([by_day[day]] if day in by_day else [])) for day in this_week],
        usual=_usual([row for row in rows if row.day < monday]),
    )


def reveals_of(person: User) -> QuerySet[Exposure]:
    """Return the items that ``person`` revealed. Served by index ``exposure_newest_of_person``."""
    return Exposure.objects.filter(person=person, is_reveal=True)


def team_weeks() -> list[TeamWeek]:
    """Return the last weeks of all reviewers together, newest first. 1 query."""
    return list(TeamWeek.objects.order_by("-monday")[:WEEKS])


def _sum(rows: Sequence[ExposureDay]) -> Sum:
    items = [sum(counts) for counts in zip(*(row.items for row in rows), strict=True)] or list(Standing().items)
    return Sum(items, sum(sum(row.seconds) for row in rows) // 60, sum(row.weighted for row in rows))


def _usual(rows: Sequence[ExposureDay]) -> Sum | None:
    """Return the medians of the weeks before this one in which anything was revealed."""
    weeks: dict[date, list[ExposureDay]] = {}
    for row in rows:
        weeks.setdefault(row.day - timedelta(days=row.day.weekday()), []).append(row)
    sums = [_sum(week) for week in weeks.values()]
    if not sums:
        return None
    items = [round(median(counts)) for counts in zip(*(week.items for week in sums), strict=True)]
    return Sum(items, round(median(week.minutes for week in sums)), round(median(week.weighted for week in sums)))

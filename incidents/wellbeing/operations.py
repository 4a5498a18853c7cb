"""Every write of wellbeing. What a person does for themselves leaves no audit event: it is theirs alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from incidents.wellbeing import queries, rules
from incidents.wellbeing.models import Covering, Exposure, ExposureDay, Limits, Pace, TeamWeek
from policies.models import Policy
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.permissions import Permission, Role
from trust.refusals import Refused

KEPT: Final = timedelta(days=180)  # the trigger of the table holds the same
FORGOTTEN_AT_ONCE: Final = 5000
SEVERE_FROM: Final = 3  # for the weeks of the team, whatever limits say


@dataclass(frozen=True)
class Seen:
    """What a reveal is about: an item, and what was expected of it before it was judged."""

    item_id: int
    severity: int
    categories: Sequence[int]


@transaction.atomic
def note_exposure(seen: Seen, *, seconds: int, by: User) -> None:
    """Note that ``by`` was shown the content of an item, or that it stood open for ``seconds`` more. Raises Refused.

    An item counts once a day. Seconds count only as far as they have passed since the last note, so that two windows
    never make more time than there was.
    """
    if reason := rules.refusal_to_set_own(by):
        raise Refused(reason)
    now, pace = clock.now(), _locked(by)
    day = queries.day_of(by, now)
    counted = _seconds_that_passed(pace, seconds, now)
    is_first = not Exposure.objects.filter(person=by, day=day, item_id=seen.item_id, is_reveal=True).exists()
    if not is_first and not counted:
        return
    weight = rules.weight_of(seen.severity)
    Exposure.objects.create(
        person=by,
        item_id=seen.item_id,
        categories=list(seen.categories),
        severity=seen.severity,
        weight=weight,
        day=day,
        at=now,
        is_reveal=is_first,
        seconds=counted,
    )
    _add_to_day(by, day, seen.severity, items=int(is_first), seconds=counted, weighted=weight if is_first else 0)
    _go_on(pace, seen, is_first=is_first, seconds=counted, now=now)


def wait_for_others(by: User) -> None:
    """Let no other claim, reveal or choice of the same person come between here and the end of the transaction."""
    _locked(by)


@transaction.atomic
def start_break(*, by: User) -> None:
    """Stop the clock: a break of five minutes and more begins a new stretch."""
    pace = _locked(by)
    pace.break_at = clock.now()
    pace.save(update_fields=["break_at"])


@transaction.atomic
def opt_out(categories: Collection[int], *, by: User) -> None:
    """Let items of ``categories`` come to ``by`` no more, and those of all others again. Raises Refused."""
    if reason := rules.refusal_to_set_own(by):
        raise Refused(reason)
    _locked(by)
    Limits.objects.update_or_create(person=by, defaults={"opted_out": sorted(set(categories))})


@transaction.atomic
def cover_for_oneself(chosen: Mapping[Policy | None, queries.Dress], *, by: User) -> None:
    """Set how content is shown to ``by``: in each category, and (None) in all others. Raises Refused."""
    if reason := rules.refusal_to_set_own(by):
        raise Refused(reason)
    _locked(by)
    _cover(by, chosen)


@transaction.atomic
def limit_oneself(values: Mapping[str, Any], *, by: User) -> Limits:
    """Set the limits of ``by`` beside those for everyone: whichever is reached first holds. Raises Refused."""
    if reason := rules.refusal_to_set_own(by):
        raise Refused(reason)
    _locked(by)
    return Limits.objects.update_or_create(person=by, defaults=dict(values))[0]


@transaction.atomic
def set_for_everyone(values: Mapping[str, Any], chosen: Mapping[Policy | None, queries.Dress], *, by: User) -> Limits:
    """Set the limits and the covering that hold for everyone who did not choose stricter or other. Raises Refused."""
    if reason := rules.refusal_to_set_for_everyone(by):
        raise Refused(reason)
    limits = Limits.objects.update_or_create(person=None, defaults=dict(values))[0]
    _cover(None, chosen)
    record("wellbeing.set", on=[limits], by=by, data=dict(values))
    return limits


# ── By themselves ────────────────────────────────────────


@transaction.atomic
def forget_old() -> int:
    """Delete what is older than half a year, some thousands at a time. Return how many lines went."""
    before = clock.now() - KEPT
    ExposureDay.objects.filter(day__lt=before.date()).delete()
    old = Exposure.objects.filter(at__lt=before).order_by("at").values("pk")[:FORGOTTEN_AT_ONCE]
    return Exposure.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]


@transaction.atomic
def close_weeks() -> int:
    """Work out the sums of the weeks that ended more than a day ago and have none yet. Return how many were."""
    last = clock.now().date() - timedelta(days=8)
    newest = last - timedelta(days=last.weekday())
    mondays = [newest - timedelta(weeks=number) for number in range(queries.WEEKS)]
    known = set(TeamWeek.objects.filter(monday__in=mondays).values_list("monday", flat=True))
    made = TeamWeek.objects.bulk_create(
        [_team_week(monday) for monday in mondays if monday not in known], ignore_conflicts=True
    )
    return len(made)


_TEAM_WEEK: Final = f"""
    select count(distinct person_id) filter (where items > 0), coalesce(sum(items), 0), coalesce(sum(seconds), 0),
        coalesce(sum(weighted), 0), count(distinct person_id) filter (where severe > 0), coalesce(sum(severe), 0),
        count(distinct person_id) filter (where items > severe), coalesce(sum(items - severe), 0)
    from (
        select d.person_id, d.weighted, (select sum(s) from unnest(d.seconds) s) as seconds,
            (select sum(i) from unnest(d.items) i) as items,
            (select sum(i) from unnest(d.items[{SEVERE_FROM + 1}:]) i) as severe
        from wellbeing_exposureday d join accounts_user u on u.id = d.person_id
        where d.day >= %(monday)s and d.day < %(monday)s + 7 and not u.roles && %(leads)s::varchar[]
    ) days
"""  # noqa: S608  a number of our own


def _team_week(monday: date) -> TeamWeek:
    """Add up a week of those who see nobody's sums: a lead could take themselves out of a sum that holds them."""
    leads = [role.value for role in Role if _sees_sums(role)]
    with connection.cursor() as cursor:
        cursor.execute(_TEAM_WEEK, {"monday": monday, "leads": leads})
        people, items, seconds, weighted, severe_people, severe, light_people, light = cursor.fetchone()
    if people < rules.FEWEST_PEOPLE:
        return TeamWeek(monday=monday)
    is_safe = all(
        not count or who >= rules.FEWEST_PEOPLE for who, count in ((severe_people, severe), (light_people, light))
    )
    return TeamWeek(
        monday=monday, items=items, seconds=seconds, weighted=weighted, severe_items=severe if is_safe else None
    )


def _sees_sums(role: Role) -> bool:
    return User(roles=[role.value]).may(Permission.READ_TEAM_EXPOSURE)


# ── Parts ────────────────────────────────────────────────


def _locked(by: User) -> Pace:
    """Return the row of ``by``, made where there is none, and keep others from it until the transaction ends."""
    row = Pace.objects.select_for_update(no_key=True).filter(person=by).first()
    if row is None:
        Pace.objects.bulk_create([Pace(person=by)], ignore_conflicts=True)
        row = Pace.objects.select_for_update(no_key=True).get(person=by)
    return row


def _seconds_that_passed(pace: Pace, seconds: int, now: datetime) -> int:
    if pace.last_at is None:
        return 0
    passed = int((now - pace.last_at).total_seconds())
    return max(min(seconds, passed, rules.LONGEST_STRETCH), 0)


def _go_on(pace: Pace, seen: Seen, *, is_first: bool, seconds: int, now: datetime) -> None:
    """Take what was just seen into the row of items and into the time since the last break."""
    if rules.is_rested(pace.last_at, pace.break_at, now):
        pace.in_a_row, pace.of_category_in_a_row, pace.seconds_since_break = [0] * rules.ANY, {}, 0
    if is_first:
        pace.in_a_row = [count + 1 if level <= seen.severity else 0 for level, count in enumerate(pace.in_a_row)]
        before = pace.of_category_in_a_row
        pace.of_category_in_a_row = {str(one): before.get(str(one), 0) + 1 for one in seen.categories}
        pace.last_severity = seen.severity
    pace.seconds_since_break += seconds
    pace.last_at = now
    pace.break_at = None
    pace.save()


def _add_to_day(by: User, day: date, severity: int, *, items: int, seconds: int, weighted: int) -> None:
    row, _made = ExposureDay.objects.get_or_create(person=by, day=day)
    row.items[severity] += items
    row.seconds[severity] += seconds
    row.weighted += weighted
    ExposureDay.objects.filter(person=by, day=day).update(items=row.items, seconds=row.seconds, weighted=row.weighted)


def _cover(person: User | None, chosen: Mapping[Policy | None, queries.Dress]) -> None:
    Covering.objects.filter(person=person).delete()
    Covering.objects.bulk_create(
        Covering(
            person=person,
            policy=policy,
            is_covered=dress.is_covered,
            is_blurred=dress.is_blurred,
            is_grey=dress.is_grey,
        )
        for policy, dress in chosen.items()
    )

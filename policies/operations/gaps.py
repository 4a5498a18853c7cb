"""Gaps as reviewers find them and editors keep them: join and leave one, give it an owner, close it, open it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy

from policies import rules
from policies.models import GapDay, GapEvent, PolicyGap
from policies.operations.gap_clock import begin_anew, locked_gap, note
from trust import clock, languages
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

LONGEST_TITLE: Final = PolicyGap._meta.get_field("title").max_length


@dataclass(frozen=True, slots=True)
class Find:
    """Items for which no policy fits: when they were judged, and the severity that their alerts led one to expect."""

    at: datetime
    severity: int = 0
    items: int = 1

    @property
    def day(self) -> date:
        return self.at.astimezone(UTC).date()


@transaction.atomic
def join_gap(title: str, *, finds: Sequence[Find] = (), by: User | None) -> PolicyGap:
    """Count ``finds`` (one item, now, where none are named) in the open gap called ``title``, opening it if need be.

    The title is cut to 200 characters. One statement joins or opens, so that two reviewers at once make one gap; days
    are counted under its lock. Must be called inside the decision's transaction.
    """
    title = " ".join(title.split())[:LONGEST_TITLE] or languages.stored(gettext_lazy("Not named"))
    now = clock.now()
    finds = finds or [Find(now)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into policies_policygap as gap
                (title, status, items, highest_severity, opened_at, first_seen_at, last_seen_at)
            values (%(title)s, 'open', %(items)s, %(severity)s, %(now)s, %(first)s, %(last)s)
            on conflict (title) where status in ('open', 'drafting')
            do update set items = gap.items + excluded.items,
                highest_severity = greatest(gap.highest_severity, excluded.highest_severity),
                first_seen_at = least(gap.first_seen_at, excluded.first_seen_at),
                last_seen_at = greatest(gap.last_seen_at, excluded.last_seen_at)
            returning id, xmax = 0
            """,
            {
                "title": title,
                "items": sum(find.items for find in finds),
                "severity": max(find.severity for find in finds),
                "now": now,
                "first": min(find.at for find in finds),
                "last": max(find.at for find in finds),
            },
        )
        pk, is_new = cursor.fetchone()
        _count(cursor, pk, finds)
    gap = PolicyGap.objects.get(pk=pk)
    if is_new:
        note(gap, GapEvent.Kind.OPENED, by=by)
    record("policy_gap.opened" if is_new else "policy_gap.joined", on=[gap], by=by)
    return gap


@transaction.atomic
def leave_gap(gap: PolicyGap, *, find: Find | None = None, by: User | None) -> PolicyGap:
    """Take one item out of a gap, because the decision that put it there was taken back. The gap stays.

    ``find`` is what was counted; where its alerts came to more since, one of the same day is taken out for it.
    """
    gap = locked_gap(gap)
    gap.items = max(gap.items - 1, 0)
    if find is not None:
        _count_out(gap, find)
    gap.save(update_fields=["items", "highest_severity"])
    record("policy_gap.left", on=[gap], by=by)
    return gap


@transaction.atomic
def own_gap(gap: PolicyGap, *, owner: User | None, by: User) -> PolicyGap:
    """Say who answers a gap; nobody, with None. Raises Refused."""
    gap = locked_gap(gap)
    if reason := rules.refusal_to_own_gap(gap, owner, by):
        raise Refused(reason)
    if gap.owner_id == (owner.pk if owner else None):
        return gap

    gap.owner = owner
    gap.save(update_fields=["owner"])
    note(gap, GapEvent.Kind.OWNED, owner=owner, by=by)
    record("policy_gap.owned", on=[gap], by=by, data={"owner": owner.pk if owner else None})
    return gap


@transaction.atomic
def close_gap(gap: PolicyGap, *, reason: str, by: User) -> PolicyGap:
    """Close an open gap: what it holds is no violation. Raises Refused."""
    gap = locked_gap(gap)
    if refusal := rules.refusal_to_close_gap(gap, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    gap.status = PolicyGap.Status.NOT_A_VIOLATION
    gap.save(update_fields=["status"])
    note(gap, GapEvent.Kind.CLOSED, reason=reason.strip(), by=by)
    record("policy_gap.closed", on=[gap], by=by, reason=reason)
    return gap


@transaction.atomic
def reopen_gap(gap: PolicyGap, *, reason: str, by: User) -> PolicyGap:
    """Open a gap again that was covered or closed: a new clock begins, the old one is kept. Raises Refused."""
    gap = locked_gap(gap)
    namesake = PolicyGap.objects.exclude(pk=gap.pk).filter(title=gap.title, status__in=["open", "drafting"]).exists()
    refusal = rules.refusal_to_reopen_gap(gap, by, has_open_namesake=namesake) or rules.refusal_of_reason(reason)
    if refusal:
        raise Refused(refusal)

    begin_anew(gap, reason=reason.strip(), by=by)
    record("policy_gap.reopened", on=[gap], by=by, reason=reason)
    return gap


def _count(cursor: object, gap: int, finds: Sequence[Find]) -> None:
    """Add finds to their days. The gap is locked."""
    counts: dict[tuple[date, int], int] = {}
    for find in finds:
        counts[find.day, find.severity] = counts.get((find.day, find.severity), 0) + find.items
    cursor.execute(  # type: ignore[attr-defined]
        """
        insert into policies_gapday as counted (gap_id, day, severity, items)
        select %(gap)s, * from unnest(%(days)s::date[], %(severities)s::smallint[], %(items)s::int[])
        on conflict (gap_id, day, severity) do update set items = counted.items + excluded.items
        """,
        {
            "gap": gap,
            "days": [day for day, _severity in counts],
            "severities": [severity for _day, severity in counts],
            "items": list(counts.values()),
        },
    )


def _count_out(gap: PolicyGap, find: Find) -> None:
    """Take one item off its day, and work out what severity is left. The gap is locked."""
    that_day = list(GapDay.objects.filter(gap=gap, day=find.day, items__gt=0))
    if that_day:
        cell = max(that_day, key=lambda cell: (cell.severity == find.severity, cell.severity))
        cell.items -= 1
        cell.save(update_fields=["items"])
    left = GapDay.objects.filter(gap=gap, items__gt=0).aggregate(most=Max("severity"))["most"]
    gap.highest_severity = left or 0

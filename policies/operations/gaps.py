"""Gaps: join and leave one, take one up, close it, stop its clock."""

from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy

from policies import rules
from policies.models import Clause, PolicyGap
from trust import clock, languages
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

LONGEST_TITLE: Final = PolicyGap._meta.get_field("title").max_length


@transaction.atomic
def join_gap(title: str, *, items: int = 1, by: User | None) -> PolicyGap:
    """Count ``items`` more in the open gap called ``title`` (cut to 200 characters), opening it if there is none.

    One statement, so that two reviewers at once make one gap. Must be called inside the decision's transaction.
    """
    title = " ".join(title.split())[:LONGEST_TITLE] or languages.stored(gettext_lazy("Not named"))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into policies_policygap (title, status, items, opened_at, last_seen_at)
            values (%(title)s, 'open', %(items)s, %(now)s, %(now)s)
            on conflict (title) where status in ('open', 'drafting')
            do update set items = policies_policygap.items + excluded.items,
                last_seen_at = greatest(policies_policygap.last_seen_at, excluded.last_seen_at)
            returning id
            """,
            {"title": title, "items": items, "now": clock.now()},
        )
        gap = PolicyGap.objects.get(pk=cursor.fetchone()[0])
    record("policy_gap.opened" if gap.items == items else "policy_gap.joined", on=[gap], by=by)
    return gap


@transaction.atomic
def leave_gap(gap: PolicyGap, *, by: User | None) -> PolicyGap:
    """Take one item out of a gap, because the decision that put it there was taken back. The gap stays."""
    gap = PolicyGap.objects.select_for_update().get(pk=gap.pk)
    gap.items = max(gap.items - 1, 0)
    gap.save(update_fields=["items"])
    record("policy_gap.left", on=[gap], by=by)
    return gap


@transaction.atomic
def close_gap(gap: PolicyGap, *, reason: str, by: User) -> PolicyGap:
    """Close an open gap: what it holds is no violation. Raises Refused."""
    gap = PolicyGap.objects.select_for_update().get(pk=gap.pk)
    if refusal := rules.refusal_to_close_gap(gap, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    gap.status = PolicyGap.Status.NOT_A_VIOLATION
    gap.save(update_fields=["status"])
    record("policy_gap.closed", on=[gap], by=by, reason=reason)
    return gap


@transaction.atomic
def note_first_enforcement(clause: Clause, *, by: User | None) -> list[PolicyGap]:
    """Stop the clock of the gaps that ``clause`` closed: enforcement rests on it for the first time. Usually none."""
    gaps = list(
        PolicyGap.objects.select_for_update().filter(
            clause=clause, status=PolicyGap.Status.COVERED, first_enforced_at__isnull=True
        )
    )
    for gap in gaps:
        gap.first_enforced_at = clock.now()
        gap.save(update_fields=["first_enforced_at"])
        record("policy_gap.enforced", on=[gap, clause], by=by)
    return gaps


def take_up(gap: PolicyGap, clause: Clause) -> PolicyGap:
    gap = PolicyGap.objects.select_for_update().get(pk=gap.pk)
    if gap.status == PolicyGap.Status.DRAFTING and gap.clause_id == clause.pk:
        return gap
    if reason := rules.refusal_to_take_up(gap):
        raise Refused(reason)
    gap.status = PolicyGap.Status.DRAFTING
    gap.clause = clause
    gap.drafted_at = clock.now()
    gap.save(update_fields=["status", "clause", "drafted_at"])
    return gap

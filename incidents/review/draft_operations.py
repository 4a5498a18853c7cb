"""What a reviewer typed and has not sent: kept for them alone, until they decide, take that back, or a week went by."""

import json
from datetime import timedelta
from typing import Final

from django.db import connection, transaction

from incidents.queues import operations as queues
from incidents.queues.models import Round
from incidents.review import queries, rules
from incidents.review.models import Draft
from trust import clock
from trust.accounts.models import User
from trust.refusals import Refused

KEPT: Final = timedelta(days=7)
MOST_AT_ONCE: Final = 1000


def keep_draft(round: Round, *, fields: dict[str, str], by: User) -> None:
    """Keep ``fields`` of the decision form, or nothing where there is nothing in them. Raises Refused.

    What arrives after ``by`` has decided, as a late autosave does, is let go: it would come back on an undo.
    """
    if reason := rules.refusal_to_review(by):
        raise Refused(reason)
    if not fields:
        Draft.objects.filter(round=round, person=by).delete()
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into review_draft (round_id, person_id, fields, saved_at, was_held)
            select r.id, %(by)s, %(fields)s::jsonb, %(now)s, coalesce(r.lease_by_id = %(by)s, false) from queues_round r
            where r.id = %(round)s and (r.status = 'open' or r.closed_by_id is distinct from %(by)s)
            on conflict (round_id, person_id) do update
            set fields = excluded.fields, saved_at = excluded.saved_at,
                was_held = review_draft.was_held or excluded.was_held
            """,
            {"round": round.pk, "by": by.pk, "fields": json.dumps(fields), "now": clock.now()},
        )


def take_again(round: Round, *, fence: int, by: User) -> None:
    """Go on with what ``by`` held: under the same hold, or, once that was given back, while nobody else has it.

    That they held it is told by what they typed then: nobody picks an item. Raises Refused.
    """
    if round.lease_by_id is None and rules.may_be_theirs_again(round, queries.draft_of(round, by), by):
        queues.take_free(round, by=by)
    else:
        queues.renew(round, fence=fence, by=by)


@transaction.atomic
def drop_old_drafts() -> int:
    """Drop up to ``MOST_AT_ONCE`` drafts that nobody touched for a week; return how many."""
    old = Draft.objects.filter(saved_at__lt=clock.now() - KEPT).order_by("saved_at", "pk")
    found = list(old.values_list("pk", flat=True).select_for_update(skip_locked=True)[:MOST_AT_ONCE])
    Draft.objects.filter(pk__in=found).delete()
    return len(found)

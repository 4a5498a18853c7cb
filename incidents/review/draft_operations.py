"""What a reviewer typed and has not sent: kept for them alone, until they decide, take that back, or a week went by."""

import json
from datetime import timedelta
from typing import Final

from django.db import connection, transaction

from incidents.queues.models import Round
from incidents.review import rules
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
            insert into review_draft (round_id, person_id, fields, saved_at)
            select r.id, %(by)s, %(fields)s::jsonb, %(now)s from queues_round r
            where r.id = %(round)s and (r.status = 'open' or r.closed_by_id is distinct from %(by)s)
            on conflict (round_id, person_id) do update set fields = excluded.fields, saved_at = excluded.saved_at
            """,
            {"round": round.pk, "by": by.pk, "fields": json.dumps(fields), "now": clock.now()},
        )


@transaction.atomic
def drop_old_drafts() -> int:
    """Drop up to ``MOST_AT_ONCE`` drafts that nobody touched for a week; return how many."""
    old = Draft.objects.filter(saved_at__lt=clock.now() - KEPT).order_by("saved_at", "pk")
    found = list(old.values_list("pk", flat=True).select_for_update(skip_locked=True)[:MOST_AT_ONCE])
    Draft.objects.filter(pk__in=found).delete()
    return len(found)

"""Second looks as they stand in the database; what they do is tested by the operations."""

from typing import Any

from incidents.backfill.models import Backfill, BackfillPart
from incidents.queues.models import Round
from tests.factories import NOW, make_clause, make_decision, make_queue
from tests.review.bulk.factories import make_ended_job
from trust.accounts.models import User


def make_backfill(*, by: User, **fields: Any) -> Backfill:
    """Make one that ended and has no parts."""
    if "version" not in fields:
        fields["version"] = make_clause().version
    values = {"way": "clause", "wanted": {"clauses": ["spam.reviews"]}, "reason": "A wider clause.", **fields}
    values.setdefault("queue", make_queue())
    values.setdefault("job", make_ended_job(by))
    return Backfill.objects.create(started_by=by, started_at=NOW, **values)


def missed(backfill: Backfill) -> BackfillPart:
    """Make an item of it that was benign and is judged as violating now."""
    decision = make_decision()
    Round.objects.filter(pk=decision.round_id).update(purpose="rejudge")
    return BackfillPart.objects.create(
        whole=backfill, item=decision.item, outcome="opened", round=decision.round, verdict_before="benign"
    )

"""A severe action that one lead carries out alone, and the look that another lead takes at it afterwards."""

from __future__ import annotations

from django.db import transaction

from incidents.enforcement import rules
from incidents.enforcement.models import EnforcementAction
from incidents.enforcement.operations.approving import end_of, record_approval, use_evidence
from incidents.enforcement.operations.carrying_out import carry_out, undo
from incidents.enforcement.operations.state import locked, move
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Status = EnforcementAction.Status
Outcome = EnforcementAction.ReviewOutcome


@transaction.atomic
def break_glass(enforcement: EnforcementAction, *, stake: str, by: User) -> EnforcementAction:
    """Carry out at once, alone, what ``by`` proposed and a second person should approve. Raises Refused.

    It is marked for good, and stays a task of all other leads until one of them reviews it.
    """
    enforcement = locked(enforcement)
    if refusal := rules.refusal_to_break_glass(enforcement, by) or rules.refusal_of_stake(stake):
        raise Refused(refusal)

    now = clock.now()
    use_evidence(enforcement)
    move(
        enforcement,
        Status.APPROVED,
        approved_by=by,
        approved_at=now,
        broke_glass=True,
        stake=stake.strip(),
        ends_at=end_of(enforcement, now),
    )
    record_approval(enforcement, reason=stake, by=by)
    record("enforcement.glass_broken", on=[enforcement, enforcement.actor], by=by, reason=stake)
    carry_out(enforcement, by=by)
    return enforcement


@transaction.atomic
def review_glass(enforcement: EnforcementAction, outcome: str, *, reason: str, by: User) -> EnforcementAction:
    """Say whether it was right to act alone. What was wrong and still runs is reversed with it. Raises Refused."""
    enforcement = locked(enforcement)
    if refusal := rules.refusal_to_review_glass(enforcement, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    now, reason = clock.now(), reason.strip()
    enforcement.reviewed_by, enforcement.reviewed_at = by, now
    enforcement.review_outcome, enforcement.review_reason = Outcome(outcome), reason
    enforcement.save(update_fields=["reviewed_by", "reviewed_at", "review_outcome", "review_reason"])
    data = {"outcome": enforcement.review_outcome}
    record("enforcement.glass_reviewed", on=[enforcement, enforcement.actor], by=by, reason=reason, data=data)
    if outcome == Outcome.REVERSED and enforcement.status in EnforcementAction.RUNNING:
        undo(enforcement, reason=reason, by=by)
    return enforcement

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model

from incidents.enforcement import queries, rules
from incidents.enforcement.models import EnforcementAction
from incidents.enforcement.operations.carrying_out import carry_out, put_in_force, undo
from incidents.enforcement.operations.state import locked, move
from incidents.enforcement.operations.statements import freeze
from incidents.review import operations as review
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.outgoing.models import Endpoint
from trust.refusals import Refused

Status = EnforcementAction.Status


@transaction.atomic
def approve(enforcement: EnforcementAction, *, reason: str = "", by: User) -> EnforcementAction:
    """Approve a proposal: the endpoints are told, the actor's standing follows. Raises Refused.

    A severe kind takes someone other than the proposer; any other may be carried out by who proposed it. What begins
    at a later time waits for it, and nobody is told before. With no endpoint to tell, it is in force at once.
    """
    enforcement = locked(enforcement)
    refusal = rules.refusal_to_approve(enforcement, by) or rules.refusal_of_approval_reason(enforcement, reason, by)
    if refusal:
        raise Refused(refusal)

    now = clock.now()
    start = max(enforcement.starts_at or now, now)
    use_evidence(enforcement)
    move(
        enforcement,
        Status.SCHEDULED if start > now else Status.APPROVED,
        approved_by=by,
        approved_at=now,
        approval_reason=reason.strip(),
        ends_at=end_of(enforcement, start),
    )
    record_approval(enforcement, reason=reason, by=by)
    if enforcement.status == Status.APPROVED:
        carry_out(enforcement, by=by)
    return enforcement


@transaction.atomic
def confirm(enforcement: EnforcementAction, *, by: User) -> EnforcementAction:
    """Say that a delivered action is in force, where a receipt alone does not say so. Raises Refused."""
    enforcement = locked(enforcement)
    if reason := rules.refusal_to_confirm(enforcement, by):
        raise Refused(reason)

    put_in_force(enforcement, by=by)
    return enforcement


@transaction.atomic
def reverse(enforcement: EnforcementAction, *, reason: str, by: User) -> EnforcementAction:
    """End an action before its time: whoever was told of it is told to lift it. Raises Refused."""
    enforcement = locked(enforcement)
    if refusal := rules.refusal_to_reverse(enforcement, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    undo(enforcement, reason=reason, by=by)
    return enforcement


@transaction.atomic
def withdraw(enforcement: EnforcementAction, *, reason: str, by: User) -> EnforcementAction:
    """Take back what was approved for a later time, before it begins: nobody is told. Raises Refused."""
    enforcement = locked(enforcement)
    if refusal := rules.refusal_to_withdraw(enforcement, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    fields = {"reversed_by": by, "reversed_at": clock.now(), "reversal_reason": reason.strip()}
    move(enforcement, Status.WITHDRAWN, **fields)
    record("enforcement.withdrawn", on=[enforcement, enforcement.actor], by=by, reason=reason)
    return enforcement


def end_of(enforcement: EnforcementAction, start: datetime) -> datetime | None:
    days = enforcement.parameters.get("days")
    return start + timedelta(days=days) if days else None


def record_approval(enforcement: EnforcementAction, *, reason: str, by: User | None) -> None:
    data: dict[str, Any] = {"kind": enforcement.kind, "endpoints": Endpoint.objects.active().count()}
    subjects: list[Model] = [enforcement, enforcement.actor]
    if enforcement.broke_glass:
        data["alone"] = True
    if enforcement.by_rule:
        subjects.append(enforcement.by_rule)
    record("enforcement.approved", on=subjects, by=by, reason=reason, data=data)
    freeze(enforcement)


def use_evidence(enforcement: EnforcementAction) -> None:
    """Hold the decisions that this rests on: they are not taken back any more."""
    if decisions := list(queries.decisions_under(enforcement)):
        review.mark_in_use(decisions)

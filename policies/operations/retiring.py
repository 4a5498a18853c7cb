"""A policy goes with nothing in its place: one proposes it, another approves, and it is retired at once."""

from __future__ import annotations

from django.db import transaction

from policies import rules
from policies.models import PolicyVersion, Retirement
from policies.operations import gap_clock
from policies.operations.drafting import locked
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def propose_retirement(version: PolicyVersion, *, reason: str, by: User) -> Retirement:
    """Propose to retire a version in force; nothing changes until another approves. Raises Refused."""
    version = locked(version)
    waiting = version.retirements.waiting().first()
    if refusal := rules.refusal_to_propose_retirement(version, waiting, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    retirement = Retirement.objects.create(version=version, reason=reason, proposed_by=by, proposed_at=clock.now())
    _record("policy.retirement_proposed", retirement, version, reason=reason, by=by)
    return retirement


@transaction.atomic
def approve_retirement(retirement: Retirement, *, reason: str, by: User) -> Retirement:
    """Retire the version at once; its clauses can be applied no more, and gaps that it covered open. Raises Refused."""
    version = locked(retirement.version)
    retirement = Retirement.objects.select_for_update().get(pk=retirement.pk)
    refusal = rules.refusal_to_approve_retirement(retirement, version, by)
    if refusal := refusal or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    _answer(retirement, Retirement.Status.APPROVED, reason=reason, by=by)
    version.status = PolicyVersion.Status.RETIRED
    version.retired_at = retirement.decided_at
    version.save(update_fields=["status", "retired_at"])
    gap_clock.note_retired(version, by=by)
    _record("policy.retired", retirement, version, reason=reason, by=by)
    return retirement


@transaction.atomic
def decline_retirement(retirement: Retirement, *, reason: str, by: User) -> Retirement:
    """Keep the version in force, as an approver, or as who proposed it. Raises Refused."""
    version = locked(retirement.version)
    retirement = Retirement.objects.select_for_update().get(pk=retirement.pk)
    refusal = rules.refusal_to_decline_retirement(retirement, by)
    if refusal := refusal or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    _answer(retirement, Retirement.Status.DECLINED, reason=reason, by=by)
    _record("policy.retirement_declined", retirement, version, reason=reason, by=by)
    return retirement


def _answer(retirement: Retirement, status: Retirement.Status, *, reason: str, by: User) -> None:
    retirement.status = status
    retirement.decided_by = by
    retirement.decided_at = clock.now()
    retirement.answer = reason
    retirement.save(update_fields=["status", "decided_by", "decided_at", "answer"])


def _record(kind: str, retirement: Retirement, version: PolicyVersion, *, reason: str, by: User) -> None:
    record(kind, on=[retirement, version, version.policy], by=by, reason=reason, data={"number": version.number})

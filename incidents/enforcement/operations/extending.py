"""Moving the end of an action that runs: proposed, decided on by as many people as the action took, and told."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from incidents.enforcement import rules
from incidents.enforcement.models import Delivery, EnforcementAction, Extension
from incidents.enforcement.operations.carrying_out import told_to_carry_out
from incidents.enforcement.operations.state import locked, tell
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused


@transaction.atomic
def extend(enforcement: EnforcementAction, *, ends_at: datetime, reason: str, by: User) -> Extension:
    """Propose that an action ends later. Raises Refused.

    What takes one person is extended with that; a severe one waits for somebody else to approve it.
    """
    enforcement = locked(enforcement)
    waiting = enforcement.extensions.waiting().first()
    now = clock.now()
    refusal = (
        rules.refusal_to_extend(enforcement, waiting, by)
        or rules.refusal_of_end(enforcement, ends_at, now)
        or rules.refusal_of_reason(reason)
    )
    if refusal:
        raise Refused(refusal)

    assert enforcement.ends_at is not None
    extension = Extension.objects.create(
        enforcement=enforcement,
        kind=enforcement.kind,
        former_ends_at=enforcement.ends_at,
        ends_at=ends_at,
        reason=reason.strip(),
        status=Extension.Status.PROPOSED,
        proposed_by=by,
        proposed_at=now,
    )
    _record("enforcement.extension_proposed", extension, reason=reason, by=by)
    if not extension.is_severe:
        _carry_out(extension, reason="", by=by)
    return extension


@transaction.atomic
def approve_extension(extension: Extension, *, reason: str, by: User) -> Extension:
    """Let an action end later, and tell those who were told to carry it out. Raises Refused."""
    extension = _locked(extension)
    if refusal := rules.refusal_to_approve_extension(extension, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    _carry_out(extension, reason=reason, by=by)
    return extension


@transaction.atomic
def decline_extension(extension: Extension, *, reason: str, by: User) -> Extension:
    """Leave the end where it is; the proposer may take their own back so. Raises Refused."""
    extension = _locked(extension)
    if refusal := rules.refusal_to_decline_extension(extension, by) or rules.refusal_of_reason(reason):
        raise Refused(refusal)

    _decide(extension, Extension.Status.DECLINED, reason=reason, by=by)
    _record("enforcement.extension_declined", extension, reason=reason, by=by)
    return extension


def _locked(extension: Extension) -> Extension:
    """Lock the action before its extension, as whatever ends it does."""
    enforcement = locked(extension.enforcement)
    extension = Extension.objects.select_for_update(of=("self",)).get(pk=extension.pk)
    extension.enforcement = enforcement
    return extension


def _carry_out(extension: Extension, *, reason: str, by: User) -> None:
    _decide(extension, Extension.Status.APPROVED, reason=reason, by=by)
    enforcement = extension.enforcement
    enforcement.refresh_from_db(fields=["ends_at"])  # moved by the approval itself: see the trigger
    said = {"former_ends_at": extension.former_ends_at.isoformat(), "approved_by": by.pseudonym}
    tell(enforcement, Delivery.Purpose.EXTEND, to=told_to_carry_out(enforcement), **said)
    _record("enforcement.extended", extension, reason=reason, by=by)


def _decide(extension: Extension, status: str, *, reason: str, by: User) -> None:
    extension.status, extension.decided_by, extension.decided_at = status, by, clock.now()
    extension.decision_reason = reason.strip()
    extension.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])


def _record(kind: str, extension: Extension, *, reason: str, by: User) -> None:
    enforcement = extension.enforcement
    data = {"extension": extension.pk, "ends_at": extension.ends_at.isoformat()}
    record(kind, on=[enforcement, enforcement.actor], by=by, reason=reason, data=data)

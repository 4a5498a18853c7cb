"""The only writer of the audit: called by every operation inside its own transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

from trust import clock
from trust.audit import context
from trust.audit.models import AuditEvent, AuditSubject, kind_of


def record(
    kind: str,
    *,
    on: Sequence[models.Model],
    by: models.Model | None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write that ``by`` (None: the system) did ``kind`` ("enforcement.approved") to all of ``on``. Two statements.

    ``data`` holds ids, numbers and states; never content, never a name. Must run inside the operation's transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"audit event {kind!r} outside a transaction")
    event = AuditEvent.objects.create(
        at=clock.now(),
        kind=kind,
        by_id=by.pk if by else None,
        via_key=context.via_key(),
        reason=reason,
        data=dict(data or {}),
        request_id=context.request_id(),
    )
    AuditSubject.objects.bulk_create(
        AuditSubject(event=event, subject_kind=kind_of(subject), subject_id=subject.pk) for subject in on
    )
    return event

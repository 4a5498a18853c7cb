"""The only writer of the audit: called by every operation inside its own transaction."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from trust import clock
from trust.audit import context
from trust.audit.models import AuditEvent, kind_of

# Every operation writes one event, so the event and its subjects go in one statement.
INSERT = """
    with event as (
        insert into audit_auditevent (at, kind, by_id, via_key, reason, data, request_id)
        values (%(at)s, %(kind)s, %(by)s, %(via_key)s, %(reason)s, %(data)s::jsonb, %(request_id)s)
        returning id
    ), subject as (
        insert into audit_auditsubject (event_id, subject_kind, subject_id)
        select distinct event.id, named.kind, named.id
        from event, unnest(%(subject_kinds)s::text[], %(subject_ids)s::bigint[]) as named (kind, id)
    )
    select id from event
"""


def record(
    kind: str,
    *,
    on: Sequence[models.Model],
    by: models.Model | None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write that ``by`` (None: the system) did ``kind`` ("enforcement.approved") to all of ``on``. One statement.

    ``data`` holds ids, numbers and states; never content, never a name. Must run inside the operation's transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"audit event {kind!r} outside a transaction")
    event = AuditEvent(
        at=clock.now(),
        kind=kind,
        by_id=by.pk if by else None,
        via_key=context.via_key(),
        reason=reason,
        data=dict(data or {}),
        request_id=context.request_id(),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            {
                "at": event.at,
                "kind": event.kind,
                "by": event.by_id,
                "via_key": event.via_key,
                "reason": event.reason,
                "data": json.dumps(event.data, cls=DjangoJSONEncoder),
                "request_id": event.request_id,
                "subject_kinds": [kind_of(subject) for subject in on],
                "subject_ids": [subject.pk for subject in on],
            },
        )
        event.pk = cursor.fetchone()[0]
    event._state.adding = False
    return event

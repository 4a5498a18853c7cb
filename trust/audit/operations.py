"""The only writer of the audit: called by every operation inside its own transaction."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from trust import clock
from trust.audit import context
from trust.audit.models import AuditEvent, kind_of


def event_parts(each: str) -> str:
    """Return the parts of a statement that write an event for the one row of the part ``each``, or none without it.

    A part ``named`` before them lists the subjects as (kind, id); ``event_values()`` are the statement's values. For
    what people wait for, where a second statement would be felt; else use ``record()``.
    """
    return f"""
        event as (
            insert into audit_auditevent (at, kind, by_id, via_key, reason, data, request_id)
            select %(now)s::timestamptz, %(event_kind)s::text, %(by)s::bigint, %(via_key)s::bigint,
                %(event_reason)s::text, %(event_data)s::jsonb, %(request_id)s::text
            from {each}
            returning id
        ), subject as (
            insert into audit_auditsubject (event_id, subject_kind, subject_id)
            select distinct event.id, named.kind, named.id from event, named
        )
    """  # noqa: S608  a name of our own


def event_values(event: AuditEvent) -> dict[str, Any]:
    return {
        "now": event.at,
        "event_kind": event.kind,
        "by": event.by_id,
        "via_key": event.via_key,
        "event_reason": event.reason,
        "event_data": json.dumps(event.data, cls=DjangoJSONEncoder),
        "request_id": event.request_id,
    }


# Every operation writes one event, so the event and its subjects go in one statement.
_INSERT = f"""
    with named as (
        select * from unnest(%(subject_kinds)s::text[], %(subject_ids)s::bigint[]) as subject (kind, id)
    ), once as (
        select
    ), {event_parts("once")}
    select id from event
"""  # noqa: S608  parts of our own


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
    event = event_now(kind, by=by, reason=reason, data=data)
    subjects = {"subject_kinds": [kind_of(subject) for subject in on], "subject_ids": [subject.pk for subject in on]}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {**event_values(event), **subjects})
        event.pk = cursor.fetchone()[0]
    event._state.adding = False
    return event


def event_now(
    kind: str, *, by: models.Model | None, reason: str = "", data: Mapping[str, Any] | None = None
) -> AuditEvent:
    """Return an event of this moment, which nobody wrote yet."""
    return AuditEvent(
        at=clock.now(),
        kind=kind,
        by_id=by.pk if by else None,
        via_key=context.via_key(),
        reason=reason,
        data=dict(data or {}),
        request_id=context.request_id(),
    )

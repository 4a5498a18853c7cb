"""Audit events as people read them: a sentence, links to what it is about, the payload for those who may see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from trust.audit import sentences
from trust.audit.models import AuditEvent, AuditEventQuerySet, AuditSubject
from trust.permissions import Permission

MOST_LINKS = 5
PERSON = "accounts.user"

Pair = tuple[str, int]


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Entry:
    """One event for one reader. ``reason`` and ``data`` are empty unless the reader may see the payload."""

    pk: int
    at: datetime
    kind: str
    by: Any
    via_key: int | None
    sentence: str
    links: list[Link]
    reason: str
    data: dict[str, Any]


def entries(
    events: Iterable[AuditEvent],
    *,
    reader: Any,
    open_kinds: tuple[str, ...] = (),
    hidden: frozenset[Pair] = frozenset(),
) -> list[Entry]:
    """Put ``events`` (read ``for_page()``) into words for ``reader``. One query, for names.

    ``open_kinds`` are beginnings of kinds whose reasons everyone may read here; ``hidden`` subjects are left unsaid.
    """
    read = [
        (event, [pair for row in event.subjects.all() if (pair := (row.subject_kind, row.subject_id)) not in hidden])
        for event in events
    ]
    names = _names({number for _event, subjects in read for kind, number in subjects if kind == PERSON})
    return [_entry(event, subjects, names, reader, open_kinds) for event, subjects in read]


def about_any(subjects: Iterable[tuple[str, QuerySet[Any]]]) -> AuditEventQuerySet:
    """Return the events that name any of ``subjects``, given as (kind, query of one column of ids).

    One branch per kind, each by index ``auditsubject_by_object``: the cost follows what is found, not the audit.
    """
    branches = [
        AuditSubject.objects.filter(subject_kind=kind, subject_id__in=ids).values("event") for kind, ids in subjects
    ]
    return AuditEvent.objects.filter(pk__in=branches[0].union(*branches[1:]))


def may_read_payload(event: AuditEvent, reader: Any) -> bool:
    """Auditors see every payload, other people that of their own acts."""
    return bool(reader.may(Permission.READ_AUDIT_PAYLOAD)) or event.by_id == reader.pk


def _entry(
    event: AuditEvent, subjects: list[Pair], names: dict[int, str], reader: Any, open_kinds: tuple[str, ...]
) -> Entry:
    by = str(event.by) if event.by else _("The system")
    is_open = may_read_payload(event, reader)
    return Entry(
        pk=event.pk,
        at=event.at,
        kind=event.kind,
        by=event.by,
        via_key=event.via_key,
        sentence=sentences.sentence(event.kind, by=by, subjects=subjects, names=names),
        links=_links(subjects, reader),
        reason=event.reason if is_open or event.kind.startswith(open_kinds) else "",
        data=event.data if is_open else {},
    )


def _links(subjects: list[Pair], reader: Any) -> list[Link]:
    links = []
    for kind, number in subjects[: MOST_LINKS * 2]:
        if address := sentences.url(kind, number, reader):
            links.append(Link(label=f"{sentences.noun(kind).one} {number}", url=address))
    return links[:MOST_LINKS]


def _names(ids: set[int]) -> dict[int, str]:
    people = get_user_model().objects.filter(pk__in=ids).order_by("pk")
    return {person.pk: str(person) for person in people}

"""All that happened to an actor, newest first: what the audit says of it, and between that what came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from incidents.actors.models import Actor
from incidents.appeals.models import Appeal
from incidents.dossier import kinds
from incidents.enforcement.models import Delivery
from incidents.intake.models import Generation
from incidents.queues import noting
from incidents.queues.alone import apart_from_alone
from incidents.queues.models import Item
from incidents.response.models import Incident
from trust import pagination
from trust.accounts.models import User
from trust.audit import queries as audit
from trust.audit.models import AuditEvent, AuditSubject
from trust.notes.models import Note

SIZE: Final = 25
LOOKED_THROUGH: Final = (100, 10_000)  # events about the actor: the more only while the page is not full
MOST_ITEMS: Final = 200  # the newest, whose notes are told
MOST_MESSAGES: Final = 500  # about the newest actions
ACTOR, ITEM, MESSAGE, NOTE = "actors.actor", "queues.item", "outgoing.message", "notes.note"
# which the pages of the actor tell as well
OPEN_REASONS: Final = ("enforcement.", "strike.", "use_case.", "actors.link_")


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this event, and after this generation. None is the beginning."""

    event: int | None = None
    came_at: datetime | None = None
    came: int | None = None

    @classmethod
    def read(cls, cursor: str) -> Place:
        """Read a cursor; "" is the beginning. Raises BadRequest."""
        if not cursor:
            return cls()
        event, came_at, came = (None if value == "" else value for value in pagination.decode(cursor, length=3))
        is_event, is_generation = isinstance(event, int), isinstance(came_at, datetime) and isinstance(came, int)
        if not (is_event or event is None) or not (is_generation or came_at is came is None):
            raise BadRequest("cursor: not one that this page made")
        return cls(event, came_at, came)

    @property
    def cursor(self) -> str:
        values = (self.event, self.came_at, self.came)
        return pagination.encode(["" if value is None else value for value in values])


@dataclass(frozen=True)
class Happening:
    """One line of the timeline: an event of the audit in words, or a generation that came in.

    ``verdict``, ``severity`` and ``clauses`` are those of a decision; ``action`` that of a delivery; ``before`` and
    ``after`` the standing.
    """

    at: datetime
    generation: Generation | None = None
    entry: audit.Entry | None = None
    tone: str = "neutral"
    verdict: str = ""
    severity: int | None = None
    clauses: tuple[str, ...] = ()
    action: int | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Timeline:
    """A page of it. ``older`` is the cursor of the next one, "" on the last; a page may be short, or empty, before."""

    rows: list[Happening]
    older: str


def timeline(actor: Actor, reader: User, now: datetime, *, chosen: str = "", place: Place) -> Timeline:
    """Return 25 rows after ``place``, of the ``chosen`` kind ("": all), that ``reader`` may be told of.

    Events follow one another as they were recorded, generations by when they occurred; the page puts both in order of
    time. At most 12 queries, however much there is: of a kind that is rare among many events a page may come up short,
    and its ``older`` goes on from where it stopped looking.
    """
    events, until = _events(actor, reader, now, kinds.events_of(reader, chosen), place)
    generations = _generations(actor, reader, now, place) if chosen in ("", kinds.CAME_IN) else []
    taken, came, at = _merged(events, generations, until, place)
    rows = [*_told(actor, reader, taken), *(Happening(one.occurred_at, one) for one in came)]
    rows.sort(key=lambda row: row.at, reverse=True)
    is_last = until is None and len(taken) == len(events) and len(came) == len(generations)
    return Timeline(rows, "" if is_last else at.cursor)


# ── What there is ────────────────────────────────────────


def _events(
    actor: Actor, reader: User, now: datetime, wanted: Sequence[str], place: Place
) -> tuple[list[AuditEvent], int | None]:
    """Return up to 26 events that begin as ``wanted``, newest first, and the one at which looking stopped, if it did.

    2 queries where the newest hundred events about the actor fill the page or are all there are, else 4; and 1 for
    what they are about.
    """
    found: list[AuditEvent] = []
    if not wanted:
        return found, None
    about = AuditSubject.objects.filter(subject_kind=ACTOR, subject_id=actor.pk).order_by("-event_id")
    if place.event is not None:
        about = about.filter(event_id__lt=place.event)
    fits = reduce(or_, (Q(kind__startswith=beginning) for beginning in wanted))
    until: int | None = None
    for most in LOOKED_THROUGH:
        until = about.values_list("event_id", flat=True)[most - 1 : most].first()
        named = about.values("event")[:most].union(*_beside(actor, place, until))
        events = AuditEvent.objects.filter(fits, pk__in=named).for_page()
        found = list(_open(events, actor, reader, now).order_by("-pk")[: SIZE + 1])
        if until is None or len(found) > SIZE:
            break
    return found, until if len(found) <= SIZE else None


def _beside(actor: Actor, place: Place, until: int | None) -> list[QuerySet[Any, Any]]:
    """Return events that are about an actor without naming it: messages about actions on it, notes on its items."""
    deliveries = Delivery.objects.filter(enforcement__actor=actor).order_by("-pk").values("message")[:MOST_MESSAGES]
    items = Item.objects.filter(actor=actor).order_by("-created_at", "-pk").values("pk")[:MOST_ITEMS]
    notes = Note.objects.filter(subject_kind=ITEM, subject_id__in=items).values("pk")
    bounds = Q()
    if place.event is not None:
        bounds &= Q(event__lt=place.event)
    if until is not None:
        bounds &= Q(event__gte=until)
    named: tuple[tuple[str, QuerySet[Any, Any]], ...] = ((MESSAGE, deliveries), (NOTE, notes))
    return [
        AuditSubject.objects.filter(bounds, subject_kind=kind, subject_id__in=ids).values("event")
        for kind, ids in named
    ]


def _open(events: QuerySet[AuditEvent], actor: Actor, reader: User, now: datetime) -> QuerySet[AuditEvent]:
    """Leave out what names something that ``reader`` may not know of, or whose verdict they are not to know yet."""
    named = AuditSubject.objects.filter(event=OuterRef("pk"))
    readable: tuple[tuple[str, QuerySet[Any]], ...] = (
        (ITEM, apart_from_alone(Item.objects.open_to(reader, now), reader, now)),
        ("appeals.appeal", Appeal.objects.open_to(reader, now)),
        ("response.incident", Incident.objects.visible_to(reader)),
    )
    for kind, rows in readable:
        is_open = Exists(rows.filter(pk=OuterRef("subject_id")))
        events = events.filter(~Exists(named.filter(~is_open, subject_kind=kind)))
    if noting.kept_back_actors(reader, [actor.pk], now):
        events = events.filter(Q(by=reader) | ~Q(kind__startswith="note."))
    return events


def _generations(actor: Actor, reader: User, now: datetime, place: Place) -> list[Generation]:
    """Return up to 26 generations with their newest alerts. 2 queries."""
    rows = actor.generations.not_restricted_for(reader, now).for_history()
    if place.came_at is not None:
        rows = rows.filter(TupleLessThan(Tuple(F("occurred_at"), F("pk")), (place.came_at, place.came)))
    return list(rows.order_by("-occurred_at", "-pk")[: SIZE + 1])


def _merged(
    events: Sequence[AuditEvent], generations: Sequence[Generation], until: int | None, place: Place
) -> tuple[list[AuditEvent], list[Generation], Place]:
    """Take 25 rows off both lists, the later first; where looking for events stopped, nothing from beyond that."""
    taken: list[AuditEvent] = []
    came: list[Generation] = []
    while len(taken) + len(came) < SIZE:
        event = events[len(taken)] if len(taken) < len(events) else None
        generation = generations[len(came)] if len(came) < len(generations) else None
        if event and (generation is None or event.at >= generation.occurred_at):
            taken.append(event)
        elif generation and (event or until is None):
            came.append(generation)
        else:
            break
    if taken:
        place = replace(place, event=taken[-1].pk)
    if until is not None and len(taken) == len(events):
        place = replace(place, event=until)
    if came:
        place = replace(place, came_at=came[-1].occurred_at, came=came[-1].pk)
    return taken, came, place


# ── In words ─────────────────────────────────────────────


def _told(actor: Actor, reader: User, events: Sequence[AuditEvent]) -> list[Happening]:
    """Put events into words. 1 query for people's names, 1 for other actors, 1 for messages, where there are any."""
    named = {(row.subject_kind, row.subject_id) for event in events for row in event.subjects.all()}
    others = {number for kind, number in named if kind == ACTOR and number != actor.pk}
    seen = set(Actor.objects.visible_to(reader).filter(pk__in=others).values_list("pk", flat=True)) if others else set()
    hidden = frozenset((ACTOR, number) for number in others - seen)
    actions = _actions_of({number for kind, number in named if kind == MESSAGE})
    entries = audit.entries(events, reader=reader, open_kinds=OPEN_REASONS, hidden=hidden)
    own = actor.get_absolute_url()
    return [
        _happening(event, replace(entry, links=[link for link in entry.links if link.url != own]), actions)
        for event, entry in zip(events, entries, strict=True)
    ]


def _actions_of(messages: set[int]) -> dict[int, int]:
    """Return the action that each message is about."""
    deliveries = Delivery.objects.filter(message__in=messages)
    return dict(deliveries.values_list("message", "enforcement")) if messages else {}


def _happening(event: AuditEvent, entry: audit.Entry, actions: Mapping[int, int]) -> Happening:
    row = Happening(event.at, entry=entry, tone=kinds.TONES.get(event.kind, "neutral"))
    data = event.data
    if event.kind == "decision.made":
        clauses = tuple(map(str, data.get("clauses") or ()))
        return replace(row, verdict=str(data.get("verdict", "")), severity=data.get("severity"), clauses=clauses)
    if event.kind == "actor.standing_changed":
        return replace(row, before=str(data.get("before", "")), after=str(data.get("after", "")))
    about = (actions.get(one.subject_id) for one in event.subjects.all() if one.subject_kind == MESSAGE)
    return replace(row, action=next(about, None))

"""What the incident's pages show: its four times, its links and its timeline, each as far as the reader may see."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext as _

from incidents.actors.models import Actor
from incidents.enforcement.models import EnforcementAction
from incidents.queues.models import Item
from incidents.response import noting
from incidents.response.models import Incident, IncidentActor, IncidentEnforcement, IncidentItem
from policies.vocabulary import Verdict
from trust import clock
from trust.accounts.models import User
from trust.audit import queries as audit
from trust.audit.models import AuditEvent, AuditEventQuerySet, kind_of
from trust.permissions import Permission

TONES: Final = {
    "incident.created": "warning",
    "incident.reopened": "danger",
    "incident.contained": "accent",
    "incident.resolved": "success",
    "enforcement.proposed": "warning",
    "enforcement.approved": "danger",
    "enforcement.in_force": "danger",
    "enforcement.reversed": "success",
    "retrospective.frozen": "success",
}


@dataclass(frozen=True)
class Step:
    """One of the four times. ``after`` is how long it took since the one before, None where that cannot be said."""

    label: str
    at: datetime | None
    after: timedelta | None
    tone: str


@dataclass(frozen=True)
class Counts:
    """How much is linked, of what the reader may see; None where they may see no such thing."""

    items: int
    actors: int | None
    enforcement: int | None


def steps(incident: Incident) -> list[Step]:
    times = [incident.started_at, incident.detected_at, incident.contained_at, incident.resolved_at]
    labels = [_("Started"), _("Detected"), _("Contained"), _("Resolved")]
    tones = ["danger", "warning", "accent", "success"]
    before = [None, *times[:-1]]
    return [
        Step(label, at, at - earlier if at and earlier else None, tone if at else "")
        for label, at, earlier, tone in zip(labels, times, before, tones, strict=True)
    ]


def item_links(incident: Incident, reader: User) -> QuerySet[IncidentItem]:
    """Load what ``response/_item.html`` reads, in 1 query. Restricted items only for people with a clearance."""
    links = IncidentItem.objects.visible_to(reader, clock.now()).filter(incident=incident)
    return links.select_related("item__actor", "added_by")


def actor_links(incident: Incident, reader: User) -> QuerySet[IncidentActor]:
    """Load what ``response/_actor.html`` reads, in 1 query."""
    links = IncidentActor.objects.filter(incident=incident, actor__in=Actor.objects.visible_to(reader))
    return links.select_related("actor", "added_by")


def enforcement_links(incident: Incident, reader: User) -> QuerySet[IncidentEnforcement]:
    """Load what ``response/_action.html`` reads, in 1 query."""
    readable = EnforcementAction.objects.visible_to(reader)
    links = IncidentEnforcement.objects.filter(incident=incident, enforcement__in=readable)
    return links.select_related("enforcement__actor", "added_by")


def enforcement_to_link(incident: Incident, reader: User, most: int) -> list[EnforcementAction]:
    """Return the newest actions on the incident's actors that are not linked yet."""
    actors = IncidentActor.objects.filter(incident=incident).values("actor")
    linked = IncidentEnforcement.objects.filter(incident=incident).values("enforcement")
    actions = EnforcementAction.objects.visible_to(reader).filter(actor__in=actors).exclude(pk__in=linked)
    return list(actions.select_related("actor").order_by("-created_at", "-pk")[:most])


def counts(incident: Incident, reader: User) -> Counts:
    """Count the links of one incident: at most 3 queries, over its own links only."""
    return Counts(
        items=IncidentItem.objects.visible_to(reader, clock.now()).filter(incident=incident).count(),
        actors=actor_links(incident, reader).count() if reader.may(Permission.READ_ACTORS) else None,
        enforcement=enforcement_links(incident, reader).count() if reader.may(Permission.READ_ENFORCEMENT) else None,
    )


def items_that_open(links: Iterable[IncidentItem], reader: User) -> set[int]:
    """Return the ids of the linked items whose page ``reader`` may open. One query."""
    ids = [link.item_id for link in links]
    return set(Item.objects.visible_to(reader, clock.now()).filter(pk__in=ids).values_list("pk", flat=True))


def incidents_of_actor(actor: Actor, reader: User, most: int) -> list[Incident]:
    """Return the newest incidents that ``actor`` is linked to. One query."""
    linked = IncidentActor.objects.filter(actor=actor).values("incident")
    incidents = Incident.objects.visible_to(reader).filter(pk__in=linked).for_list()
    return list(incidents.order_by("-created_at", "-pk")[:most])


def items_to_start_from(actor_pk: int, reader: User, most: int) -> list[int]:
    """Return the numbers of the actor's newest violating items that ``reader`` may open. One query."""
    items = Item.objects.visible_to(reader, clock.now()).filter(actor=actor_pk, verdict=Verdict.VIOLATING)
    return list(items.order_by("-created_at", "-pk").values_list("pk", flat=True)[:most])


def timeline(incident: Incident, reader: User) -> AuditEventQuerySet:
    """Return the events of the incident and of everything linked to it that ``reader`` may see.

    Who judges something of it on their own is not told that others wrote notes, as notes themselves are kept back.
    """
    items = IncidentItem.objects.visible_to(reader, clock.now()).filter(incident=incident)
    subjects: list[tuple[str, QuerySet[Any]]] = [
        (kind_of(incident), Incident.objects.filter(pk=incident.pk).values("pk")),
        (Item._meta.label_lower, items.values("item")),
    ]
    if reader.may(Permission.READ_ACTORS):
        subjects.append((Actor._meta.label_lower, actor_links(incident, reader).values("actor")))
    if reader.may(Permission.READ_ENFORCEMENT):
        links = enforcement_links(incident, reader)
        subjects.append((EnforcementAction._meta.label_lower, links.values("enforcement")))
    kept_back = noting.judged_alone(reader, clock.now()).filter(pk=incident.pk)
    events = audit.about_any(subjects).exclude(kind="content.viewed")
    return events.exclude(Q(kind__startswith="note.") & Exists(kept_back)).for_page()


def timeline_entries(incident: Incident, events: Iterable[AuditEvent], reader: User) -> list[tuple[audit.Entry, str]]:
    """Put a page of the timeline into words and tones, with the reasons of the incident's own steps.

    Restricted items that ``reader`` may not see are left unsaid; the incident itself is not linked to.
    """
    entries = audit.entries(events, reader=reader, open_kinds=("incident.",), hidden=_hidden(incident, reader))
    own = incident.get_absolute_url()
    return [
        (replace(entry, links=[link for link in entry.links if link.url != own]), TONES.get(entry.kind, "neutral"))
        for entry in entries
    ]


def _hidden(incident: Incident, reader: User) -> frozenset[tuple[str, int]]:
    links = IncidentItem.objects.filter(incident=incident)
    seen = IncidentItem.objects.visible_to(reader, clock.now()).filter(incident=incident).values("pk")
    kind = Item._meta.label_lower
    return frozenset((kind, number) for number in links.exclude(pk__in=seen).values_list("item_id", flat=True))

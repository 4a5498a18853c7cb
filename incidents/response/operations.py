"""Every write to incidents and to what belongs to them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.db import transaction
from django.db.models import Min

from incidents.actors.models import Actor
from incidents.enforcement.models import EnforcementAction
from incidents.intake.models import Generation
from incidents.queues.models import Item
from incidents.response import rules
from incidents.response.models import Incident, IncidentActor, IncidentEnforcement, IncidentItem
from incidents.response.rules import Description
from trust import clock
from trust.accounts.models import User
from trust.audit.operations import record
from trust.refusals import Refused

Status = Incident.Status


@transaction.atomic
def create_incident(title: str, *, severity: int, items: Sequence[Item], is_anticipated: bool, by: User) -> Incident:
    """Open an incident about ``items`` (there may be none yet) and their actors, owned by ``by``. Raises Refused.

    It starts with its first generation and counts as detected now; both can be edited.
    """
    if reason := rules.refusal_to_create(title, severity, by):
        raise Refused(reason)

    now = clock.now()
    incident = Incident.objects.create(
        title=title.strip(),
        severity=severity,
        is_anticipated=is_anticipated,
        owner=by,
        created_by=by,
        created_at=now,
        detected_at=now,
    )
    linked: list[Item] = _link_items(incident, items, by) if items else []
    record("incident.created", on=[incident, *linked], by=by, data={"severity": severity})
    return incident


# ── What belongs to it ───────────────────────────────────


@transaction.atomic
def add_items(incident: Incident, items: Sequence[Item], *, by: User) -> list[Item]:
    """Link ``items`` and their actors; return those that were not linked before. Raises Refused."""
    incident = _locked_for_edit(incident, by)
    added = _link_items(incident, items, by)
    if added:
        record("incident.items_added", on=[incident, *added], by=by)
    return added


@transaction.atomic
def remove_item(incident: Incident, item: Item, *, by: User) -> None:
    """Unlink an item; its actor stays linked. Raises Refused."""
    incident = _locked_for_edit(incident, by)
    links = IncidentItem.objects.visible_to(by, clock.now())
    if links.filter(incident=incident, item=item).delete()[0]:
        record("incident.item_removed", on=[incident, item], by=by)


@transaction.atomic
def add_actors(incident: Incident, actors: Sequence[Actor], *, by: User) -> list[Actor]:
    """Link ``actors``; return those that were not linked before. Raises Refused."""
    incident = _locked_for_edit(incident, by)
    allowed = list(Actor.objects.visible_to(by).filter(pk__in=[actor.pk for actor in actors]).order_by("pk"))
    if reason := rules.refusal_to_link(len({actor.pk for actor in actors}), len(allowed)):
        raise Refused(reason)
    added = _link_actors(incident, allowed, by)
    if added:
        record("incident.actors_added", on=[incident, *added], by=by)
    return added


@transaction.atomic
def remove_actor(incident: Incident, actor: Actor, *, by: User) -> None:
    """Unlink an actor. Raises Refused."""
    incident = _locked_for_edit(incident, by)
    if IncidentActor.objects.filter(incident=incident, actor=actor).delete()[0]:
        record("incident.actor_removed", on=[incident, actor], by=by)


@transaction.atomic
def add_enforcement(incident: Incident, actions: Sequence[EnforcementAction], *, by: User) -> list[EnforcementAction]:
    """Link enforcement actions; return those that were not linked before. Raises Refused."""
    incident = _locked_for_edit(incident, by)
    wanted = {action.pk for action in actions}
    allowed = list(EnforcementAction.objects.visible_to(by).filter(pk__in=wanted).order_by("pk"))
    if reason := rules.refusal_to_link(len(wanted), len(allowed)):
        raise Refused(reason)
    linked = IncidentEnforcement.objects.filter(incident=incident, enforcement__in=allowed)
    before = set(linked.values_list("enforcement_id", flat=True))
    added = [action for action in allowed if action.pk not in before]
    IncidentEnforcement.objects.bulk_create(
        IncidentEnforcement(incident=incident, enforcement=action, added_by=by, added_at=clock.now())
        for action in added
    )
    if added:
        record("incident.enforcement_added", on=[incident, *added], by=by)
    return added


@transaction.atomic
def remove_enforcement(incident: Incident, enforcement: EnforcementAction, *, by: User) -> None:
    """Unlink an enforcement action, which stays as it is. Raises Refused."""
    incident = _locked_for_edit(incident, by)
    if IncidentEnforcement.objects.filter(incident=incident, enforcement=enforcement).delete()[0]:
        record("incident.enforcement_removed", on=[incident, enforcement], by=by)


# ── Its state ────────────────────────────────────────────


@transaction.atomic
def contain(incident: Incident, *, reason: str, by: User) -> Incident:
    """Say that the harm has stopped spreading, and why that is so. Raises Refused."""
    incident = _locked(incident)
    if refusal := rules.refusal_to_move(incident, Status.CONTAINED, reason, by):
        raise Refused(refusal)

    incident.status = Status.CONTAINED
    incident.contained_at = clock.now()
    incident.save(update_fields=["status", "contained_at"])
    record("incident.contained", on=[incident], by=by, reason=reason.strip())
    return incident


@transaction.atomic
def resolve(incident: Incident, *, reason: str, by: User) -> Incident:
    """Say that nothing more is to be done about the incident itself. Raises Refused."""
    incident = _locked(incident)
    if refusal := rules.refusal_to_move(incident, Status.RESOLVED, reason, by):
        raise Refused(refusal)

    incident.status = Status.RESOLVED
    incident.resolved_at = clock.now()
    incident.save(update_fields=["status", "resolved_at"])
    record("incident.resolved", on=[incident], by=by, reason=reason.strip())
    return incident


@transaction.atomic
def reopen(incident: Incident, *, reason: str, by: User) -> Incident:
    """Take back "contained" and "resolved": it goes on after all. Raises Refused."""
    incident = _locked(incident)
    if refusal := rules.refusal_to_move(incident, Status.OPEN, reason, by):
        raise Refused(refusal)

    before = {"contained_at": incident.contained_at, "resolved_at": incident.resolved_at}
    incident.status = Status.OPEN
    incident.contained_at = incident.resolved_at = None
    incident.save(update_fields=["status", "contained_at", "resolved_at"])
    data = {name: moment.isoformat() for name, moment in before.items() if moment}
    record("incident.reopened", on=[incident], by=by, reason=reason.strip(), data=data)
    return incident


@transaction.atomic
def reassign(incident: Incident, *, owner: User, by: User) -> Incident:
    """Give the incident to another owner. Raises Refused."""
    incident = _locked(incident)
    if reason := rules.refusal_to_reassign(incident, owner, by):
        raise Refused(reason)

    before, incident.owner = incident.owner_id, owner
    incident.save(update_fields=["owner"])
    record("incident.reassigned", on=[incident, owner], by=by, data={"before": before})
    return incident


@transaction.atomic
def describe(incident: Incident, *, description: Description, by: User) -> Incident:
    """Correct words, severity and times. The event names the fields that changed. Raises Refused."""
    incident = _locked(incident)
    if reason := rules.refusal_to_describe(incident, description, clock.now(), by):
        raise Refused(reason)

    changed = [name for name, value in asdict(description).items() if getattr(incident, name) != value]
    if not changed:
        return incident
    for name in changed:
        setattr(incident, name, getattr(description, name))
    incident.save(update_fields=changed)
    record("incident.edited", on=[incident], by=by, data={"fields": changed})
    return incident


# ── Inside ───────────────────────────────────────────────


def _locked(incident: Incident) -> Incident:
    return Incident.objects.select_for_update().get(pk=incident.pk)


def _locked_for_edit(incident: Incident, by: User) -> Incident:
    incident = _locked(incident)
    if reason := rules.refusal_to_edit(incident, by):
        raise Refused(reason)
    return incident


def _link_items(incident: Incident, items: Sequence[Item], by: User) -> list[Item]:
    """Link items that ``by`` may open, their actors, and let the incident start with the first. Raises Refused."""
    now = clock.now()
    wanted = {item.pk for item in items}
    allowed = list(Item.objects.visible_to(by, now).filter(pk__in=wanted).select_related("actor").order_by("pk"))
    if reason := rules.refusal_to_link(len(wanted), len(allowed)):
        raise Refused(reason)

    before = set(IncidentItem.objects.filter(incident=incident, item__in=allowed).values_list("item_id", flat=True))
    added = [item for item in allowed if item.pk not in before]
    IncidentItem.objects.bulk_create(
        IncidentItem(incident=incident, item=item, added_by=by, added_at=now) for item in added
    )
    _link_actors(incident, [item.actor for item in added if item.actor], by)
    _start_with_the_first(incident, added)
    return added


def _link_actors(incident: Incident, actors: Iterable[Actor], by: User) -> list[Actor]:
    wanted = {actor.pk: actor for actor in actors}
    for link in IncidentActor.objects.filter(incident=incident, actor__in=wanted):
        del wanted[link.actor_id]
    now = clock.now()
    IncidentActor.objects.bulk_create(
        IncidentActor(incident=incident, actor=actor, added_by=by, added_at=now) for actor in wanted.values()
    )
    return list(wanted.values())


def _start_with_the_first(incident: Incident, items: Sequence[Item]) -> None:
    generations = Generation.objects.filter(item__in=items, occurred_at__lte=incident.detected_at)
    first = generations.aggregate(first=Min("occurred_at"))["first"]
    if first and (incident.started_at is None or first < incident.started_at):
        incident.started_at = first
        incident.save(update_fields=["started_at"])

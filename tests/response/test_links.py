"""Items, actors and actions belong to an incident by rows that come and go; the audit remembers."""

import pytest

from incidents.response import operations
from tests.factories import (
    make_actor,
    make_decision,
    make_enforcement,
    make_incident,
    make_incident_item,
    make_user,
)
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def kinds_about(*subjects):
    return list(AuditEvent.objects.about(*subjects).order_by("pk").values_list("kind", flat=True))


def test_items_are_added_once_with_their_actors_and_taken_out_again():
    incident, item = make_incident(), make_decision().item

    first = operations.add_items(incident, [item], by=incident.owner)
    again = operations.add_items(incident, [item], by=incident.owner)
    operations.remove_item(incident, item, by=incident.owner)

    assert (first, again) == ([item], [])
    assert not incident.item_links.exists()
    assert incident.actor_links.get().actor == item.actor
    assert kinds_about(incident, item) == ["incident.items_added", "incident.item_removed"]


def test_an_earlier_item_moves_the_start_back():
    incident = make_incident(started_at=None)
    item = make_decision().item

    operations.add_items(incident, [item], by=incident.owner)

    incident.refresh_from_db()
    assert incident.started_at == item.generation.occurred_at


def test_actors_are_added_once_and_taken_out_again():
    incident, actor = make_incident(), make_actor()

    operations.add_actors(incident, [actor], by=incident.owner)
    assert operations.add_actors(incident, [actor], by=incident.owner) == []
    operations.remove_actor(incident, actor, by=incident.owner)

    assert kinds_about(incident, actor) == ["incident.actors_added", "incident.actor_removed"]
    assert not incident.actor_links.exists()


def test_actions_are_added_once_and_taken_out_again():
    incident, action = make_incident(), make_enforcement()

    operations.add_enforcement(incident, [action], by=incident.owner)
    assert operations.add_enforcement(incident, [action], by=incident.owner) == []
    operations.remove_enforcement(incident, action, by=incident.owner)

    assert kinds_about(incident, action) == ["incident.enforcement_added", "incident.enforcement_removed"]
    assert not incident.enforcement_links.exists()


def test_what_is_not_linked_is_taken_out_without_a_trace():
    incident = make_incident()

    operations.remove_item(incident, make_decision().item, by=incident.owner)
    operations.remove_actor(incident, make_actor(), by=incident.owner)

    assert not AuditEvent.objects.exists()


def test_policy_staff_see_no_actors_and_add_none():
    with pytest.raises(Refused, match="nothing was added"):
        operations.add_actors(make_incident(), [make_actor()], by=make_user(role="policy_editor"))


def test_nothing_is_not_added():
    incident = make_incident()

    with pytest.raises(Refused, match="at least one"):
        operations.add_items(incident, [], by=incident.owner)


def test_a_reviewer_changes_only_incidents_they_work_on():
    reviewer = make_user(role="reviewer")
    mine, theirs = make_incident(), make_incident()
    make_incident_item(mine, item=make_decision(by=reviewer).item)
    item = make_decision(by=reviewer).item

    operations.add_items(mine, [item], by=reviewer)
    with pytest.raises(Refused, match="opened, own or judged"):
        operations.add_items(theirs, [item], by=reviewer)

    assert not theirs.item_links.exists()


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_readers_change_nothing(role):
    with pytest.raises(Refused, match="does not change incidents"):
        operations.add_items(make_incident(), [make_decision().item], by=make_user(role=role))

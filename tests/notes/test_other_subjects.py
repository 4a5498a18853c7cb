"""Notes on actors and incidents: who reads them is who may open the page."""

import uuid

import pytest

from incidents.queues import noting
from incidents.response import noting as incidents
from tests.factories import NOW, make_actor, make_generation, make_incident, make_incident_item, make_item, make_user
from tests.notes.stage import ask_second_opinion_of, held_by
from trust import clock
from trust.audit.models import AuditEvent
from trust.notes import operations, registry
from trust.notes.models import Mention, Note
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "make"), [("actor", make_actor), ("incident", make_incident)])
def test_its_page_fetches_the_notes_and_they_are_written_there(client, name, make):
    about, lead = make(), make_user(role="lead")
    client.force_login(lead)
    address = f"/notes/{name}/{about.pk}/"

    assert f'hx-get="{address}"' in client.get(f"/{name}s/{about.pk}/").content.decode()
    client.post(f"{address}write/", {"text": "Seen in March.", "form": uuid.uuid4()})

    assert "Seen in March." in client.get(address).content.decode()
    assert AuditEvent.objects.about(about, Note.objects.get()).get().by == lead


def test_an_analyst_is_mentioned_on_an_incident_and_not_on_an_actor():
    analyst, lead = make_user(role="analyst", name="Noor Haddad"), make_user(role="lead")

    operations.write(registry.subject("incident", make_incident().pk), text="@Noor, how many?", by=lead)
    with pytest.raises(Refused, match="Noor Haddad"):
        operations.write(registry.subject("actor", make_actor().pk), text="@Noor, how many?", by=lead)

    assert Mention.objects.get().person == analyst


def test_those_who_are_offered_may_open_it():
    people = [make_user(role=role) for role in ("reviewer", "lead", "analyst", "auditor", "admin", "policy_editor")]
    incident, now = make_incident(owner=people[0]), clock.now()

    for name, pk in (("actor", make_actor().pk), ("incident", incident.pk), ("item", held_by(people[0]).pk)):
        subject = registry.subject(name, pk)
        offered = {person for person in subject.readers(now) if person in people}
        assert offered == {person for person in people if subject.is_visible_to(person, now)}


def test_who_judges_an_item_on_their_own_is_not_told_by_its_actor_or_incident():
    second, now = make_user(), clock.now()
    item = ask_second_opinion_of(second, first=make_user())
    link = make_incident_item(make_incident())
    link.item.rounds.create(
        queue=item.rounds.first().queue,
        purpose="second_opinion",
        due_at=NOW,
        created_at=NOW,
        lease_by=second,
        lease_until=now.replace(year=now.year + 1),
    )
    other = make_item(generation=make_generation(actor=make_actor()))
    assert item.actor_id
    assert other.actor_id

    assert noting.kept_back_actors(second, [item.actor_id, other.actor_id], now) == {item.actor_id}
    assert incidents.kept_back(second, [link.incident_id, make_incident().pk], now) == {link.incident_id}

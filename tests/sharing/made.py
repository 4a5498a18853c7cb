"""A set of actors that have everything which must not leave: addresses, names, hostile words, restricted items."""

from typing import Any

from incidents.actors.models import Actor
from incidents.linking import operations as linking
from incidents.linking.models import Word
from incidents.response.models import Incident, IncidentActor
from tests.factories import (
    NOW,
    make_actor,
    make_decision,
    make_generation,
    make_incident,
    make_item,
    make_user,
)
from tests.linking.test_web import share
from trust.accounts.models import User

HOSTILE = '"]},{"type":"identity\u202e<script>'
STAFF = "Perpetua Quill"
SECRET_WORDS = "A very own sentence."
FORM = {"format": "stix", "tlp": "amber", "title": "Review mill"}
BY_NAME = {"by_name": "on", "reason": "They hold the same accounts and asked which."}


def make_set() -> list[Actor]:
    """Make three linked actors and their organisation: by a card, by a person's word, by names that are addresses."""
    organisation = make_actor(kind="organisation", external_id="org_acme")
    first = make_actor(external_id="acct_first", parent=organisation)
    second = make_actor(kind="user", external_id="eve@example.org")
    third = make_actor(kind="api_key", external_id=HOSTILE, standing="banned")
    share(first, second, kind="payment", value="4000-1234")
    share(second, third, kind="mallory@example.org", value="203.0.113.7")
    share(first, organisation, kind="device", value="device-77")
    person = make_user(role="lead", name=STAFF, email="perpetua@desk.example")
    linking.say(first, third, Word.Verdict.ASSERTED, evidence=SECRET_WORDS, by=person)
    for severity in (2, 4):
        generation = make_generation(actor=first, messages=[{"role": "user", "content": SECRET_WORDS}])
        item = make_item(generation=generation, status="closed", verdict="violating", severity=severity, closed_at=NOW)
        make_decision(item=item, by=person)
    restricted = make_generation(actor=second, restricted=True)
    make_item(generation=restricted, status="closed", verdict="violating", severity=3, closed_at=NOW)
    return [first, second, third, organisation]


def secrets_of(actors: list[Actor]) -> list[str]:
    """Return what must stand nowhere in a file of ``actors``."""
    people = [text for person in User.objects.all() for text in (person.name, person.email, person.pseudonym)]
    digests = [bytes(one.digest).hex()[-16:] for actor in actors for one in actor.identifiers.all()]
    return [
        *(one.external_id for one in actors),
        *people,
        *digests,
        *("203.0.113.7", "example.org", "mallory", "4000-1234", "device-77", "<script", SECRET_WORDS),
    ]


def make_incident_of(actors: list[Actor], **fields: Any) -> Incident:
    incident = make_incident(**fields)
    links = [IncidentActor(incident=incident, actor=one, added_by=incident.owner, added_at=NOW) for one in actors]
    IncidentActor.objects.bulk_create(links)
    return incident

"""The page of an actor and its panels: as many queries with little as with much, and with many links as with few."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.actor_page import PANELS
from incidents.enforcement import operations as enforcement
from incidents.response.models import IncidentActor
from tests.enforcement.factories import make_finding, propose
from tests.factories import NOW, make_actor, make_alert, make_generation, make_incident, make_item, make_user
from tests.linking.test_web import share
from trust.audit.operations import record

pytestmark = pytest.mark.django_db


def make_known(many: int, *, clause):
    """Make an actor with ``many`` of everything."""
    actor, owner = make_actor(parent=make_actor()), make_user(role="lead")
    for number in range(many):
        generation = make_generation(actor=actor, occurred_at=NOW + timedelta(minutes=number))
        item = make_item(generation=make_alert(generation=generation).generation)
        make_finding(actor, clause=clause)
        record("item.held", on=[item, actor], by=owner)
        propose(actor, by=owner)
        share(actor, make_actor(parent=actor), value=f"{actor.pk} {number}")
        incident = make_incident(owner=owner)
        IncidentActor.objects.create(incident=incident, actor=actor, added_by=owner, added_at=NOW)
    enforcement.give_strikes(10_000)
    return actor


def test_the_page_and_its_panels_ask_as_often_with_much_as_with_little(client):
    client.force_login(make_user(role="lead"))
    finding = make_finding(make_actor())
    clause = finding.violations.get().clause
    little, much = (make_known(many, clause=clause) for many in (2, 30))

    asked = {}
    for name, route in PANELS.items():
        client.get(reverse(route, args=[little.pk]))
        counts = []
        for actor in (little, much):
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse(route, args=[actor.pk]))
            counts.append(len(queries))
        asked[name] = tuple(counts)

    assert {name: counts for name, counts in asked.items() if counts[0] != counts[1]} == {}

"""The same proposed for all who are linked: seen first, then for all of them or for none."""

import pytest

from incidents.enforcement.models import EnforcementAction
from incidents.linking import operations
from tests.factories import make_actor, make_decision, make_enforcement, make_item, make_user
from tests.linking.test_pages import address
from tests.linking.test_web import share
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def ring():
    actors = [make_actor() for _actor in range(3)]
    share(*actors)
    return actors


@pytest.fixture
def lead(client):
    person = make_user(role="lead")
    client.force_login(person)
    return person


def sent(*actors, **fields):
    return {"kind": "ban", "reason": "One hand behind all.", "actors": [one.pk for one in actors], **fields}


def test_what_it_would_do_is_seen_first_and_nothing_is_proposed_by_looking(client, lead, ring):
    item = make_item(actor=ring[0], status="closed", verdict="violating", severity=3, closed_at=ring[0].created_at)
    make_decision(item=item)
    make_enforcement(actor=ring[1], kind="ban")

    page = client.post(address(ring[0], "act"), sent(*ring)).content.decode()

    assert "Propose it for 2 actors" in page
    assert page.count("no finding against it") == 1
    assert "Left out" in page
    assert EnforcementAction.objects.count() == 1


def test_once_confirmed_each_gets_a_proposal_of_its_own_with_its_own_evidence(client, lead, ring):
    item = make_item(actor=ring[0], status="closed", verdict="violating", severity=3, closed_at=ring[0].created_at)
    decision = make_decision(item=item)
    numbers = ",".join(str(one.pk) for one in ring[:2])

    answer = client.post(address(ring[0], "act"), sent(*ring[:2], confirmed=numbers))

    assert answer.status_code == 302
    made = EnforcementAction.objects.order_by("actor")
    assert [(one.actor, one.status, one.proposed_by) for one in made] == [
        (actor, "proposed", lead) for actor in ring[:2]
    ]
    assert [[part["decision"] for part in one.evidence] for one in made] == [[decision.pk], []]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"actors": []}, 422),
        ({"actors": ["999999"]}, 422),
        ({"reason": ""}, 422),
        ({"kind": "flogging"}, 422),
        ({"kind": "suspension", "days": "-1"}, 422),
        ({"confirmed": "1,2"}, 200),
    ],
)
def test_what_makes_no_sense_or_was_not_seen_proposes_nothing(client, lead, ring, fields, status):
    answer = client.post(address(ring[0], "act"), sent(*ring[:2]) | fields)

    assert answer.status_code == status
    assert not EnforcementAction.objects.exists()


def test_more_than_fifty_at_once_are_refused(lead):
    with pytest.raises(Refused, match="50 actors at most"):
        operations.propose_for([make_actor()] * 51, None, by=lead)

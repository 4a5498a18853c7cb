"""Opening an incident from items."""

from datetime import timedelta

import pytest

from incidents.queues.models import Item
from incidents.response import operations
from incidents.response.models import Incident
from tests.factories import NOW, make_alert, make_decision, make_generation, make_item, make_user
from trust import clock
from trust.audit.models import AuditEvent
from trust.refusals import Refused

pytestmark = pytest.mark.django_db


def opened(by, items=(), **fields):
    values = {"severity": 2, "is_anticipated": False, **fields}
    return operations.create_incident("Review mill wave", items=list(items), by=by, **values)


def item_from(hours_ago: int) -> Item:
    generation = make_generation(occurred_at=NOW - timedelta(hours=hours_ago))
    return make_item(generation=make_alert(generation=generation).generation)


def test_it_belongs_to_its_opener_starts_with_its_first_item_and_is_recorded():
    lead, early, late = make_user(role="lead"), item_from(30), item_from(2)

    with clock.at(NOW):
        incident = opened(lead, [late, early])

    assert (incident.owner, incident.created_by, incident.status) == (lead, lead, "open")
    incident.refresh_from_db()
    assert incident.started_at == NOW - timedelta(hours=30)
    assert incident.detected_at == NOW
    assert {link.item for link in incident.item_links.all()} == {early, late}
    assert {link.actor for link in incident.actor_links.all()} == {early.actor, late.actor}
    event = AuditEvent.objects.about(incident, early, late).get()
    assert (event.kind, event.by, event.at) == ("incident.created", lead, NOW)


def test_it_may_be_opened_before_any_item_is_known():
    incident = opened(make_user(role="policy_editor"))

    assert incident.started_at is None
    assert not incident.item_links.exists()


def test_a_generation_from_the_future_starts_nothing():
    lead, item = make_user(role="lead"), item_from(-5)

    with clock.at(NOW):
        incident = opened(lead, [item])

    incident.refresh_from_db()
    assert incident.started_at is None


@pytest.mark.parametrize("role", ["analyst", "auditor", "admin"])
def test_other_roles_open_none(role):
    with pytest.raises(Refused, match="does not open incidents"):
        opened(make_user(role=role))

    assert not Incident.objects.exists()


def test_a_reviewer_opens_one_about_items_they_judged_and_no_others():
    reviewer = make_user(role="reviewer")
    judged, others = make_decision(by=reviewer).item, make_decision().item

    incident = opened(reviewer, [judged])
    with pytest.raises(Refused, match="you may not open them"):
        opened(reviewer, [judged, others])

    assert list(Incident.objects.all()) == [incident]
    assert AuditEvent.objects.count() == 1


def test_a_restricted_item_takes_a_clearance():
    item = make_item(generation=make_alert(generation=make_generation(restricted=True)).generation)

    with pytest.raises(Refused, match="you may not open them"):
        opened(make_user(role="lead"), [item])

    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"severity": 5}, "from 0 to 4"), ({"title": "  "}, "The title"), ({"title": "a\nb"}, "The title")],
)
def test_words_and_severity_are_checked(fields, sentence):
    title = fields.pop("title", "Wave")
    values = {"severity": 1, **fields}

    with pytest.raises(Refused, match=sentence):
        operations.create_incident(title, items=[], is_anticipated=True, by=make_user(role="lead"), **values)


def test_at_most_500_items_at_once():
    with pytest.raises(Refused, match="at most 500"):
        opened(make_user(role="lead"), [Item(pk=number) for number in range(1, 502)])

"""Incidents and retrospectives in a real Chromium: accessible in every dress, led by keys from open to signed."""

import pytest

from incidents.response import operations as response
from incidents.response.models import Incident
from incidents.retrospectives import operations
from incidents.retrospectives.models import Retrospective, Section
from tests.factories import NOW, make_actor, make_decision, make_enforcement, make_strike, make_user
from trust import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROSE = "Keys were bought in small numbers, so that no single account stood out.\n\nThe group did it again a day later."


@pytest.fixture
def incident() -> Incident:
    """A contained incident with items, actors, a linked action and one that is offered, and a retrospective."""
    lead = make_user(role="lead", name="Ana Ruiz")
    decisions = [make_decision() for _number in range(4)]
    hostile = make_actor(external_id="<b>acct</b>\u202e\u200b_9")
    with clock.at(NOW):
        incident = response.create_incident(
            "Review mill wave",
            severity=2,
            items=[decision.item for decision in decisions],
            is_anticipated=False,
            by=lead,
        )
        response.add_actors(incident, [hostile], by=lead)
        linked = make_enforcement(actor=decisions[0].item.actor)
        make_enforcement(actor=decisions[1].item.actor, kind="ban")
        response.add_enforcement(incident, [linked], by=lead)
        response.contain(incident, reason="No new linked actor for 12 hours.", by=lead)
        make_strike(decision=decisions[0])
        retrospective = operations.create_retrospective(incident, by=lead)
        for key in Section.Key:
            operations.write_section(retrospective, key=key, text=PROSE, version=1, by=lead)
        operations.add_action_item(
            retrospective, text="Count new accounts per card.", owner=lead, check_back_on=NOW.date(), by=lead
        )
    return incident


PAGES = [
    "/incidents/",
    "/incidents/?severity=4",
    "/incidents/new/?items=1,2",
    "/incidents/{incident}/",
    "/incidents/{incident}/timeline/",
    "/incidents/{incident}/items/",
    "/incidents/{incident}/actors/",
    "/incidents/{incident}/actions/",
    "/incidents/{incident}/edit/",
    "/retrospectives/",
    "/retrospectives/{retrospective}/",
    "/retrospectives/{retrospective}/sections/lessons/",
    "/retrospectives/{retrospective}/facts/violations/",
    "/retrospectives/{retrospective}/facts/actors/",
]


@pytest.mark.long
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible(visitor, incident, path):
    address = path.format(incident=incident.pk, retrospective=incident.retrospective.pk)

    page = visitor.open(address, by=make_user(role="lead"))

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.parametrize("path", ["/incidents/", "/retrospectives/"])
def test_empty_lists_are_accessible(visitor, path):
    page = visitor.open(path, by=make_user(role="analyst"))

    assert page.locator(".empty").is_visible()
    assert visitor.faults_in_every_dress(page) == []


def test_a_form_with_a_mistake_and_a_refusal_are_accessible(visitor, incident):
    page = visitor.open(f"/incidents/{incident.pk}/", by=make_user(role="lead"))

    page.get_by_role("button", name="Mark resolved").click()

    page.get_by_role("alert").get_by_text("thing to correct").wait_for()
    assert visitor.faults_in_every_dress(page) == []


def test_an_incident_is_opened_contained_and_looked_back_on(visitor):
    lead, item = make_user(role="lead", name="Ana Ruiz"), make_decision().item
    page = visitor.open("/incidents/", by=lead)

    page.keyboard.press("c")
    page.get_by_label("Title").fill("Review mill wave")
    page.get_by_label("Items").fill(str(item.pk))
    page.get_by_role("button", name="Open the incident").click()
    page.get_by_label("What makes it so").fill("No new actor.")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Y")
    page.get_by_text("The incident is contained.").wait_for()
    page.get_by_role("link", name="Retrospective", exact=True).click()
    page.get_by_role("button", name="Start the retrospective").click()
    page.get_by_role("heading", name="Two people sign").wait_for()

    retrospective = Retrospective.objects.get(incident__status="contained")
    assert retrospective.incident.item_links.get().item == item
    assert page.get_by_role("button", name="Sign the retrospective").get_attribute("aria-disabled") == "true"
    assert visitor.console == []


def test_two_leads_sign_by_key(visitor, incident):
    for name in ("Ana Ruiz", "Bo Lind"):
        page = visitor.open(incident.retrospective.get_absolute_url(), by=make_user(role="lead", name=name))
        page.keyboard.press("Shift+Y")
        page.get_by_text("signed").first.wait_for()

    page.get_by_text("Two people have signed; it is frozen.").wait_for()
    assert visitor.faults_in_every_dress(page) == []
    assert Retrospective.objects.get().is_signed()

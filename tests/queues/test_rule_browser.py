"""The routing rules in a real Chromium: accessible in every dress, and from a rule to its effect."""

import pytest

from incidents.queues import operations
from incidents.queues.models import Item, Queue
from tests.factories import make_alert, make_queue, make_rule, make_user, make_waiting_alert

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def waves() -> Queue:
    general = make_queue(is_default=True, name="General")
    condition = {"field": "alert.kind", "operator": "is", "value": "staff"}
    make_rule(general, condition, key="staff", name="Staff")
    make_rule(general, condition, key="more", name="More of it", close="benign", audited=0.1)
    make_alert()
    return make_queue(name="Waves")


@pytest.mark.long
@pytest.mark.parametrize(
    "path", ["", "draft/", "draft/add/", "draft/rules/staff/", "draft/try/?last=100", "versions/", "versions/1/"]
)
@pytest.mark.usefixtures("waves")
def test_every_page_is_accessible(visitor, path):
    page = visitor.open(f"/queues/rules/{path}", by=make_user(role="lead"))

    assert page.locator("h1").count() == 1
    assert visitor.faults_in_every_dress(page) == []


def test_a_rule_is_made_tried_saved_and_takes_effect(visitor, waves):
    page = visitor.open("/queues/rules/", by=make_user(role="lead"))

    page.get_by_role("link", name="Change the rules").click()
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Name", exact=True).fill("Spam wave")
    page.get_by_label("Field").first.select_option("alert.flagged")
    page.get_by_label("Operator").first.select_option("contains_any")
    page.get_by_label("Value").first.fill("spam")
    page.get_by_label("Queue optional").select_option("Waves")
    page.get_by_role("button", name="Keep in the draft").click()
    page.get_by_role("button", name="Try the draft on past alerts").click()
    page.get_by_text("1 of 1 alerts would go elsewhere").wait_for()
    assert visitor.faults_in_every_dress(page) == []
    page.get_by_role("link", name="Back to the draft").click()
    page.get_by_label("Why").fill("A wave of spam.")
    page.get_by_role("button", name="Save the rules").click()
    page.get_by_text("Version 3 is in force.").wait_for()
    alert = make_waiting_alert()
    operations.route_alerts()

    item = Item.objects.get(generation=alert.generation)
    assert item.rounds.get().queue == waves
    assert (item.trace[0]["rule"], item.trace[0]["version"]) == ("Spam wave", 3)

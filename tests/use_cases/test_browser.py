"""The story of a use case in a real Chromium, by keyboard: entered, approved by another, asked of an item."""

import pytest

from incidents.use_cases.models import Application, Fit
from tests.factories import make_actor, make_round, make_user
from tests.harness.browser import DESKTOP, PHONE, Visitor
from tests.use_cases.factories import NAME, make_seen

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_use_case_is_entered_approved_and_asked_of_an_item(visitor: Visitor):
    actor, reviewer, lead = make_actor(), make_user(), make_user(role="lead")
    item = make_seen(actor, days_ago=-0.01)  # so that it is approved by then
    make_round(item=item, lease_by=reviewer)
    desk = visitor.open(f"/actors/{actor.pk}/", by=reviewer, size=DESKTOP)
    desk.get_by_text("Nothing was asked for").wait_for()
    assert visitor.faults(desk) == []
    desk.keyboard.press("c")
    desk.keyboard.press("n")
    desk.get_by_label("Use case").fill(NAME)
    desk.get_by_label("What it is for").fill("Pupils ask about their homework.")
    desk.get_by_label("Expected volume").fill("20000")
    desk.get_by_role("heading", name="Enter a use case").click()
    desk.keyboard.press("s")
    desk.get_by_text("Only a lead decides about use cases.").first.wait_for()
    assert visitor.faults(desk) == []

    phone = visitor.open("/use-cases/", by=lead, size=PHONE, theme="dark")
    assert visitor.faults(phone) == []
    phone.keyboard.press("1")
    phone.get_by_label("Conditions").fill("No grading.")
    phone.get_by_label("Last day").fill("2099-01-01")
    phone.get_by_role("heading", name="A second person decides").click()
    phone.keyboard.press("Shift+Y")
    phone.get_by_text("at most ten years ahead").last.wait_for()
    assert visitor.faults(phone) == []
    phone.get_by_label("Last day").fill("")
    phone.get_by_role("heading", name="A second person decides").click()
    phone.keyboard.press("Shift+Y")
    phone.get_by_role("heading", name="What was decided").wait_for()
    assert visitor.faults(phone) == []
    assert Application.objects.get().decided_by == lead

    desk.goto(f"/items/{item.pk}/")
    desk.get_by_text("No grading.").wait_for()
    assert visitor.faults(desk) == []
    desk.keyboard.press("Shift+X")
    desk.get_by_text("You said:").wait_for()
    assert Fit.objects.get().answer == "no"
    assert visitor.faults(desk) == []

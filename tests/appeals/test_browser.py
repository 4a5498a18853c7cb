"""The story of an appeal in a real Chromium: in by the link, judged by a lead, the outcome read."""

import pytest

from tests.appeals.factories import make_case
from tests.appeals.test_public_page import path_of
from tests.factories import make_user
from tests.harness.browser import DESKTOP, PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_actor_appeals_and_reads_what_a_lead_judged(visitor: Visitor):
    path, lead = path_of(make_case().action), make_user(role="lead")
    public = visitor.open(path, size=PHONE)
    assert visitor.faults(public) == []
    public.get_by_label("What is wrong with the decision").fill("It was a quotation.")
    public.get_by_role("button", name="Send the appeal").click()
    public.get_by_text("We have your appeal").wait_for()

    desk = visitor.open("/appeals/", by=lead, size=DESKTOP, theme="dark")
    assert visitor.faults(desk) == []
    desk.keyboard.press("1")
    desk.get_by_text("It was a quotation.").wait_for()
    assert visitor.faults(desk) == []
    desk.keyboard.press("3")
    desk.get_by_label("Your reason").fill("It is one.")
    desk.get_by_label("Statement for the actor").fill("You were right.")
    desk.get_by_role("heading", name="Judge").click()
    desk.keyboard.press("s")
    desk.get_by_text("Reversed with the judgement").wait_for()
    assert visitor.faults(desk) == []

    account = visitor.open("/appeals/account/", by=lead, size=PHONE)
    assert visitor.faults(account) == []
    public.reload()
    public.get_by_text("You were right.").wait_for()
    assert visitor.faults(public) == []

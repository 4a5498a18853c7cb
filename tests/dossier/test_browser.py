"""The page of an actor in a real Chromium: its timeline by keyboard, and what another rule for strikes comes to."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from incidents.actors import operations as actors
from policies.vocabulary import Standing
from tests.factories import NOW, make_actor, make_alert, make_decision, make_generation, make_strike, make_user
from tests.harness.browser import Visitor
from trust import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_lead_reads_the_timeline_and_tries_a_rule_by_keyboard(visitor: Visitor):
    lead, actor = make_user(role="lead"), make_actor(parent=make_actor())
    for number in range(26):
        make_alert(generation=make_generation(actor=actor, occurred_at=NOW - timedelta(minutes=number)))
    with clock.at(NOW):
        actors.set_standing(actor, Standing.WARNED, reason="Twice.", by=lead)
    make_strike(decision=make_decision(decided_at=timezone.now()))

    page = visitor.open(f"/actors/{actor.pk}/", by=lead)
    page.get_by_role("heading", name="How much came in").wait_for()
    expect(page.locator("#timeline-of-actor li")).to_have_count(25)
    page.wait_for_load_state("networkidle")
    assert visitor.faults_in_every_dress(page) == []

    page.get_by_role("form", name="Filter the timeline").get_by_label("Kind of event").focus()
    page.keyboard.press("s")
    page.keyboard.press("t")
    page.keyboard.press("a")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#timeline-of-actor li")).to_have_count(1)
    expect(page.get_by_role("heading", name="Timeline")).to_be_focused()

    page.keyboard.press("i")
    page.wait_for_url("**/timeline/")
    page.keyboard.press("o")
    page.wait_for_url("**/timeline/?cursor=*")
    expect(page.locator("main li[data-row]")).to_have_count(2)
    assert visitor.faults_in_every_dress(page) == []

    page.goto("/enforcement/strikes/")
    page.get_by_label("Strikes for S2").fill("5")
    page.get_by_label("From strikes").fill("5")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="1 actor would have 5 strikes or more").wait_for()
    assert visitor.faults_in_every_dress(page) == []

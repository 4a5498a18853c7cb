"""Passing an item on, by real keys in a real Chromium."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.queues import operations as queues
from incidents.queues.models import Passing, Round
from tests.factories import make_queue, make_round, make_user
from tests.harness.browser import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_held(visitor, reviewer, *, queue=None):
    held = make_round(queue=queue or make_queue(), lease_by=reviewer, due_at=timezone.now() + timedelta(hours=3))
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    page.wait_for_load_state("networkidle")
    return held, page


def test_a_hold_takes_its_key_a_digit_and_a_reason(visitor):
    reviewer, queue = make_user(name="Ana Ruiz"), make_queue(name="Health claims")
    held, page = open_held(visitor, reviewer, queue=queue)
    following = make_round(queue=queue)

    page.keyboard.press("h")
    page.get_by_role("heading", name="Put on hold").wait_for()
    page.keyboard.type("Until the shop answers")
    page.keyboard.press("Escape")
    page.keyboard.press("3")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/items/{following.item_id}/")
    page.get_by_text(f"Item {held.item_id} is on hold until").wait_for()
    passing = Passing.objects.get()
    assert (passing.round, passing.reason) == (held, "Until the shop answers")
    assert passing.until > timezone.now() + timedelta(minutes=239)
    assert visitor.faults(page) == []


def test_the_dialog_is_left_by_escape_and_the_focus_goes_back(visitor):
    _held, page = open_held(visitor, make_user())

    page.keyboard.press("t")
    page.get_by_role("heading", name="Hand over").wait_for()
    page.locator("select[name=to]").focus()
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("Escape")  # leaves the field
    page.keyboard.press("Escape")

    page.locator("dialog[open]").wait_for(state="detached")
    assert not Passing.objects.exists()


def test_an_item_is_handed_over_and_sent_back_by_keys(visitor):
    giver, receiver = make_user(name="Ana Ruiz"), make_user(name="Bo Lind")
    held, page = open_held(visitor, giver)
    page.keyboard.press("t")
    page.locator("select[name=to]").select_option(label="Bo Lind")
    page.locator("textarea[name=reason]:visible").last.fill("You know this shop")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/queues/")

    theirs = visitor.open("/", by=receiver)
    theirs.get_by_text("Ana Ruiz: “You know this shop”").wait_for()
    theirs.keyboard.press("1")
    theirs.get_by_text("handed this to you").wait_for()
    assert visitor.faults_in_every_dress(theirs) == []
    theirs.keyboard.press("N")
    theirs.get_by_role("heading", name="Do not take it").wait_for()
    theirs.keyboard.type("No time today")
    theirs.keyboard.press("Control+Enter")

    theirs.wait_for_url(lambda url: url.endswith("/") and "items" not in url)
    assert Round.objects.free().get() == held


def test_an_item_is_let_go_by_leaving_its_page_and_kept_by_coming_back(visitor):
    reviewer = make_user()
    held, page = open_held(visitor, reviewer)
    lease = Round.objects.filter(pk=held.pk).values_list("lease_until", flat=True)
    soon = timezone.now() + timedelta(minutes=5)

    page.goto("/queues/")
    until(page, lambda: lease.get() < soon)
    with page.expect_response("**/renew/"):
        page.goto(f"/items/{held.item_id}/")

    assert soon < lease.get()


def test_what_is_on_hold_is_shown_so_in_every_dress(visitor):
    reviewer = make_user()
    held = make_round(lease_by=reviewer, due_at=timezone.now() + timedelta(hours=3))
    queues.hold(held, fence=1, until=timezone.now() + timedelta(hours=2), reason="Until the shop answers", by=reviewer)

    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    page.get_by_text("Take it up now").wait_for()
    page.wait_for_load_state("networkidle")

    assert visitor.faults_in_every_dress(page) == []

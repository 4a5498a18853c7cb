"""Covers, blur and greyscale in a real Chromium, by keys, and how the pages look to axe."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.queues.models import Round
from incidents.wellbeing import operations
from incidents.wellbeing.models import Exposure, Pace, TeamWeek
from incidents.wellbeing.queries import Dress
from tests.factories import NOW, make_queue, make_user
from tests.wellbeing.factories import make_category, make_expected, make_limits, reveal
from trust.accounts.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILTER = "() => getComputedStyle(document.querySelectorAll('.covered .content')[1]).filter"


@pytest.fixture
def reviewer() -> User:
    return make_user(name="Ana Ruiz")


@pytest.fixture
def held(reviewer) -> Round:
    return make_expected(make_queue(notice="Expect slurs."), 3, make_category(), lease_by=reviewer)


def open_item(visitor, held: Round, reviewer: User):
    page = visitor.open(f"/items/{held.item_id}/", by=reviewer)
    page.wait_for_load_state("networkidle")  # leaving while a panel is on its way is said in the console
    return page


def test_a_key_reveals_and_the_same_key_covers_again_and_the_ledger_knows(visitor, held, reviewer):
    page = visitor.open("/queues/", by=reviewer)
    page.clock.install()
    page.goto(f"/items/{held.item_id}/")
    page.locator("h1").wait_for()
    assert not page.get_by_text("Lovely tea").is_visible()

    with page.expect_response(f"**/items/{held.item_id}/exposure/") as told:
        page.keyboard.press("r")
    page.get_by_text("Lovely tea").wait_for()
    assert told.value.status == 204
    Pace.objects.update(last_at=timezone.now() - timedelta(minutes=1))
    with page.expect_response(f"**/items/{held.item_id}/exposure/"):
        page.clock.run_for(3000)
        page.keyboard.press("r")

    page.get_by_text("Lovely tea").wait_for(state="hidden")
    lines = list(Exposure.objects.order_by("pk"))
    assert [line.is_reveal for line in lines] == [True, False]
    assert lines[1].seconds in {3, 4}


def test_what_is_not_covered_by_preference_is_a_reveal_when_the_page_opens(visitor, held, reviewer):
    operations.cover_for_oneself({None: Dress(is_covered=False)}, by=reviewer)

    page = visitor.open("/queues/", by=reviewer)
    with page.expect_response(f"**/items/{held.item_id}/exposure/"):
        page.goto(f"/items/{held.item_id}/")

    page.get_by_text("Lovely tea").wait_for()
    assert Exposure.objects.get().is_reveal
    assert visitor.faults(page) == []


def test_blur_and_greyscale_are_each_by_themselves_and_a_message_is_sharp_when_reached(visitor, held, reviewer):
    operations.cover_for_oneself({None: Dress(is_blurred=True)}, by=reviewer)
    page = open_item(visitor, held, reviewer)
    page.keyboard.press("r")
    page.get_by_text("Lovely tea").wait_for()
    assert "blur" in page.evaluate(FILTER)
    assert "grayscale" not in page.evaluate(FILTER)

    page.keyboard.press("j")
    assert "blur" in page.evaluate(FILTER)
    page.keyboard.press("j")
    assert page.evaluate(FILTER) == "none"
    assert visitor.faults_in_every_dress(page) == []

    operations.cover_for_oneself({None: Dress(is_covered=False, is_grey=True)}, by=reviewer)
    page.reload()
    page.get_by_text("Lovely tea").wait_for()
    assert page.evaluate(FILTER) == "grayscale(1)"

    operations.cover_for_oneself({None: Dress(is_covered=False, is_grey=True, is_blurred=True)}, by=reviewer)
    page.reload()
    page.get_by_text("Lovely tea").wait_for()
    assert "blur" in page.evaluate(FILTER)
    assert "grayscale(1)" in page.evaluate(FILTER)


def test_a_break_is_one_key_from_the_item_and_gives_it_back(visitor, held, reviewer):
    page = open_item(visitor, held, reviewer)

    page.keyboard.press("Shift+B")

    page.get_by_text("You are on a break").wait_for()
    held.refresh_from_db()
    assert held.lease_by is None
    assert visitor.faults_in_every_dress(page) == []


def test_a_limit_that_is_near_is_told_above_the_next_item_and_over_nothing(visitor, held, reviewer):
    make_limits(reviewer, day_items_soft=1)
    following = make_expected(held.queue, 3)
    page = open_item(visitor, held, reviewer)
    with page.expect_response(f"**/items/{held.item_id}/exposure/"):
        page.keyboard.press("r")
    page.keyboard.press("b")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/items/{following.item_id}/**")
    notice = page.get_by_text("1 item of S3 and up today; the mark is 1.")
    notice.wait_for()
    below = page.locator(".console-body").bounding_box()
    assert notice.bounding_box()["y"] + notice.bounding_box()["height"] <= below["y"]
    assert visitor.faults_in_every_dress(page) == []


def test_ones_own_pages_are_clean_and_walked_by_keyboard(visitor, held, reviewer):
    reveal(held, by=reviewer)
    page = visitor.open("/queues/", by=reviewer)
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url("**/wellbeing/")
    page.keyboard.press("j")
    assert page.evaluate("() => document.activeElement.textContent") == f"Item {held.item_id}"
    assert visitor.faults_in_every_dress(page) == []

    page.goto("/wellbeing/choices/")
    for summary in page.locator("main details > summary").all():
        summary.click()
    assert visitor.faults_in_every_dress(page) == []
    page.get_by_label("Severe items a day: stop", exact=False).fill("0")
    page.get_by_role("button", name="Save your limits").click()
    page.get_by_text("One thing to correct").wait_for()
    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.long
def test_what_leads_see_is_clean(visitor):
    lead = make_user(role="lead")
    TeamWeek.objects.create(monday=NOW.date(), items=412, severe_items=None, seconds=90_000, weighted=1603)
    TeamWeek.objects.create(monday=NOW.date().replace(month=10))
    page = visitor.open("/wellbeing/team/", by=lead)
    assert visitor.faults_in_every_dress(page) == []
    page.goto("/wellbeing/everyone/")
    assert visitor.faults_in_every_dress(page) == []


@pytest.mark.long
def test_joining_and_being_told_enough_are_clean(visitor, held, reviewer):
    queue = held.queue
    queue.asks_before_joining = True
    queue.save(update_fields=["asks_before_joining"])
    page = visitor.open("/queues/", by=reviewer)
    page.keyboard.press("1")
    page.wait_for_url("**/join/")
    assert visitor.faults_in_every_dress(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/items/{held.item_id}/")

    make_limits(reviewer, day_items_hard=1)
    page.goto("/queues/")
    page.get_by_text("today’s limit").wait_for()
    assert visitor.faults_in_every_dress(page) == []

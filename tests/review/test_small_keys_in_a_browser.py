"""What single keys of the item page say and keep."""

import pytest

from incidents.queues import operations as queues
from tests.factories import make_user
from tests.review.stage import make_spam_queue, make_waiting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_cover_the_clause_and_the_quote_say_and_keep_what_they_should(visitor):
    reviewer, queue = make_user(), make_spam_queue()
    waiting = make_waiting(queue)
    queues.claim(queue, by=reviewer)
    page = visitor.open(f"/items/{waiting.item_id}/", by=reviewer)
    button = page.locator("[data-do=reveal]")
    assert "Reveal all" in button.inner_text()

    page.keyboard.press("r")
    page.locator("[data-do=reveal] .label", has_text="Cover all").wait_for()
    page.keyboard.press("r")
    page.locator("[data-do=reveal] .label", has_text="Reveal all").wait_for()

    page.keyboard.press("2")
    chosen = page.locator("[data-part=clause]:checked").input_value()
    page.keyboard.press("0")
    page.keyboard.type("no such")
    page.keyboard.press("Escape")
    assert page.locator("[data-part=clause]:checked").input_value() == chosen

    page.keyboard.press("q")
    page.get_by_text("Select text in a message first").wait_for()

    page.keyboard.press("d")
    page.get_by_role("heading", name="Ask for a second opinion").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")

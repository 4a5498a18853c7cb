"""Saving and opening a view by the printed keys, and the pages of views as they look."""

import pytest

from tests.factories import make_queue, make_round, make_user
from trust.saved.models import SavedView

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_view_is_saved_and_opened_by_keys_and_reads_well_in_every_dress(visitor):
    lead, queue = make_user(role="lead"), make_queue(name="Health claims")
    make_round(queue=queue)
    page = visitor.open(f"/queues/all/?queue={queue.slug}", by=lead)

    page.keyboard.press("c")
    page.keyboard.type("Health, all")
    page.keyboard.press("Enter")
    page.locator(".tabs a[aria-current]", has_text="Health, all").wait_for()
    assert visitor.faults_in_every_dress(page) == []

    page.goto("/queues/all/")
    page.keyboard.press("1")
    page.wait_for_url(f"**/queues/all/?queue={queue.slug}")

    page.goto("/views/")
    assert visitor.faults_in_every_dress(page) == []

    SavedView.objects.update(query={"queue": "gone", "age": "24"})
    page.get_by_role("link", name="Health, all", exact=True).click()
    page.get_by_text("is not there any more").wait_for()
    assert visitor.faults_in_every_dress(page) == []

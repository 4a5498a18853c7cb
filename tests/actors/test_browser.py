"""The actor pages in a real Chromium."""

import pytest
from django.urls import reverse

from tests.factories import make_actor, make_item, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_parts_that_load_by_themselves_take_no_focus(visitor):
    actor = make_actor()
    make_item()

    page = visitor.open(reverse("actors:detail", args=[actor.pk]), by=make_user(role="lead"))
    page.get_by_role("heading", name="Enforcement").wait_for()
    page.wait_for_load_state("networkidle")

    assert page.evaluate("document.activeElement === document.body")
    assert visitor.faults(page) == []


def test_each_filter_says_what_it_filters(visitor):
    make_actor()

    page = visitor.open(reverse("actors:list"), by=make_user(role="lead"))

    filters = page.get_by_role("form", name="Filter actors")
    assert filters.get_by_text("Standing", exact=True).is_visible()
    assert filters.get_by_text("Kind", exact=True).is_visible()
    assert visitor.faults_in_every_dress(page) == []
